"""Registering a model of the catalog: what is written, conflicts, and failures in the middle."""

from typing import Any

import httpx
import orjson
from model_registry_client.catalogued import CatalogArtifact, CatalogModel
from model_registry_client.from_catalog import registration_of
from model_registry_ui.backend import Answer

from companions.ui.tests.fake_backend import API, CATALOG, FakeBackend, browsing
from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.recorded_catalog import FORM, recorded


def filled(catalog: Any = recorded) -> FakeBackend:
    """A registry without models, next to a catalog."""
    backend = FakeBackend(catalog=catalog)
    backend.entities["registered_models"] = {}
    return backend


async def registered(backend: FakeBackend, **typed: str) -> httpx.Response:
    """The answer to the form, filled in."""
    async with browsing(backend) as client:
        shown = await client.get(FORM)
        assert shown.status_code == 200, shown.text
        form = HtmlForm(shown.text)
        for name, value in {"version-name": "1.0.0", **typed}.items():
            form.fill(name, value)
        return await form.send(client)


def entities(backend: FakeBackend, collection: str) -> list[dict[str, Any]]:
    return list(backend.entities.get(collection, {}).values())


async def test_a_model_a_version_and_its_files_are_written_as_the_client_writes_them() -> None:
    backend = filled()
    answer = await registered(backend, **{"model-owner": "ann", "version-author": "bob"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/ui/versions/2"
    model, version, files = (entities(backend, one)[0] for one in ("registered_models", "model_versions", "artifacts"))
    assert (model["name"], model["owner"], model["provider"]) == ("orchard/pear-01", "ann", 'Orchard "Fruit" Ltd')
    assert (version["name"], version["author"], version["registeredModelId"]) == ("1.0.0", "bob", "1")
    place = "/sources/partner-models/models/orchard/pear-01"
    wire = orjson.loads(recorded(CATALOG + place, {}).body)
    parts = orjson.loads(recorded(f"{CATALOG}{place}/artifacts", {"pageSize": "50"}).body)["items"]
    wanted = registration_of(
        CatalogModel.from_wire(wire), [CatalogArtifact.from_wire(one) for one in parts], version="1.0.0"
    )
    assert files["uri"] == wanted.files["uri"]
    assert {name: files.get(name) for name in ("modelSourceKind", "modelSourceClass", "modelSourceGroup")} == {
        "modelSourceKind": "catalog",
        "modelSourceClass": "partner-models",
        "modelSourceGroup": "orchard",
    }
    assert files["modelSourceName"] == "orchard/pear-01"
    assert files["modelSourceId"] == wanted.files["model_source_id"]


async def test_the_version_shows_a_link_back_to_the_catalog() -> None:
    backend = filled()
    where = (await registered(backend)).headers["location"]
    async with browsing(backend) as client:
        for path in (where, "/ui/artifacts/3"):
            assert (
                'href="/ui/catalog/partner-models/orchard/pear-01">orchard/pear-01</a>' in (await client.get(path)).text
            )


async def test_a_model_that_exists_gets_the_version_and_stays_as_it_is() -> None:
    backend = filled()
    backend.add("registered_models", name="orchard/pear-01", owner="eve")
    assert (await registered(backend, **{"model-owner": "ann"})).status_code == 303
    assert [one["owner"] for one in entities(backend, "registered_models")] == ["eve"]
    assert entities(backend, "model_versions")[0]["registeredModelId"] == "1"


async def test_a_missing_name_is_said_at_its_field_and_nothing_is_written() -> None:
    backend = filled()
    answer = await registered(backend, **{"version-name": " "})
    assert answer.status_code == 422
    assert 'id="field-version-name-error"' in answer.text
    assert entities(backend, "registered_models") == []


async def test_a_version_that_exists_is_a_conflict_at_its_name() -> None:
    backend = filled()
    model = backend.add("registered_models", name="orchard/pear-01")
    version = backend.add("model_versions", name="1.0.0", registeredModelId=model["id"])
    taken = Answer(409, b'{"code": "Conflict", "message": "A version of this name exists."}')
    backend.answers[f"{API}/model_versions"] = taken
    answer = await registered(backend)
    assert answer.status_code == 409
    assert 'id="field-version-name-error"' in answer.text
    assert f'href="/ui/versions/{version["id"]}"' in answer.text


async def test_after_a_failure_in_the_middle_the_rest_is_done_once() -> None:
    backend = filled()
    broken = Answer(503, b'{"code": "Service Unavailable", "message": "The store is away."}')
    backend.answers[f"{API}/model_versions/2/artifacts"] = broken
    answer = await registered(backend)
    assert answer.status_code == 503
    assert "A part is done already" in answer.text
    backend.answers.clear()
    async with browsing(backend) as client:
        again = await HtmlForm(answer.text).send(client)
    assert again.status_code == 303
    assert [len(entities(backend, one)) for one in ("registered_models", "model_versions", "artifacts")] == [1, 1, 1]


async def test_one_of_several_files_is_chosen() -> None:
    def several(path: str, parameters: dict[str, str]) -> Answer:
        if not path.endswith("/artifacts"):
            return recorded(path, parameters)
        items = [{"artifactType": "model-artifact", "uri": f"s3://b/{name}"} for name in ("one", "two")]
        return Answer(200, orjson.dumps({"items": items}))

    backend = filled(several)
    assert (await registered(backend, uri="s3://b/two")).status_code == 303
    assert entities(backend, "artifacts")[0]["uri"] == "s3://b/two"
    answer = await registered(filled(several), uri="s3://b/three")
    assert answer.status_code == 422
    assert "has no files at" in answer.text
