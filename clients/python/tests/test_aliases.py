"""Aliases and ranges in the client and in `mr`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from model_registry_client import AsyncRegistry, Conflict, Forbidden, Invalid, ModelVersion, NotFound, Registry

Unique = Callable[[str], str]


def a_model(registry: Registry, name: str, *versions: str) -> list[ModelVersion]:
    """Creates a model with versions; returns these."""
    model = registry.create_registered_model(name)
    return [registry.create_model_version(model.id, version) for version in versions]


def test_an_alias_is_moved_read_rolled_back_and_removed(registry: Registry, unique: Unique) -> None:
    name = unique("m")
    first, second = a_model(registry, name, "1.0.0", "1.1.0")
    aliases = registry.alias(name)
    made = aliases.set("production", first, reason="first")
    assert (made.name, made.model_version_id, made.serial, made.is_protected) == ("production", first.id, 1, False)
    assert abs(made.moved - datetime.now(UTC)) < timedelta(minutes=5)
    assert aliases.set("production", second, expected=first).serial == 2
    assert aliases.list() == [aliases.get("PRODUCTION")]
    assert aliases.version("production").id == second.id
    moves = list(aliases.history("production"))
    assert [(move.serial, move.from_version_id, move.to_version_id) for move in moves] == [
        (2, first.id, second.id),
        (1, None, first.id),
    ]
    assert aliases.version("production", at=moves[1].time).id in {first.id, second.id}
    assert aliases.rollback("production", reason="incident 7").model_version_id == first.id
    aliases.delete("production", reason="withdrawn")
    with pytest.raises(NotFound):
        aliases.get("production")
    assert [move.kind for move in aliases.history()] == ["delete", "rollback", "set", "set"]
    assert [move.reason for move in aliases.history(actor="anonymous")] == ["withdrawn", "incident 7", "", "first"]


def test_wrong_moves_raise_what_the_server_says(registry: Registry, unique: Unique) -> None:
    name = unique("m")
    first, second = a_model(registry, name, "1.0.0", "1.1.0")
    aliases = registry.alias(registry.get_registered_model(first.registered_model_id or ""))
    aliases.set("production", first, protected=True)
    with pytest.raises(Conflict, match="points to model version"):
        aliases.set("production", second, expected="")
    with pytest.raises(Forbidden, match="force"):
        aliases.set("production", second)
    assert aliases.set("production", second, force=True).is_protected
    with pytest.raises(Invalid, match="cannot be an alias"):
        aliases.set("latest", first)
    with pytest.raises(NotFound, match="No registered model is named"):
        registry.alias(unique("none")).list()


def test_a_range_means_its_highest_version(registry: Registry, unique: Unique) -> None:
    name = unique("m")
    a_model(registry, name, "1.2.0", "1.10.0", "2.0.0")
    assert registry.resolve(name, "^1.2").name == "1.10.0"
    assert registry.resolve(name, "2.0.0").name == "2.0.0"
    with pytest.raises(NotFound):
        registry.resolve(name, "^3")
    with pytest.raises(Invalid):
        registry.resolve(name, "junk")


async def test_tasks_use_aliases_likewise(server_url: str, registry: Registry, unique: Unique) -> None:
    name = unique("m")
    (version,) = a_model(registry, name, "1.0.0")
    async with AsyncRegistry(server_url) as tasks:
        await tasks.alias(name).set("production", version)
        assert (await tasks.resolve(name, "*")).id == version.id
        assert [move.kind async for move in tasks.alias(name).history()] == ["set"]


def test_the_shell_moves_aliases_and_shows_versions_by_them(mr: Any, registry: Registry, unique: Unique) -> None:
    name = unique("m")
    first, second = a_model(registry, name, "1.0.0", "1.1.0")
    mr("alias", "set", name, "production", "1.0.0", "--reason", "first")
    shown = mr("alias", "set", name, "production", "1.1.0", "--expected", "1.0.0", "-o", "json")
    assert f'"{second.id}"' in shown.out
    assert "1.1.0" in mr("alias", "ls", name).out
    assert "1.1.0" in mr("get", "version", f"{name}@production").out
    assert "1.0.0" in mr("get", "version", f"{name}@~1.0.0").out
    time = next(iter(registry.alias(name).history())).time.astimezone().replace(tzinfo=None)
    later = (time + timedelta(seconds=1)).isoformat(timespec="seconds")
    assert "1.1.0" in mr("get", "version", f"{name}@production", "--at", later).out
    mr("alias", "rollback", name, "production", "--reason", "incident 7")
    assert registry.alias(name).version("production").id == first.id
    history = mr("alias", "history", name, "production").out
    assert "incident 7" in history
    assert "rollback" in history
    mr("alias", "rm", name, "production")
    assert registry.alias(name).list() == []
