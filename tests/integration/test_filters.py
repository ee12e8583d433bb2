"""Filters through the API, on every store: numbers of both kinds, names of other languages, custom properties named like fields."""

import uuid
from dataclasses import dataclass

import httpx
import pytest

from tests.support.processes import Proxy

NUMBERS: dict[str, int | float | str] = {
    "one": 1,
    "one point": 1.0,
    "most": 0.95,
    "five": 5,
    "even": 2**53,
    "odd": 2**53 + 1,
    "evenly": 2.0**53,
    "minus": -3,
    "text": "1",
}


@dataclass(frozen=True)
class Filled:
    """A store with one model for each of `NUMBERS`, all with a mark that no other test has."""

    proxy: Proxy
    mark: str

    def found(self, condition: str) -> set[str]:
        """Which of them a condition finds."""
        query = f'({condition}) AND mark = "{self.mark}"'
        answer = httpx.get(self.proxy.api + "/registered_models", params={"filterQuery": query}, timeout=60)
        assert answer.status_code == 200, answer.text
        return {item["description"] for item in answer.json()["items"]}


def _custom(content: float | str) -> dict[str, object]:
    if isinstance(content, str):
        return {"metadataType": "MetadataStringValue", "string_value": content}
    if isinstance(content, int):
        return {"metadataType": "MetadataIntValue", "int_value": str(content)}
    return {"metadataType": "MetadataDoubleValue", "double_value": content}


@pytest.fixture(scope="module")
def filled(any_proxy: Proxy) -> Filled:
    mark = uuid.uuid4().hex
    for label, content in NUMBERS.items():
        properties = {"mark": _custom(mark), "accuracy": _custom(content), "owner": _custom("custom")}
        body = {"name": f"{mark} {label}", "description": label, "owner": "field", "customProperties": properties}
        assert httpx.post(any_proxy.api + "/registered_models", json=body, timeout=60).status_code == 201
    return Filled(any_proxy, mark)


ONES, ALL = {"one", "one point"}, set(NUMBERS)
BIG = {"even", "odd", "evenly"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("accuracy > 0.9", ALL - {"minus", "text"}),
        ("accuracy >= 1.0", ONES | BIG | {"five"}),
        ("accuracy >= 1", ONES | BIG | {"five"}),
        ("accuracy > 4.5", BIG | {"five"}),
        ("accuracy = 1", ONES),
        ("accuracy = 1.0", ONES),
        ("accuracy = 1e0", ONES),
        ("accuracy IN (1.0, 5e0)", ONES | {"five"}),
        ("accuracy NOT IN (1, 5.0)", BIG | {"most", "minus"}),
        ("accuracy != 1.0", BIG | {"most", "minus", "five"}),
        ("NOT accuracy > 0.9", {"minus"}),
        ("accuracy < 0", {"minus"}),
        ("accuracy <= -2.5", {"minus"}),
        ("accuracy = 9007199254740992", {"even", "evenly"}),
        ("accuracy = 9007199254740993", {"odd"}),
        ("accuracy = 9007199254740993.0", {"odd"}),
        ("accuracy > 9007199254740992", {"odd"}),
        ("accuracy.int_value = 1.0", {"one"}),
        ("accuracy.double_value = 1", {"one point"}),
        ("accuracy.double_value > 0.9", {"one point", "most", "evenly"}),
        ("custom_properties.accuracy.double_value > 0.9", {"one point", "most", "evenly"}),
        ("custom_properties.accuracy > 4.5", BIG | {"five"}),
        ("customProperties.accuracy > 4.5", BIG | {"five"}),
        ("metrics.accuracy > 4.5", BIG | {"five"}),
        ("tags.accuracy = '1'", {"text"}),
        ("create_time_since_epoch > 0", ALL),
        ("external_id IS NULL", ALL),
        ("owner = 'field'", ALL),
        ("owner = 'custom'", set()),
        ("owner.string_value = 'custom'", ALL),
        ("custom_properties.owner = 'custom'", ALL),
        ("custom_properties.owner.string_value = 'field'", set()),
        ("properties.owner.string_value = 'field'", ALL),
        ("nosuch = 1 OR other.nosuch = 'x'", set()),
    ],
)
def test_a_condition_finds_what_it_says_on_every_store(filled: Filled, condition: str, expected: set[str]) -> None:
    assert filled.found(condition) == expected


@pytest.mark.parametrize("name", ["registeredModelId", "registered_model_id", "attributes.registered_model_id"])
def test_versions_are_found_by_the_id_of_their_model_in_every_spelling(any_proxy: Proxy, name: str) -> None:
    api, made = any_proxy.api, []
    for body in ({"name": uuid.uuid4().hex}, {"name": uuid.uuid4().hex}):
        model = httpx.post(api + "/registered_models", json=body, timeout=60).json()["id"]
        version = httpx.post(
            api + "/model_versions", json={"name": "v", "registeredModelId": model}, timeout=60
        ).json()["id"]
        made.append((model, version))
    for model, version in made:
        for literal in (model, f"{model}.0", f'"{model}"'):
            answer = httpx.get(api + "/model_versions", params={"filterQuery": f"{name} = {literal}"}, timeout=60)
            assert [item["id"] for item in answer.json()["items"]] == [version], answer.text


def test_what_needs_another_entity_is_refused_with_the_way_to_ask(proxy: Proxy) -> None:
    for path, condition, advice in (
        ("/model_versions", "parent_contexts_a.id = 1", "registeredModelId = 1"),
        ("/experiment_runs", "metrics.loss < 1", "artifactType=metric"),
        ("/artifacts", "params.lr = 1", 'name = "lr" AND value'),
    ):
        answer = httpx.get(proxy.api + path, params={"filterQuery": condition}, timeout=60)
        assert answer.status_code == 400
        assert advice in answer.json()["message"]
