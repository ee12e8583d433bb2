"""Moves of aliases: to a version, away, and back. Each is stored with its record in one transaction.

The name of the record has the serial of the move. So of several writers that have read the same state, in any process, one can
store its move; the others read again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from converters.entities import ModelVersion, RegisteredModel
from converters.entity import Kind
from converters.extension_entities import ALIASES, Alias, AliasMove
from converters.kinds import JsonObject
from model_registry_proxy.contract.entity_tags import Tags, as_bytes, tag_of
from model_registry_proxy.errors import BadRequest, Conflict, Forbidden, PreconditionFailed
from model_registry_proxy.mlmd.port import AlreadyExists, KnownContext, NotUnique
from model_registry_proxy.mlmd.port import Conflict as LostRaces
from model_registry_proxy.observability.logs import REQUEST
from model_registry_proxy.registry.access import Anonymous, Level
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.aliases.names import check
from model_registry_proxy.verbs.aliases.records import MoveKind, MoveRecord, record_of
from model_registry_proxy.verbs.aliases.states import AliasState, no_such_alias, stored
from model_registry_proxy.verbs.get import get

_TRIES = 8
_ARCHIVED = "ARCHIVED"


@dataclass(frozen=True, slots=True)
class Terms:
    """What must hold for a move, and what is recorded of it.

    `expected`: the id of the version that the alias must point to, 0 for nowhere. `condition`: the entity tags of `If-Match`.
    `is_forced`: moves a protected alias on a server that does not know its users.
    """

    reason: str = ""
    expected: int | None = None
    condition: Tags | None = None
    is_forced: bool = False


NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class _Step:
    """What a move does: its kind, the version that the alias points to then (0: nowhere), and the `top` of the new state.

    `top` 0: the move itself puts the version there. `is_protected`: whether the alias is protected then; `None` for as before.
    """

    kind: MoveKind
    to: int
    top: int = 0
    is_protected: bool | None = None


_Plan = Callable[[AliasState], Awaitable[_Step | None]]
"""Returns what a move does to an alias in this state; `None` for nothing."""


async def set_alias(
    request: Request,
    model_id: int,
    alias: str,
    version_id: int,
    terms: Terms = NO_TERMS,
    *,
    is_protected: bool | None = None,
) -> AliasState:
    """Points an alias to a version, and returns it. Where it points there already, nothing is stored or recorded.

    `is_protected`: whether it is protected from now on; `None` for as before. Raises `NotFound` (model, version), `BadRequest` (the
    name; a version of another model), `Conflict` (broken expectation, archived version), `PreconditionFailed`, `Forbidden`, and
    the store's `Conflict` where others were quicker each time.
    """
    check(alias)
    model = await request.context(RegisteredModel, model_id)
    await request.access.check_change(RegisteredModel, model_id)
    version = await _version_of(request, model_id, version_id)

    async def plan(now: AliasState) -> _Step | None:
        protected = now.is_protected if is_protected is None else is_protected
        if now.version != version_id:
            _check_not_archived(version)
            return _Step(MoveKind.SET, version_id, is_protected=protected)
        if now.is_protected != protected:
            kind = MoveKind.PROTECT if protected else MoveKind.UNPROTECT
            return _Step(kind, version_id, now.top, protected)
        return None

    return await _move(request, model, alias, plan, terms)


async def delete_alias(request: Request, model_id: int, alias: str, terms: Terms = NO_TERMS) -> None:
    """Makes an alias point nowhere; its history stays. Raises `NotFound` where it points nowhere, else as `set_alias`."""

    async def plan(now: AliasState) -> _Step:
        if not now.version:
            raise no_such_alias(model_id, alias)
        return _Step(MoveKind.DELETE, 0, is_protected=False)

    await _move(request, await _model(request, model_id), alias, plan, terms)


async def roll_back(request: Request, model_id: int, alias: str, terms: Terms = NO_TERMS) -> AliasState:
    """Points an alias to where it was before the present version was put there, and returns it.

    A second roll-back goes further back, never forward. Raises `NotFound` for an unknown alias, `Conflict` where it has no former
    version, else as `set_alias`.
    """

    async def plan(now: AliasState) -> _Step:
        if not now.serial:
            raise no_such_alias(model_id, alias)
        to, top = await _former(request, now)
        _check_not_archived(await _version_of(request, model_id, to))
        return _Step(MoveKind.ROLLBACK, to, top)

    return await _move(request, await _model(request, model_id), alias, plan, terms)


async def _former(request: Request, now: AliasState) -> tuple[int, int]:
    """Returns the version to go back to, and the serial of the move that had put it there."""
    record = await record_of(request, now, now.top)
    while record and record.under:
        under = record.under
        record = await record_of(request, now, under)
        if record and record.to not in (0, now.version):
            return record.to, under
    raise Conflict(f"The alias {now.alias} of {RegisteredModel.words} {now.model} has no former version to go back to.")


async def _move(request: Request, model: KnownContext, alias: str, plan: _Plan, terms: Terms) -> AliasState:
    request.access.check_mover(alias)
    for _ in range(_TRIES):
        now = await stored(request, model.id, alias) or AliasState(model.id, alias)
        _check_terms(now, terms)
        step = await plan(now)
        if step is None:
            return now
        _check_protection(request, now, terms)
        after = replace(
            now,
            alias=alias if step.kind is MoveKind.SET else now.alias,
            version=step.to,
            serial=now.serial + 1,
            top=step.top or now.serial + 1,
            is_protected=now.is_protected if step.is_protected is None else step.is_protected,
        )
        try:
            return await _put(request, model, now, after, step, terms)
        except (AlreadyExists, NotUnique):
            continue
    raise LostRaces(f"{model.id}:{alias} was moved by others")


async def _put(
    request: Request, model: KnownContext, now: AliasState, after: AliasState, step: _Step, terms: Terms
) -> AliasState:
    """Stores a move; returns the alias with the time of the move. Raises `AlreadyExists`, `NotUnique` where another was first."""
    await request.registry.make_types(ALIASES)
    record = MoveRecord(
        model=model.id,
        alias=after.alias,
        serial=after.serial,
        kind=step.kind,
        to=after.version,
        former=now.version,
        under=0 if step.top else now.top,
        actor=request.access.identity.user,
        reason=terms.reason,
        request_id=REQUEST.get() or "",
    )
    versions = sorted({now.version, after.version} - {0})
    links = [model, *[await request.context(ModelVersion, version) for version in versions]]
    context, execution = after.node(request.type_id(Alias)), record.node(request.type_id(AliasMove))
    id_ = await request.store.put_recorded(context, execution, links)
    node = await request.registry.store.get(Kind.CONTEXT, id_)
    read = AliasState.of(node) if node else after
    return read if read.serial == after.serial else replace(after, id=id_, moved=read.moved)


async def _model(request: Request, model_id: int) -> KnownContext:
    known = await request.context(RegisteredModel, model_id)
    await request.access.check_change(RegisteredModel, model_id)
    return known


async def _version_of(request: Request, model_id: int, version_id: int) -> JsonObject:
    """Returns a version of the model; raises `NotFound`, or `BadRequest` for a version of another model."""
    row = await get(request, ModelVersion, version_id)
    owner = row.get(ModelVersion.parent_id or "")
    if owner != str(model_id):
        raise BadRequest(
            f"The {ModelVersion.words} {version_id} belongs to {RegisteredModel.words} {owner}, not to {model_id}."
        )
    return row


def _check_not_archived(version: JsonObject) -> None:
    if version.get("state") == _ARCHIVED:
        raise Conflict(
            f"The {ModelVersion.words} {version['name']} (id {version['id']}) is {_ARCHIVED}: no alias can be moved to it. "
            "Set its state to LIVE first."
        )


def _check_terms(now: AliasState, terms: Terms) -> None:
    """Raises `PreconditionFailed`, or `Conflict` with where the alias points."""
    is_there = bool(now.version)
    if terms.condition and not (is_there and terms.condition.match(tag_of(as_bytes(now.shown())))):
        raise PreconditionFailed(
            f"The alias {now.alias} of {RegisteredModel.words} {now.model} is not, or no longer, in the state that If-Match names; "
            "read it again."
        )
    if terms.expected is not None and terms.expected != now.version:
        raise Conflict(
            f"The alias {now.alias} of {RegisteredModel.words} {now.model} points {_place(now.version)}, "
            f"not {_place(terms.expected)} as expected."
        )


def _place(version: int) -> str:
    return f"to {ModelVersion.words} {version}" if version else "nowhere"


def _check_protection(request: Request, now: AliasState, terms: Terms) -> None:
    """Raises `Forbidden` for a protected alias, unless the user is an admin, or insists where users are not known."""
    if not now.is_protected:
        return
    access, about = request.access, f"The alias {now.alias} of {RegisteredModel.words} {now.model} is protected"
    if access.identity.way == Anonymous().way:
        if not terms.is_forced:
            raise Forbidden(f"{about}. Without authentication, a change of it needs force: true.")
    elif access.general < Level.ADMIN:
        raise Forbidden(
            f"{about}: a change of it needs the role {Level.ADMIN}; {access.identity.user} has the role {access.general}."
        )
