"""What a transfer knows of the entities is what the server's table of entities says."""

import pytest
from model_registry_client.entities import ENTITIES
from model_registry_client.entity import Entity
from model_registry_client.transfer.contents import MEASURED
from model_registry_client.transfer.parts import PARAMETER
from model_registry_client.transfer.tables import (
    KEPT_WHEN_EMPTY,
    LISTED,
    TIME_OF_A_VALUE,
    own_fields,
    parent_id_of,
    words_of,
)

from converters import entities
from converters.entity import Stored

SET_BY_OTHERS = {Stored.BY_ATTRIBUTION, Stored.OF_PARENT, Stored.COPY_OF_NAME, Stored.COPY_OF_PARENT_NAME}
each_entity = pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.__name__)


def of_the_server(entity: type[Entity]) -> type[entities.Entity]:
    found: type[entities.Entity] = getattr(entities, entity.__name__)
    return found


@each_entity
def test_fields_and_references_are_those_of_the_server(entity: type[Entity]) -> None:
    theirs = of_the_server(entity).fields.values()
    wanted = {field.rest: field.references for field in theirs if field.place not in SET_BY_OTHERS}
    found = own_fields(entity)
    assert {name: of and of_the_server(of) for name, of in found.items()} == wanted


@each_entity
def test_messages_call_it_as_the_server_does(entity: type[Entity]) -> None:
    assert words_of(entity) == of_the_server(entity).words


@each_entity
def test_special_fields_are_those_that_the_server_marks(entity: type[Entity]) -> None:
    fields = of_the_server(entity).fields.values()
    for table, marked in (
        (TIME_OF_A_VALUE, [field.rest for field in fields if field.time_of]),
        (KEPT_WHEN_EMPTY, [field.rest for field in fields if field.place is Stored.KEPT_WHEN_EMPTY]),
    ):
        assert marked == [name for kind, name in [table] if kind is entity]


@each_entity
def test_names_are_unique_below_the_parent_that_the_server_knows(entity: type[Entity]) -> None:
    assert parent_id_of(entity) == of_the_server(entity).parent_id
    assert entity.is_upserted == of_the_server(entity).is_upserted


def test_parents_come_before_their_children() -> None:
    for entity in LISTED:
        above = {of for of in own_fields(entity).values() if of}
        assert all(LISTED.index(of) < LISTED.index(entity) for of in above), entity


def test_a_value_of_a_metric_and_a_parameter_have_their_own_fields() -> None:
    assert {"value", "timestamp", "step"} == MEASURED
    assert {"value", "parameterType"} == PARAMETER
