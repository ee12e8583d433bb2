"""Metrics below a run: the newest value is a `kf.Metric`, and each value ever written a `kf.MetricHistory` row beside it.

Both are written with both links in one `PutLineageSubgraph`, so that neither is ever there without the other. That call has no
compare-and-set, but names are unique: the row is named after the version of the metric that it follows, so that of two proxies
which have read the same version only one can write, and the other reads again.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from converters import names
from converters.companion import kept_as
from converters.entities import ExperimentRun
from converters.entity import Entity
from converters.kinds import JsonObject, Node
from converters.nodes import from_node, to_node
from converters.values import whole_number
from model_registry_proxy.contract import safe_integers
from model_registry_proxy.errors import AlreadyExists, ChangedMeanwhile, StoreError
from model_registry_proxy.registry.known_contexts import Known
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.verbs import conditions
from model_registry_proxy.verbs.create import new_node, put_under, read
from model_registry_proxy.verbs.failed_writes import explain
from model_registry_proxy.verbs.list import list_page
from model_registry_proxy.verbs.namesakes import attached_namesake, note_attached
from model_registry_proxy.verbs.update import changeable
from model_registry_proxy.verbs.walks import walk_for

_TRIES = 20
_HISTORY_MARK = "__"
_PAUSE = 0.01
"""Seconds at most before a value is written again after another proxy was quicker."""


def is_kept(registry: Registry, entity: type[Entity], parent: Known) -> bool:
    """Whether writes of this entity below this parent have a history."""
    return entity.history is not None and registry.entity_of_type(parent.type_id) is ExperimentRun


async def upsert(registry: Registry, entity: type[Entity], body: JsonObject, run: Known) -> JsonObject:
    """Writes a metric and its history row; what `body` leaves out keeps the stored value.

    Raises `NotFound`, `Conflict` (externalId), `BadRequest`, `ChangedMeanwhile` where others wrote it first each time.
    """
    body["name"] = body.get("name") or names.made_up()
    name = names.stored_name(entity, body["name"], run.id)
    id_: int | None
    if body.get("id"):
        id_ = whole_number(body["id"], "id")
        note_attached(registry, run.id)
    else:
        id_ = registry.ids_seen.get(name)
        if id_ and registry.hides and await registry.store.get(entity.kind, id_) is None:
            id_ = None  # somebody else has noted what must not be seen here
        id_ = id_ or await attached_namesake(registry, entity, run, body["name"])
    for _ in range(_TRIES):
        try:
            if id_ is None:
                id_ = await _put(registry, entity, body, run, None)
            else:
                async with registry.alone((entity.kind, id_)):
                    stored = await changeable(registry, entity, id_, body)
                    await _put(registry, entity, body, run, stored)
        except _HistoryClashError:
            await asyncio.sleep(random.uniform(0, _PAUSE))  # noqa: S311 (no secret)
            continue
        except AlreadyExists as error:
            found = None if id_ else await registry.store.find_by_name(entity.kind, entity.stored_as, name)
            if found is None:
                raise await explain(
                    registry, entity, _node(registry, entity, body, run, None)[0], body, error
                ) from None
            id_ = found.id
            continue
        registry.ids_seen.add(name, id_)
        return await read(registry, entity, id_, run.id)
    raise ChangedMeanwhile(f"Too many writes of the metric {body['name']!r} at the same time.")


class _HistoryClashError(Exception):
    """Another proxy has written a value of this metric since it was read, or within the same millisecond before."""


async def _put(registry: Registry, entity: type[Entity], body: JsonObject, run: Known, stored: Node | None) -> int:
    """Puts the metric, new or as a change of what is `stored`, and its history row; answers the metric's id."""
    node, full = _node(registry, entity, body, run, stored)
    number = _number_after(registry, stored) if stored else time.time_ns() // 1_000_000
    row = _history_node(registry, entity, full, run, number)
    try:
        id_, _ = await put_under(registry, run, [node, row])
    except AlreadyExists as error:
        if row.name in error.details:
            _note(registry, stored, number)
            raise _HistoryClashError from None
        raise
    except StoreError as error:
        raise await explain(registry, entity, node, body, error) from None
    _note(registry, stored, number)
    return id_


def _number_after(registry: Registry, stored: Node) -> int:
    """What names the row that follows a version of a metric: its last change in ms since the epoch, and one more.

    Versions of the same millisecond count on, each from the last one that is known to be taken.
    """
    changed, taken = registry.rows_seen.get(stored.id) or (0, 0)
    return (taken if changed == stored.last_update_time_since_epoch else stored.last_update_time_since_epoch) + 1


def _note(registry: Registry, stored: Node | None, number: int) -> None:
    """Notes that the row of this number is there."""
    if stored:
        registry.rows_seen.add(stored.id, (stored.last_update_time_since_epoch, number))


def _node(
    registry: Registry, entity: type[Entity], body: JsonObject, run: Known, stored: Node | None
) -> tuple[Node, JsonObject]:
    """The node to put, and the whole metric that it makes."""
    if stored is None:
        return new_node(registry, entity, body, run), body
    before = from_node(entity, stored)
    full = {**before, **(safe_integers.restored(body, before) if registry.safe_integers else body)}
    full["name"] = names.split(entity, stored.name)[1]
    node = to_node(entity, full, type_id=stored.type_id, name=stored.name, own_name=full["name"])
    node.id = stored.id
    return node, full


def _history_node(registry: Registry, entity: type[Entity], metric: JsonObject, run: Known, number: int) -> Node:
    """A row of the metric's history. An externalId is the metric's alone, being unique among all artifacts."""
    history = entity.history
    assert history  # noqa: S101 (see `is_kept`)
    name = f"{metric['name']}{_HISTORY_MARK}{number}"
    row = {key: value for key, value in metric.items() if key != "externalId"}
    stored_name = names.stored_name(history, name, run.id)
    return to_node(history, row, type_id=registry.type_id(history), name=stored_name, own_name=name)


async def list_history(
    registry: Registry, entity: type[Entity], query: Mapping[str, Any], under: tuple[type[Entity], int] | None
) -> JsonObject:
    """One page of values of metrics, of one run or of all; rows bear the metric's name. Raises as `list_` does."""
    plain = {key: value for key, value in query.items() if key not in ("name", "stepIds")}
    run = under[1] if under else None
    walk = walk_for(registry, (entity,), plain, run)
    wide, tests, question = list(walk.listing.conditions), list(walk.tests), dict(walk.question)
    if name := query.get("name"):
        wide.append(conditions.history_of(run, name, _HISTORY_MARK))
        tests.append(lambda row: row.get("name") == name)
        question["name"] = name
    if steps := step_ids(query.get("stepIds", "")):
        wide.append(f"properties.step.int_value IN ({', '.join(map(str, kept_as(steps)))})")
        tests.append(lambda row: row.get("step") in steps)
        question["stepIds"] = sorted(set(steps))
    listing = replace(walk.listing, conditions=tuple(wide))
    walk = replace(walk, listing=listing, tests=tuple(tests), question=question, shown_as=_as_metric)
    return await list_page(registry, walk, query, under)


def _as_metric(row: JsonObject) -> JsonObject:
    """A history row under the metric's name."""
    name, mark, _ = row.get("name", "").rpartition(_HISTORY_MARK)
    return {**row, "name": name} if mark and name else row


def step_ids(text: str) -> list[int]:
    """The steps in a comma-separated list; blanks and empty parts are tolerated. Raises `RefusedError`."""
    return [whole_number(part.strip(), "stepIds") for part in text.split(",") if part.strip()]
