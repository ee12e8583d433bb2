"""Names of metrics, properties and steps, and reasons of moves of aliases never become a part of a page."""

from urllib.parse import urlencode

import pytest
from model_registry_client.custom_properties import to_wire

from companions.ui.tests.registry import registry
from companions.ui.tests.unit.test_hostile_text import CORPUS, Elements
from tests.support.serving import EXTENSIONS


async def pages(text: str) -> list[Elements]:
    """The pages of a registry that has this text in all these places."""
    async with registry() as made:
        model = (await made.make("/registered_models", name="m"))["id"]
        for number in range(2):
            fields = {
                "name": f"1.{number}",
                "registeredModelId": model,
                "customProperties": to_wire({text: number + 0.5}),
            }
            version = (await made.make("/model_versions", **fields))["id"]
        move = {"modelVersionId": version, "reason": text}
        address = f"{EXTENSIONS}/registered_models/{model}/aliases/champion"
        (await made.served.client.put(address, json=move)).raise_for_status()
        experiment = (await made.make("/experiments", name="x"))["id"]
        run = (await made.make("/experiment_runs", name="r", experimentId=experiment))["id"]
        for step in range(3):
            metric = {"artifactType": "metric", "name": text, "value": step, "step": step, "timestamp": "1767225600000"}
            await made.make(f"/experiment_runs/{run}/artifacts", **metric)
        data = (await made.make("/artifacts", artifactType="dataset-artifact", name=text))["id"]
        files = (await made.make(f"/model_versions/{version}/artifacts", artifactType="model-artifact", name="f"))["id"]
        step_of = {"kind": text[:60], "name": text, "inputArtifactIds": [data], "outputArtifactIds": [files]}
        await made.make(f"{EXTENSIONS}/lineage/steps", **step_of)
        return [
            Elements(await made.page(path))
            for path in (
                f"/ui/models/{model}/aliases",
                f"/ui/models/{model}/versions",
                f"/ui/models/{model}/versions?{urlencode({'chart': text})}",
                f"/ui/models/{model}/aliases/move?{urlencode({'alias': text})}",
                f"/ui/versions/{version}/lineage",
                f"/ui/runs/{run}",
                f"/ui/runs/{run}/curves?{urlencode({'metric': text})}",
                f"/ui/experiments/{experiment}?chart=parallel",
            )
        ]


@pytest.mark.parametrize("hostile", [text.replace("\0", "") for text in CORPUS])
async def test_names_and_reasons_add_no_element_and_no_attribute(hostile: str) -> None:
    plain, attacked = await pages("plain"), await pages(hostile)
    for usual, found in zip(plain, attacked, strict=True):
        assert not found.tags() - usual.tags()
        assert found.attributes() <= usual.attributes() | {"rel", "title", "data-copy"}
        assert not [name for name in found.attributes() if name.startswith("on") or name == "style"]
        assert all(link.startswith(("/ui/", "#", "?")) for link in found.links)
