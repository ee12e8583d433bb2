"""Aliases: moves, roll-backs and history, on the store in memory."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from converters._generated import metadata_store_pb2 as mlmd
from converters.entities import ModelVersion, RegisteredModel
from converters.entity import Kind
from converters.extension_entities import AliasMove
from model_registry_proxy.errors import BadRequest, Conflict, Forbidden, NotFound
from model_registry_proxy.mlmd.port import Conflict as LostRaces
from model_registry_proxy.mlmd.port import KnownContext
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.aliases.histories import history, version_at
from model_registry_proxy.verbs.aliases.moves import Terms, delete_alias, roll_back, set_alias
from model_registry_proxy.verbs.aliases.states import alias_of, aliases_of
from model_registry_proxy.verbs.create import create
from model_registry_proxy.verbs.update import update
from tests.support.memory_store import MemoryStore
from tests.support.serving import registry_on

Json = dict[str, Any]
UNKNOWN = 9999


@dataclass
class World:
    """A model with four versions, and another model with one."""

    request: Request
    model: int
    versions: list[int]
    foreign: int

    async def set(self, version: int, alias: str = "production", **terms: Any) -> None:
        """Points an alias to one of the versions, by its number from 1."""
        await set_alias(self.request, self.model, alias, self.versions[version - 1], Terms(**terms))

    async def back(self) -> int:
        """Rolls the alias back; returns the number of the version that it points to then."""
        return self.number((await roll_back(self.request, self.model, "production")).version)

    def number(self, version_id: int) -> int:
        """The number of a version, from 1."""
        return self.versions.index(version_id) + 1

    async def moves(self, **query: Any) -> list[Json]:
        """The history, newest first."""
        items: list[Json] = (await history(self.request, self.model, query))["items"]
        return items


async def a_model(request: Request, name: str, versions: int) -> tuple[int, list[int]]:
    """Creates a model with versions."""
    model = int((await create(request, RegisteredModel, {"name": name}))["id"])
    bodies = [{"name": f"{number}.0.0", "registeredModelId": str(model)} for number in range(1, versions + 1)]
    return model, [int((await create(request, ModelVersion, body))["id"]) for body in bodies]


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    registry: Registry = await registry_on(MemoryStore())
    request = Request(registry)
    model, versions = await a_model(request, "churn", 4)
    _, (foreign,) = await a_model(request, "other", 1)
    yield World(request, model, versions, foreign)


async def test_an_alias_points_to_its_version_and_each_move_is_recorded(world: World) -> None:
    await world.set(1, reason="first")
    await world.set(2)
    state = await alias_of(world.request, world.model, "production")
    assert (state.version, state.serial, state.is_protected) == (world.versions[1], 2, False)
    assert [(move["serial"], move["kind"], move["reason"], move["actor"]) for move in await world.moves()] == [
        (2, "set", "", "anonymous"),
        (1, "set", "first", "anonymous"),
    ]
    first, second = map(str, world.versions[:2])
    assert [(move["fromModelVersionId"], move["toModelVersionId"]) for move in await world.moves()] == [
        (first, second),
        ("", first),
    ]


async def test_a_move_to_where_an_alias_is_records_nothing(world: World) -> None:
    await world.set(1)
    await world.set(1)
    assert (await alias_of(world.request, world.model, "production")).serial == 1
    assert len(await world.moves()) == 1


async def test_names_that_differ_in_case_are_one_alias(world: World) -> None:
    await world.set(1, "Production")
    await world.set(2, "PRODUCTION")
    (state,) = await aliases_of(world.request, world.model)
    assert (state.alias, state.serial) == ("PRODUCTION", 2)
    assert (await alias_of(world.request, world.model, "production")) == state
    assert len(await world.moves(alias="pRODUCTION")) == 2


@pytest.mark.parametrize("alias", ["latest", "Latest", "v12", "V1", "7", "", "-a", ".a", "a b", "ä", "a:b", "a" * 101])
async def test_a_name_that_no_alias_may_have_is_refused(world: World, alias: str) -> None:
    with pytest.raises(BadRequest, match="cannot be an alias"):
        await world.set(1, alias)
    assert await aliases_of(world.request, world.model) == []


@pytest.mark.parametrize("alias", ["a", "_", "v1.2", "1.2.0", "v", "latest2", "a" * 100, "Blue-Green_1.x"])
async def test_other_names_are_allowed(world: World, alias: str) -> None:
    await world.set(1, alias)
    assert [state.alias for state in await aliases_of(world.request, world.model)] == [alias]


async def test_an_expectation_that_does_not_hold_says_where_the_alias_points(world: World) -> None:
    with pytest.raises(Conflict, match="points nowhere, not to model version"):
        await world.set(1, expected=world.versions[0])
    await world.set(1, expected=0)
    with pytest.raises(Conflict, match=f"points to model version {world.versions[0]}, not nowhere"):
        await world.set(2, expected=0)
    await world.set(2, expected=world.versions[0])
    assert len(await world.moves()) == 2


async def test_versions_of_other_models_and_unknown_or_archived_ones_are_refused(world: World) -> None:
    with pytest.raises(BadRequest, match="belongs to registered model"):
        await set_alias(world.request, world.model, "production", world.foreign)
    with pytest.raises(NotFound, match="model version"):
        await set_alias(world.request, world.model, "production", UNKNOWN)
    with pytest.raises(NotFound, match="registered model"):
        await set_alias(world.request, UNKNOWN, "production", world.versions[0])
    await update(world.request, ModelVersion, world.versions[0], {"state": "ARCHIVED"})
    with pytest.raises(Conflict, match="ARCHIVED"):
        await world.set(1)
    assert await world.moves() == []


async def test_roll_backs_go_further_back_and_never_forward(world: World) -> None:
    for version in (1, 2, 3, 4):
        await world.set(version)
    assert [await world.back(), await world.back()] == [3, 2]
    await world.set(4)
    assert [await world.back(), await world.back()] == [2, 1]
    with pytest.raises(Conflict, match="no former version"):
        await world.back()
    assert {move["kind"] for move in await world.moves()} == {"set", "rollback"}


async def test_a_roll_back_undoes_a_delete(world: World) -> None:
    await world.set(1)
    await world.set(2)
    await delete_alias(world.request, world.model, "production")
    assert await world.back() == 2
    assert await world.back() == 1


async def test_a_roll_back_does_not_go_to_an_archived_version(world: World) -> None:
    await world.set(1)
    await world.set(2)
    await update(world.request, ModelVersion, world.versions[0], {"state": "ARCHIVED"})
    with pytest.raises(Conflict, match=r"1\.0\.0"):
        await world.back()
    assert (await alias_of(world.request, world.model, "production")).serial == 2


async def test_a_deleted_alias_points_nowhere_and_keeps_its_history(world: World) -> None:
    await world.set(1)
    await delete_alias(world.request, world.model, "Production")
    assert await aliases_of(world.request, world.model) == []
    for ask in (delete_alias, alias_of):
        with pytest.raises(NotFound, match="has no alias"):
            await ask(world.request, world.model, "production")
    assert [move["kind"] for move in await world.moves()] == ["delete", "set"]
    await world.set(1)
    assert (await alias_of(world.request, world.model, "production")).serial == 3


async def test_an_alias_that_never_was_cannot_be_rolled_back_or_deleted(world: World) -> None:
    for ask in (delete_alias, roll_back):
        with pytest.raises(NotFound, match="has no alias staging"):
            await ask(world.request, world.model, "staging")
        with pytest.raises(NotFound, match="registered model"):
            await ask(world.request, UNKNOWN, "staging")


async def test_the_version_at_a_time_is_the_one_of_the_last_move_until_then(world: World) -> None:
    times: list[int] = []
    for version in (1, 2):
        await world.set(version)
        times.append(int((await world.moves())[0]["timeSinceEpoch"]))
        while time.time_ns() // 1_000_000 <= times[-1]:
            pass
    await delete_alias(world.request, world.model, "production")
    deleted = int((await world.moves())[0]["timeSinceEpoch"])

    async def at(moment: int) -> int:
        return world.number(int((await version_at(world.request, world.model, "production", moment))["id"]))

    assert [await at(times[0]), await at(times[1]), await at(deleted - 1)] == [1, 2, 2]
    for moment in (times[0] - 1, deleted, deleted + 10**9):
        with pytest.raises(NotFound, match="nowhere"):
            await at(moment)


async def test_the_version_at_a_time_is_that_of_this_alias_among_similar_names(world: World) -> None:
    await world.set(1, "a_b")
    await world.set(2, "axb")
    await world.set(3, "a_b.c")
    later = int(time.time() * 1000) + 10_000
    assert world.number(int((await version_at(world.request, world.model, "A_B", later))["id"])) == 1


async def test_history_is_paged_and_filtered(world: World) -> None:
    for version in (1, 2, 3):
        await world.set(version)
        await world.set(version, "staging")
    first = await history(world.request, world.model, {"pageSize": 4, "alias": "production"})
    assert [move["serial"] for move in first["items"]] == [3, 2, 1]
    page = await history(world.request, world.model, {"pageSize": 4})
    rest = await history(world.request, world.model, {"pageSize": 4, "nextPageToken": page["nextPageToken"]})
    assert [page["size"], rest["size"], rest["nextPageToken"]] == [4, 2, ""]
    assert [(move["alias"], move["serial"]) for move in page["items"] + rest["items"]] == [
        (alias, serial) for serial in (3, 2, 1) for alias in ("staging", "production")
    ]
    with pytest.raises(BadRequest, match="another question"):
        await history(world.request, world.model, {"alias": "staging", "nextPageToken": page["nextPageToken"]})
    assert len(await world.moves(actor="anonymous")) == 6
    assert await world.moves(actor="ann") == await world.moves(at=1) == []
    with pytest.raises(NotFound):
        await history(world.request, UNKNOWN, {})


async def test_reads_make_no_types(world: World) -> None:
    store: Any = world.request.registry.store
    assert await aliases_of(world.request, world.model) == await world.moves() == []
    with pytest.raises(NotFound):
        await version_at(world.request, world.model, "production", 1)
    assert not [type_.name for type_ in store.types.values() if type_.name.startswith("mr.")]


async def test_a_protected_alias_needs_force_where_users_are_not_known(world: World) -> None:
    await world.set(1)
    await set_alias(world.request, world.model, "production", world.versions[1], is_protected=True)
    for ask in (partial(world.set, 3), world.back, partial(delete_alias, world.request, world.model, "production")):
        with pytest.raises(Forbidden, match="force: true"):
            await ask()
    await world.set(2)
    await world.set(3, is_forced=True)
    assert (await alias_of(world.request, world.model, "production")).is_protected
    version, forced = world.versions[2], Terms(is_forced=True)
    await set_alias(world.request, world.model, "production", version, forced, is_protected=False)
    await world.set(4)
    assert [move["kind"] for move in await world.moves()] == ["set", "unprotect", "set", "set", "set"]
    assert [await world.back(), await world.back()] == [3, 2]


class Racing(MemoryStore):
    """A store where another writer moves the alias just before each of the first moves."""

    def __init__(self, races: int) -> None:
        super().__init__()
        self.races = races

    async def put_recorded(self, context: mlmd.Context, record: mlmd.Execution, links: Sequence[KnownContext]) -> int:
        """See `Store.put_recorded`."""
        if self.races:
            self.races -= 1
            other = mlmd.Execution()
            other.CopyFrom(record)
            other.properties["actor"].string_value = "other"
            await super().put_recorded(context, other, links)
        return await super().put_recorded(context, record, links)


async def test_a_move_reads_again_where_another_was_first(world: World) -> None:
    world.request.registry.store = Racing(0)
    racing: Any = world.request.registry.store
    racing.__dict__.update({**world.request.store.__dict__, "races": 3})  # type: ignore[attr-defined]
    request = Request(world.request.registry)
    state = await set_alias(request, world.model, "production", world.versions[0])
    assert state.version == world.versions[0]
    moves = (await history(request, world.model, {}))["items"]
    assert [move["actor"] for move in moves] == ["other"]


async def test_a_move_that_loses_each_race_is_refused_for_now(world: World) -> None:
    class Taken(MemoryStore):
        async def put_recorded(
            self, context: mlmd.Context, record: mlmd.Execution, links: Sequence[KnownContext]
        ) -> int:
            """Lets another writer take the name first."""
            self.write(record)
            return await super().put_recorded(context, record, links)

    store = Taken()
    registry = await registry_on(store)
    model, versions = await a_model(Request(registry), "churn", 1)
    with pytest.raises(LostRaces) as refused:
        await set_alias(Request(registry), model, "production", versions[0])
    assert (refused.value.status, refused.value.headers["retry-after"]) == (503, "1")
    assert (
        len([node for node in store.nodes[Kind.EXECUTION].values() if node.type_id == registry.type_id(AliasMove)]) == 1
    )
