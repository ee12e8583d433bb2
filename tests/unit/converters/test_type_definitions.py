"""The thirteen types, written without the entities: other servers open the same stores."""

import pytest

from converters._generated import metadata_store_pb2 as mlmd
from converters.entities import ENTITIES
from converters.type_definitions import put_types_request, type_ids
from tests.support.fake_store import FakeStore
from tests.support.go_proxy_types import TYPES


def properties_of(type_: mlmd.ContextType) -> dict[str, str]:
    """The properties of a type, each with the name of its kind of value."""
    return {name: mlmd.PropertyType.Name(kind) for name, kind in type_.properties.items()}


@pytest.mark.parametrize("kind", TYPES)
def test_the_types_are_exactly_these(kind: str) -> None:
    asked = getattr(put_types_request(), f"{kind}_types")
    assert {type_.name: properties_of(type_) for type_ in asked} == TYPES[kind]
    assert not any(type_.HasField(field) for type_ in asked for field in ("version", "description", "external_id"))


def test_there_are_thirteen() -> None:
    assert sum(map(len, TYPES.values())) == len(ENTITIES) == 13


def test_each_kind_has_its_own_ids() -> None:
    store = FakeStore()
    request = put_types_request()
    fields = {field.name: value for field, value in request.ListFields()}
    ids = type_ids(store.ask("PutTypes", **fields))
    assert type_ids(store.ask("PutTypes", **fields)) == ids
    for entity, id_ in ids.items():
        (found,) = getattr(store.ask(f"Get{entity.kind.title()}TypesByID", type_ids=[id_]), f"{entity.kind}_types")
        assert found.name == entity.stored_as


def test_a_store_whose_types_have_fewer_or_more_properties_is_accepted() -> None:
    store = FakeStore()
    store.ask(
        "PutContextType",
        context_type={"name": "kf.RegisteredModel", "properties": {"description": mlmd.STRING, "other": mlmd.INT}},
    )
    ids = type_ids(store.ask("PutTypes", **{field.name: value for field, value in put_types_request().ListFields()}))
    (type_,) = store.ask("GetContextTypesByID", type_ids=[ids[ENTITIES[0]]]).context_types
    assert {"other", *TYPES["context"]["kf.RegisteredModel"]} == set(type_.properties)
