"""The MLMD types are exactly those of the Go proxy. With one more property, it could no longer open the store."""

from pathlib import Path

import pytest

from tests.interop.go_proxy import copy_of_the_store
from tests.support.go_proxy_types import TYPES
from tests.support.mlmd_client import in_file, over_grpc, pb
from tests.support.mlmd_contents import types_of
from tests.support.processes import Proxy


@pytest.mark.parametrize("kind", TYPES)
def test_types_are_exactly_those_of_the_go_proxy(any_proxy: Proxy, kind: str) -> None:
    ours = {name: p for name, p in types_of(over_grpc(any_proxy), kind=kind).items() if name.startswith("kf.")}
    assert ours == TYPES[kind]


@pytest.mark.parametrize("kind", TYPES)
def test_the_list_of_types_is_what_the_go_proxy_wrote(tmp_path: Path, kind: str) -> None:
    assert types_of(in_file(copy_of_the_store(tmp_path)), kind=kind) == TYPES[kind]


def test_types_have_nothing_beyond_names_and_properties(any_proxy: Proxy) -> None:
    store = over_grpc(any_proxy)
    for kind, types in TYPES.items():
        for name in types:
            type_ = getattr(store, f"get_{kind}_type")(name)
            assert {field.name for field, _ in type_.ListFields()} == {"id", "name", "properties"}


def test_the_go_proxy_can_start_on_our_store(any_proxy: Proxy) -> None:
    """The Go proxy puts each type separately. It may add properties but not omit any, so MLMD would refuse a type with more."""
    store = over_grpc(any_proxy)
    messages = {"context": pb.ContextType, "artifact": pb.ArtifactType, "execution": pb.ExecutionType}
    for kind, types in TYPES.items():
        for name, properties in types.items():
            message = messages[kind](name=name)
            for property_name, property_type in properties.items():
                message.properties[property_name] = pb.PropertyType.Value(property_type)
            before = getattr(store, f"get_{kind}_type")(name)
            id_ = getattr(store, f"put_{kind}_type")(message, can_add_fields=True, can_omit_fields=False)
            assert id_ == before.id
            assert getattr(store, f"get_{kind}_type")(name) == before
