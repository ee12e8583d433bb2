"""Stored names: prefixes, where they end, and how long they may be."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters import names
from converters.entities import ENTITIES, DocArtifact, ModelVersion, RegisteredModel, ServeModel, ServingEnvironment
from converters.entity import Entity
from converters.errors import RefusedError

UUID4 = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=50)


@given(NAMES, st.integers(1, 2**63 - 1), st.sampled_from(ENTITIES))
def test_a_name_is_read_as_it_was_written(name: str, owner: int, entity: type[Entity]) -> None:
    stored = names.stored_name(entity, name, owner)
    assert names.split(entity, stored) == (str(owner) if entity.is_owned() else None, name)


@pytest.mark.parametrize(
    ("entity", "stored", "expected"),
    [
        (ModelVersion, "7:v1", ("7", "v1")),
        (ModelVersion, "7:a:b", ("7", "a:b")),
        (ModelVersion, "7:", ("7", "")),
        (ModelVersion, "7::", ("7", ":")),
        (ModelVersion, "made by others", (None, "made by others")),
        (ServeModel, "7:a", ("7", "a")),
        (RegisteredModel, "a:b", (None, "a:b")),
        (ServingEnvironment, "a:b", (None, "a:b")),
    ],
)
def test_a_stored_name_is_cut_at_the_first_colon_if_it_is_owned(
    entity: type[Entity], stored: str, expected: tuple[str | None, str]
) -> None:
    assert names.split(entity, stored) == expected


def test_an_entity_without_a_name_gets_a_uuid() -> None:
    assert re.fullmatch(f"7:{UUID4}", names.stored_name(ServeModel, None, 7))
    assert re.fullmatch(f"7:{UUID4}", names.stored_name(ServeModel, "", 7))
    assert names.made_up() != names.made_up()


def test_a_standalone_artifact_has_a_uuid_for_an_owner() -> None:
    assert re.fullmatch(f"{UUID4}:readme", names.stored_name(DocArtifact, "readme", None))
    assert re.fullmatch(f"{UUID4}:{UUID4}", names.stored_name(DocArtifact, None, None))


@pytest.mark.parametrize(
    ("entity", "owner", "room"), [(RegisteredModel, None, 255), (ModelVersion, 1, 253), (ModelVersion, 10**18, 235)]
)
@pytest.mark.parametrize(("letter", "size"), [("a", 1), ("é", 2), ("語", 3), ("🦜", 4)])
def test_the_limit_counts_bytes_and_the_prefix(
    entity: type[Entity], owner: int | None, room: int, letter: str, size: int
) -> None:
    fitting = letter * (room // size) + "a" * (room % size)
    assert names.stored_name(entity, fitting, owner).endswith(fitting)
    with pytest.raises(
        RefusedError, match=rf"^name is too long: the store keeps 255 bytes of UTF-8.*; got {room + 1}\.$"
    ):
        names.stored_name(entity, fitting + "a", owner)


def test_the_error_for_a_long_name_says_how_many_bytes_its_prefix_takes() -> None:
    with pytest.raises(RefusedError, match="255 bytes of UTF-8, 3 of them for its prefix in the store; got 253"):
        names.stored_name(ModelVersion, "a" * 253, 42)


def test_other_texts_have_limits_of_their_own() -> None:
    names.check_length("uri", "a" * 400, limit=400)
    with pytest.raises(RefusedError, match=r"^uri is too long: the store keeps 400 bytes of UTF-8; got 401"):
        names.check_length("uri", "a" * 401, limit=400)
