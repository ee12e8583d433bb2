"""Facets: the values that rows of a list have, with counts, for filters and completion."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from converters.entities import ENTITIES
from converters.entity import Stored
from model_registry_proxy.registry.registry import Limits
from tests.support.asking import ask, refusal, send
from tests.support.guarded import a_world, guarding
from tests.support.serving import serving

KINDS = (
    "registered_models",
    "model_versions",
    "artifacts",
    "serving_environments",
    "inference_services",
    "experiments",
    "experiment_runs",
)


def text(value: str) -> dict[str, str]:
    """A custom property with a text."""
    return {"metadataType": "MetadataStringValue", "string_value": value}


def values_of(facets: dict[str, Any], field: str) -> dict[str, int]:
    """The values of a field with their counts, in the order of the answer."""
    (found,) = (each for each in facets["fields"] if each["name"] == field)
    return {each["value"]: each["count"] for each in found["values"]}


async def test_fields_and_custom_properties_are_counted_most_frequent_first() -> None:
    async with serving() as served:
        for name, owner, tasks, properties in (
            ("a", "ann", ["x", "y"], {"team": text("t"), "gold": text("")}),
            ("b", "bob", ["x"], {"team": {"metadataType": "MetadataIntValue", "int_value": "1"}}),
            ("c", "bob", [], {"team": text("u")}),
        ):
            await served.make("/registered_models", name=name, owner=owner, tasks=tasks, customProperties=properties)
        await served.make("/registered_models", name="d")
        found = await ask(served.client, "/facets/registered_models")
        assert (found["count"], found["isComplete"]) == (4, True)
        assert list(values_of(found, "owner").items()) == [("bob", 2), ("ann", 1)]
        assert list(values_of(found, "tasks").items()) == [("x", 2), ("y", 1)]
        assert values_of(found, "state") == {"LIVE": 4}
        assert values_of(found, "provider") == {}
        assert found["customProperties"] == {
            "distinct": 2,
            "properties": [
                {
                    "name": "team",
                    "count": 3,
                    "emptyTexts": 0,
                    "kinds": [
                        {"metadataType": "MetadataStringValue", "count": 2},
                        {"metadataType": "MetadataIntValue", "count": 1},
                    ],
                },
                {
                    "name": "gold",
                    "count": 1,
                    "emptyTexts": 1,
                    "kinds": [{"metadataType": "MetadataStringValue", "count": 1}],
                },
            ],
        }


async def test_a_filter_chooses_the_rows_that_count() -> None:
    async with serving() as served:
        for name, owner in (("a1", "ann"), ("a2", "bob"), ("b1", "eve")):
            await served.make("/registered_models", name=name, owner=owner)
        found = await ask(served.client, "/facets/registered_models", filterQuery='name LIKE "a%"')
        assert (found["count"], values_of(found, "owner")) == (2, {"ann": 1, "bob": 1})
        status, message = await refusal(served.client, "/facets/registered_models", filterQuery="name =")
        assert status == 400
        assert message.startswith("filterQuery")


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_list_has_facets(kind: str, tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        await a_world(guarded.served, "open")
        found = await ask(guarded.served.client, f"/facets/{kind}")
        listed = (await guarded.served.client.get(f"/{kind}")).json()
        assert found["count"] == listed["size"] > 0


async def test_artifacts_have_their_kinds_and_can_be_restricted_to_one() -> None:
    async with serving() as served:
        for kind in ("model-artifact", "doc-artifact", "doc-artifact"):
            await served.make("/artifacts", artifactType=kind)
        found = await ask(served.client, "/facets/artifacts")
        assert list(values_of(found, "artifactType").items()) == [("doc-artifact", 2), ("model-artifact", 1)]
        only = await ask(served.client, "/facets/artifacts", artifactType="model-artifact")
        assert only["count"] == 1
        assert "artifactType" not in {each["name"] for each in only["fields"]}
        assert (await refusal(served.client, "/facets/artifacts", artifactType="picture"))[0] == 400


async def test_beyond_the_scan_limit_the_newest_rows_count_and_the_answer_says_so() -> None:
    async with serving(limits=Limits(scan=100)) as served:
        for number in range(150):
            await served.make("/registered_models", name=f"m{number}", owner=f"owner {number:03}")
        found = await ask(served.client, "/facets/registered_models")
        assert (found["count"], found["isComplete"]) == (100, False)
        assert set(values_of(found, "owner")) == {f"owner {number:03}" for number in range(50, 150)}


async def test_an_answer_has_a_thousand_values_at_most_and_says_how_many_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("model_registry_proxy.verbs.facets._MOST_VALUES", 2)
    async with serving() as served:
        for number in range(3):
            await served.make(
                "/registered_models", name=f"m{number}", owner=str(number), customProperties={f"p{number}": text("x")}
            )
        found = await ask(served.client, "/facets/registered_models")
        assert values_of(found, "owner") == {"0": 1, "1": 1}
        assert next(each for each in found["fields"] if each["name"] == "owner")["distinct"] == 3
        assert found["customProperties"]["distinct"] == 3
        assert len(found["customProperties"]["properties"]) == 2


@pytest.mark.parametrize("kind", KINDS)
async def test_nothing_of_hidden_models_is_counted(kind: str, tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        served = guarded.served
        await a_world(served, "open")
        before = await ask(guarded.by("outsider"), f"/facets/{kind}")
        secret = await a_world(served, "secret")
        hidden = {"owner": "hush", "customProperties": {"hush": text("hush")}}
        await served.client.patch(f"/registered_models/{secret['model']}", json=hidden)
        await served.client.patch(f"/model_versions/{secret['version']}", json={"author": "hush"})
        after = await ask(guarded.by("outsider"), f"/facets/{kind}")
        assert "hush" not in str(after)
        if kind in ("registered_models", "model_versions", "inference_services"):
            assert after == before
        assert (await ask(guarded.by("changer"), f"/facets/{kind}"))["count"] > before["count"]


async def test_equal_questions_of_users_with_other_rights_do_not_share_an_answer(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        await guarded.served.make("/registered_models", name="secret", owner="hush")
        gate = guarded.served.store.hold("list_nodes")

        both = asyncio.gather(
            *(send(guarded.by(user), "/facets/registered_models") for user in ("changer", "outsider"))
        )
        gate.open()
        changer, outsider = await both
        assert (changer.json()["count"], outsider.json()["count"]) == (1, 0)


def test_only_texts_that_the_entity_itself_keeps_are_facets() -> None:
    for entity in ENTITIES:
        for field in entity.fields.values():
            if field.is_facet:
                assert field.type in (str, list[str])
                assert field.place in (Stored.PROPERTY, Stored.COLUMN)
