"""What GET /models finds for `q`, and in which order, in each version."""

import json
from typing import Any

import pytest

from model_catalog.entries import AssetType
from model_catalog.operations.operations import answer
from model_registry_proxy.contract.routes import Call
from tests.unit.model_catalog.index.made import catalog_of, model

FLEET = catalog_of(
    {
        "a": [
            model("a/other", description="as good as granite"),
            model("b/card", readme="Made of granite."),
            model("z/granite"),
        ]
    },
    AssetType.MODELS,
)


def found(version: str, **query: Any) -> list[str]:
    _, body = answer(FLEET, Call("findModels", (), query, None), version)
    return [item["name"] for item in json.loads(body)["items"]]


@pytest.mark.parametrize(
    ("version", "query", "expected"),
    [
        ("v1", {}, ["z/granite", "a/other", "b/card"]),
        ("v1", {"orderBy": "NAME"}, ["a/other", "b/card", "z/granite"]),
        ("v1", {"sortOrder": "DESC"}, ["z/granite", "b/card", "a/other"]),
        ("v1alpha1", {}, ["a/other", "z/granite"]),
        ("v1alpha1", {"orderBy": "NAME"}, ["a/other", "z/granite"]),
        ("v1alpha1", {"orderBy": "RELEVANCE"}, ["z/granite", "a/other", "b/card"]),
    ],
)
def test_a_search_looks_into_readmes_and_has_the_best_first_where_clients_expect_it(
    version: str, query: dict[str, str], expected: list[str]
) -> None:
    assert found(version, q="Granite", **query) == expected


def test_a_blank_search_is_none() -> None:
    assert found("v1", q=" ") == found("v1") == ["a/other", "b/card", "z/granite"]
