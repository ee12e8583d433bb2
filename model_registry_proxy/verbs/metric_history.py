"""Metrics below a run: the newest value is a `kf.Metric`, and each value ever written is a `kf.MetricHistory` row.

Both are written with both links in one transaction, so that neither is ever there without the other. That write has no
compare-and-set, but names are unique: the row is named after the version of the metric that it follows, so that of two proxies
which have read the same version only one can write, and the other reads again.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from converters import names
from converters.entity import Entity
from converters.idempotency import mark
from converters.kinds import JsonObject, Node
from converters.nodes import from_node, to_node
from converters.whole_numbers import whole_number
from model_registry_proxy.contract import safe_integers
from model_registry_proxy.errors import StoreError
from model_registry_proxy.mlmd.listing import NameIs, NumberIn
from model_registry_proxy.mlmd.port import AlreadyExists, Conflict, KnownContext
from model_registry_proxy.registry.conflicts import until_no_conflict
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.create import new_node, read
from model_registry_proxy.verbs.failed_writes import explain
from model_registry_proxy.verbs.list import list_page
from model_registry_proxy.verbs.namesakes import attached_namesake, note_attached
from model_registry_proxy.verbs.replays import is_replay, made_up
from model_registry_proxy.verbs.scans import Scan, scan_for
from model_registry_proxy.verbs.update import changeable


def is_kept(request: Request, entity: type[Entity], parent: KnownContext) -> bool:
    """Returns whether writes of this entity below this parent have a history."""
    owner = request.entity_of_type(parent.type_id)
    return entity.history is not None and owner is not None and entity in owner.attributed


async def upsert(request: Request, entity: type[Entity], body: JsonObject, run: KnownContext) -> JsonObject:
    """Writes a metric and its history row; fields that `body` leaves out keep the stored value.

    Raises `NotFound`, `Conflict` (externalId), `BadRequest`, and the store's `Conflict` where others wrote it first each time.
    """
    body["name"] = body.get("name") or made_up(request, "name")
    name = names.stored_name(entity, body["name"], run.id)
    id_ = await _known_id(request, entity, body, run, name)

    async def attempt() -> int:
        nonlocal id_
        try:
            if id_ is None:
                return await _put(request, entity, body, run, None)
            async with request.registry.locks.exclusive((entity.kind, id_)):
                stored = await changeable(request, entity, id_, body)
                if is_replay(request, entity, stored):
                    return id_
                return await _put(request, entity, body, run, stored)
        except AlreadyExists as error:
            found = None if id_ else await request.store.find_by_name(entity.kind, entity.stored_as, name)
            if found is None:
                node, _ = _node(request, entity, body, run, None)
                raise await explain(request, entity, node, body, error) from None
            id_ = found.id
        return await attempt()

    written = await until_no_conflict(attempt)
    request.memories.metric_ids[name] = written
    return await read(request, entity, written, run.id)


async def _known_id(
    request: Request, entity: type[Entity], body: JsonObject, run: KnownContext, name: str
) -> int | None:
    """Returns the id of the metric that `body` is about; `None` for one that is probably new."""
    if body.get("id"):
        note_attached(request, run.id)
        return whole_number(body["id"], "id")
    id_ = request.memories.metric_ids.get(name)
    if id_ and not request.access.sees_all and await request.store.get(entity.kind, id_) is None:
        id_ = None  # another user has written one that this user may not see
    return id_ or await attached_namesake(request, entity, run, body["name"])


async def _put(request: Request, entity: type[Entity], body: JsonObject, run: KnownContext, stored: Node | None) -> int:
    """Puts the metric, new or as a change of `stored`, and its history row; returns the metric's id.

    Raises `Conflict` where another proxy has written a value of this metric since it was read, or in the same millisecond.
    """
    node, full = _node(request, entity, body, run, stored)
    number = _number_after(request, stored) if stored else time.time_ns() // 1_000_000
    row = _history_node(request, entity, full, run, number)
    try:
        id_, _ = await request.store.put_below(run, [node, row])
    except AlreadyExists as error:
        if error.is_about(row.name):
            _note(request, stored, number)
            raise Conflict(f"Too many writes of the metric {body['name']!r} at the same time.") from None
        raise
    except StoreError as error:
        raise await explain(request, entity, node, body, error) from None
    _note(request, stored, number)
    return id_


def _number_after(request: Request, stored: Node) -> int:
    """Returns the number in the name of the row that follows a version of a metric: its last change in ms, and one more.

    Versions of the same millisecond count on from the last number that is known to be taken.
    """
    changed, taken = request.memories.history_rows.get(stored.id) or (0, 0)
    return (taken if changed == stored.last_update_time_since_epoch else stored.last_update_time_since_epoch) + 1


def _note(request: Request, stored: Node | None, number: int) -> None:
    """Notes that the row of this number is there."""
    if stored:
        request.memories.history_rows[stored.id] = (stored.last_update_time_since_epoch, number)


def _node(
    request: Request, entity: type[Entity], body: JsonObject, run: KnownContext, stored: Node | None
) -> tuple[Node, JsonObject]:
    """Returns the node to put, and the whole metric that it makes."""
    if stored is None:
        return new_node(request, entity, body, run), body
    before = from_node(entity, stored)
    full = {**before, **(safe_integers.restored(body, before) if request.registry.safe_integers else body)}
    full["name"] = names.split(entity, stored.name)[1]
    node = to_node(entity, full, type_id=stored.type_id, name=stored.name, own_name=full["name"])
    node.id = stored.id
    mark(node, request.attempt, stored)
    return node, full


def _history_node(request: Request, entity: type[Entity], metric: JsonObject, run: KnownContext, number: int) -> Node:
    """Returns a row of the metric's history. Only the metric has the externalId, which is unique among all artifacts."""
    history = entity.history
    assert history  # noqa: S101 (see `is_kept`)
    name = f"{metric['name']}{history.suffix_mark}{number}"
    row = {key: value for key, value in metric.items() if key != "externalId"}
    stored_name = names.stored_name(history, name, run.id)
    return to_node(history, row, type_id=request.type_id(history), name=stored_name, own_name=name)


