"""The records of the audit log. A record names the fields that changed, never their values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.types import Scope

from model_registry_proxy.contract.routes import Call, Router
from model_registry_proxy.errors import RegistryError
from model_registry_proxy.observability.request_ids import request_id
from model_registry_proxy.registry.changed import Changed
from model_registry_proxy.registry.request import variant
from model_registry_proxy.security.authorization import was_hidden
from model_registry_proxy.security.bound import BOUND
from model_registry_proxy.security.principals import principal_of
from model_registry_proxy.verbs.operations import Answer

MOST_BYTES = 4096
"""The limit of a line: a pipe takes so much in one piece (`PIPE_BUF` on Linux)."""
_MOST_CHARACTERS = 256
_FORWARDED = b"x-forwarded-for"
_KEY, _READS = "audited", "only_reads"
_DENIED: Mapping[int, str] = {401: "unknown", 403: "forbidden", 421: "misdirected"}


@dataclass(slots=True)
class Change:
    """The entity that a request changes, and the names of the fields; `id` and `name` as far as they are known."""

    entity: str
    changed: list[str]
    id: str | None
    name: str | None

    def complete(self, answer: Answer, noted: Sequence[Changed] = ()) -> None:
        """Takes id and name from the answer, or all from what the verb has noted."""
        _, row = answer
        self.id, self.name = row.get("id", self.id), row.get("name", self.name)
        self.take(noted)

    def take(self, noted: Sequence[Changed]) -> None:
        """Takes what the verb has noted first, if there is something: the body has no words of entities then."""
        for entity, id_, name, fields in noted[:1]:
            self.entity, self.id, self.name, self.changed = entity.words, id_, name, list(fields)


def note_change(scope: Scope, call: Call, stored: Mapping[str, Any]) -> Change:
    """Stores in the scope what a checked request changes, for `record`. `stored` are the custom properties before it."""
    body = call.body
    given = body.get("customProperties")
    changed = [field for field in body if field not in ("id", "customProperties")]
    if given is not None:  # it replaces all that there are
        differing = {key for key in {*given, *stored} if given.get(key) != stored.get(key)}
        changed += [f"customProperties.{key}" for key in differing]
    if given == {} and not stored:
        changed.append("customProperties")
    entity = variant(BOUND[call.operation_id].entity, body)
    change = Change(entity.words, sorted(changed), id_in(call), body.get("name"))
    scope.setdefault("state", {})[_KEY] = change
    return change


def note_reading(scope: Scope) -> None:
    """Stores in the scope that a checked request changes nothing, whatever its method is."""
    scope.setdefault("state", {})[_READS] = True


def was_reading(scope: Scope) -> bool:
    """Whether it is known that a request changes nothing."""
    return bool(scope.get("state", {}).get(_READS))


def id_in(call: Call) -> str | None:
    """The id of the entity that a call changes, from its path or its body; `None` for a create."""
    operation = BOUND[call.operation_id]
    return str(call.ids[0]) if call.ids and operation.under is None else call.body.get("id")


def denial(scope: Scope, status: int | None) -> str | None:
    """Why a request was denied: hidden, unknown, forbidden or misdirected; `None` if it was not."""
    return "hidden" if was_hidden(scope) else _DENIED.get(status or 0)


def record(router: Router, scope: Scope, status: int | None) -> bytes:
    """One line of JSON about a request. `status` is `None` if the request had no answer."""
    principal, change = principal_of(scope), scope.get("state", {}).get(_KEY)
    client = scope.get("client")
    forwarded = b", ".join(value for name, value in scope["headers"] if name == _FORWARDED).decode("latin-1")
    content: dict[str, Any] = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "request_id": request_id(scope),
        "user": principal and principal.user,
        "groups": sorted(principal.groups) if principal else [],
        "authentication": principal and principal.way,
        "peer": client[0] if client else None,
        "forwarded_for": forwarded or None,
        "method": scope["method"],
        "path": scope["path"],
        **_operation(router, scope),
        "status": status,
        "denied": denial(scope, status),
    }
    if change:
        content |= {
            "entity": change.entity,
            "id": change.id or content["id"],
            "name": change.name,
            "changed": change.changed,
        }
    return _line(content)


def _operation(router: Router, scope: Scope) -> dict[str, Any]:
    """What the path shows. For a request that was denied before it was checked this is all that is known."""
    shown: dict[str, Any] = {"operation": None, "entity": None, "id": None, "name": None, "under": None, "changed": []}
    try:
        route, ids = router.find(scope["method"], scope["path"], scope.get("raw_path"))
    except RegistryError:
        return shown
    shown["operation"] = route.described.operation_id
    operation = BOUND.get(route.described.operation_id)
    if operation is None:  # of an API that has no entities
        return shown
    shown["entity"] = operation.entity.words
    if ids and operation.under:
        shown["under"] = {"entity": operation.under.words, "id": ids[0][:_MOST_CHARACTERS]}
    elif ids:
        shown["id"] = ids[0]
    return shown


def _line(content: dict[str, Any]) -> bytes:
    """The line of a record, with long values and long lists cut to fit."""
    content = {key: value[:_MOST_CHARACTERS] if isinstance(value, str) else value for key, value in content.items()}
    line = orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)
    for key in ("changed", "groups"):
        values = [value[:_MOST_CHARACTERS] for value in content[key]]
        shown = len(values)
        while len(line) > MOST_BYTES and shown:
            shown //= 2
            content[key] = [*values[:shown], f"and {len(values) - shown} more"]
            line = orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)
    return line
