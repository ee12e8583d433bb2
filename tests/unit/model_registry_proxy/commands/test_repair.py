"""A child whose request may still run is left to that request, and is found in the same run if the request has ended."""

import pytest

from converters._generated.metadata_store_pb2 import Artifact, Context
from converters.entities import ModelVersion
from converters.entity import Kind
from model_registry_proxy.commands import repair
from tests.support.serving import Served, serving


async def with_two_unlinked(served: Served) -> tuple[int, list[int]]:
    """The id of a model, and those of two versions that were put and not linked."""
    model = int((await served.make("/registered_models", name="m"))["id"])
    await served.make("/model_versions", name="v", registeredModelId=str(model))
    type_id = served.registry.type_id(ModelVersion)
    nodes = [Context(type_id=type_id, name=f"{model}:{name}") for name in ("left", "made")]
    return model, [served.store.write(node) for node in nodes]


@pytest.mark.parametrize("is_dry", [False, True])
async def test_a_child_that_may_be_in_the_making_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch, *, is_dry: bool
) -> None:
    async with serving() as served:
        model, (left, made) = await with_two_unlinked(served)
        waits = []

        async def others_go_on(seconds: float) -> None:
            waits.append(seconds)
            await served.store.link(made, model)

        monkeypatch.setattr(repair, "sleep", others_go_on)
        found = [finding async for finding in repair.repair(served.registry, is_dry=is_dry)]
        assert [(finding.id, finding.mended) for finding in found] == [(left, not is_dry)]
        assert [0 < seconds <= (1 if is_dry else 35) for seconds in waits] == [True]
        assert await served.registry.store.owners(Kind.CONTEXT, left) == ([] if is_dry else [model])


async def test_a_run_does_not_wait_where_no_request_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as served:
        _, ids = await with_two_unlinked(served)
        monkeypatch.setattr(repair, "_IN_PROGRESS_MS", -1000)
        monkeypatch.setattr(repair, "sleep", None)
        found = [finding async for finding in repair.repair(served.registry, is_dry=False)]
        assert [(finding.id, finding.mended) for finding in found] == [(id_, True) for id_ in ids]


async def test_a_metric_has_a_history_once_that_is_linked() -> None:
    async with serving() as served:
        experiment = (await served.make("/experiments", name="e"))["id"]
        runs = [(await served.make("/experiment_runs", name=name, experimentId=experiment))["id"] for name in "rs"]
        await served.make(f"/experiment_runs/{runs[0]}/artifacts", artifactType="metric", name="loss", value=1.0)
        for node in list(served.store.nodes[Kind.ARTIFACT].values()):
            name = f"{runs[1]}:{node.name.partition(':')[2]}"
            served.store.write(Artifact(type_id=node.type_id, name=name, properties=node.properties))
        found = [finding async for finding in repair.repair(served.registry, is_dry=False)]
        assert [(finding.problem, finding.mended) for finding in found] == [
            (f"the link to its parent {runs[1]} was missing", True)
        ] * 2