async def list_history(
    request: Request, entity: type[Entity], query: Mapping[str, Any], under: tuple[type[Entity], int] | None
) -> JsonObject:
    """Returns one page of values of metrics, of one run or of all; rows have the metric's name. Raises as `list_` does."""
    return await list_page(request, history_scan(request, entity, query, under[1] if under else None), query, under)


def history_scan(request: Request, entity: type[Entity], query: Mapping[str, Any], run: int | None) -> Scan:
    """Returns the scan of values of metrics, of one run or of all, that a query needs. Raises `FilterError`, `RefusedError`."""
    plain = {key: value for key, value in query.items() if key not in ("name", "stepIds")}
    scan = scan_for(request, (entity,), plain, run)
    criteria, tests, question = list(scan.listing.criteria), list(scan.tests), dict(scan.question)
    if name := query.get("name"):
        criteria.append(NameIs(name, str(run), any_prefix=run is None, suffix=entity.suffix_mark or ""))
        tests.append(lambda row: row.get("name") == name)
        question["name"] = name
    if steps := step_ids(query.get("stepIds", "")):
        criteria.append(NumberIn("step", tuple(steps)))
        tests.append(lambda row: row.get("step") in steps)
        question["stepIds"] = sorted(set(steps))
    return replace(
        scan,
        listing=replace(scan.listing, criteria=tuple(criteria)),
        tests=tuple(tests),
        question=question,
        shown_as=partial(_as_metric, entity.suffix_mark or ""),
    )


def _as_metric(suffix_mark: str, row: JsonObject) -> JsonObject:
    """Returns a history row under the metric's name."""
    name, mark, _ = row.get("name", "").rpartition(suffix_mark)
    return {**row, "name": name} if mark and name else row


def step_ids(text: str) -> list[int]:
    """Returns the steps in a comma-separated list; blanks and empty parts are tolerated. Raises `RefusedError`."""
    return [whole_number(part.strip(), "stepIds") for part in text.split(",") if part.strip()]
