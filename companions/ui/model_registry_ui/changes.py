"""The changes of an entity, with their users, as the audit records of the server show them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.forms.declared import ARTIFACTS, AUTHOR, MODEL, VERSION
from model_registry_ui.page_request import PageRequest
from model_registry_ui.rendering import as_moment

AUDIT = "/audit"
MOST = 50
NOT_THERE = (
    "This server does not show audit records. A Model Registry Proxy that is started with --audit-log FILE (MR_AUDIT_LOG) keeps "
    "and shows them."
)
_NOT_FOUND = 404
_PROPERTIES = "customProperties"
_FILTERS = ("user", "field", "after")
_WORDS = re.compile("(?<=[a-z])(?=[A-Z])")
_CUT = re.compile("and [0-9]+ more")
_TITLES: Mapping[str, str] = {
    **{field.name: field.title for field in (*MODEL, *VERSION, AUTHOR)},
    **{field.name: field.title for fields in ARTIFACTS.values() for field in fields},
    _PROPERTIES: "Properties",
    "desiredState": "Meant",
    "modelVersionId": "Version",
    "registeredModelId": "Model",
    "servingEnvironmentId": "Environment",
    "experimentId": "Experiment",
    "startTimeSinceEpoch": "Start",
    "endTimeSinceEpoch": "End",
    "artifactType": "Kind",
}
"""The fields as pages name them, where that is not the name itself."""
CHOICES: Mapping[str, Sequence[str]] = {
    "registered_model": ("name", "description", "owner", "state", "readme", "maturity", "license", _PROPERTIES),
    "model_version": ("name", "description", "author", "state", _PROPERTIES),
    "experiment_run": ("name", "description", "owner", "state", "status", "endTimeSinceEpoch", _PROPERTIES),
    "inference_service": ("name", "description", "desiredState", "modelVersionId", "runtime", _PROPERTIES),
}
"""The fields that are offered as filters, by the kind of entity."""
_ALIAS = "alias."
"""Stands in front of the name of an alias that a client of MLflow has moved."""
_ALIAS_MOVES: Mapping[str, str] = {
    "setAlias": "moved an alias",
    "deleteAlias": "removed an alias",
    "rollBackAlias": "rolled an alias back",
    "mlflowSetRegisteredModelAlias": "moved the alias",
    "mlflowDeleteRegisteredModelAlias": "removed the alias",
}
"""What operations of aliases do. Their fields say nothing of the model; the page of its aliases says more."""
_READS = {"GET", "HEAD"}
_OUTCOMES: Mapping[str, str] = {
    "failed": "Failed",
    "denied": "Denied",
    "unanswered": "Not answered: it may have been made",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a request would change. `url` is the page with only the changes of this field."""

    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A request that changed an entity, or tried to.

    Attributes:
        at: The time.
        user: The user; empty where none was known.
        user_url: The page with only the changes of this user.
        words: What the request did.
        fields: The fields that it had.
        outcome: How it ended, if not well, with the HTTP status.
        request_id: The id that the server's log has.
        peer: The address of the connection, where the user of the page may know it.
    """

    at: datetime | None
    user: str
    user_url: str
    words: str
    fields: Sequence[Field]
    outcome: str
    request_id: str
    peer: str


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of changes. `reason`: a sentence where there are none to show. `problem`: why they could not be read."""

    rows: Sequence[Change] = ()
    user: str = ""
    field: str = ""
    choices: Sequence[tuple[str, str]] = ()
    is_first: bool = True
    first_url: str = ""
    next_url: str = ""
    reason: str = ""
    problem: str = ""


async def changes(page: PageRequest, kind: str) -> Changes:
    """Returns the changes of the entity of a page, chosen by the parameters `user`, `field` and `after` of its address.

    Args:
        page: The request for the page of an entity that the user may see.
        kind: The kind of the entity as the extension names it, such as `registered_model`.
    """
    user, field, after = (page.parameter(name) for name in _FILTERS)
    asked = {"kind": kind, "id": page.id, "user": user, "changed": field, "nextPageToken": after, "pageSize": str(MOST)}
    first_url = _address(page, user=user, field=field)
    shown = Changes(user=user, field=field, choices=_choices(kind, field), is_first=not after, first_url=first_url)
    try:
        answer = await page.api.extension(AUDIT, **asked)
    except ApiError as error:
        if error.status == _NOT_FOUND:  # a server from before these records
            return Changes(reason=NOT_THERE)
        return replace(shown, problem=error.message)
    except Unreachable:
        return replace(shown, problem="The records did not arrive in time.")
    if answer is None:
        return Changes(reason=NOT_THERE)
    if answer.get("isKept") is not True:
        return Changes(reason=str(answer.get("reason") or NOT_THERE))
    following = str(answer.get("nextPageToken") or "")
    return replace(
        shown,
        rows=[_change(page, record) for record in answer.get("items") or ()],
        next_url=_address(page, user=user, field=field, after=following) if following else "",
    )


def title_of(field: str) -> str:
    """Returns a field as pages name it; a custom property or an alias is its own name, and the end of a cut list stays as it is."""
    if _CUT.fullmatch(field):
        return field
    if field.startswith(f"{_PROPERTIES}."):
        return field.removeprefix(f"{_PROPERTIES}.")
    if field.startswith(_ALIAS):
        return field.removeprefix(_ALIAS)
    return _TITLES.get(field) or _WORDS.sub(" ", field).capitalize()


def _change(page: PageRequest, record: Mapping[str, Any]) -> Change:
    names = [str(name) for name in record.get("changed") or ()]
    if record.get("operation") in _ALIAS_MOVES:
        names = [name for name in names if name.startswith(_ALIAS)]
    user, outcome = str(record.get("user") or ""), _OUTCOMES.get(str(record.get("outcome")), "")
    status = record.get("status")
    return Change(
        at=as_moment(record.get("time")),
        user=user,
        user_url=_address(page, user=user, field=page.parameter("field")) if user else "",
        words=_words(record),
        fields=[Field(title_of(name), _field_url(page, name)) for name in names],
        outcome=f"{outcome} ({status})" if outcome and status else outcome,
        request_id=str(record.get("requestId") or ""),
        peer=str(record.get("peer") or ""),
    )


def _words(record: Mapping[str, Any]) -> str:
    """What a request did. Its operation says so: MLflow's clients change by POST too, as does a create below a parent."""
    method, operation = record.get("method"), str(record.get("operation") or "")
    if move := _ALIAS_MOVES.get(operation):
        return move
    if method in _READS:
        return "wanted to read it"
    if operation.startswith("upsert"):
        return "attached or changed"
    is_create = operation.startswith(("create", "mlflowCreate")) or not operation
    return "created it with" if method == "POST" and is_create else "changed"


def _field_url(page: PageRequest, name: str) -> str:
    """The page with only the changes of a field; none for the end of a list that the log has cut."""
    return "" if _CUT.fullmatch(name) else _address(page, user=page.parameter("user"), field=name)


def _choices(kind: str, field: str) -> list[tuple[str, str]]:
    """The fields that a filter offers, with their titles; also the one that is chosen."""
    offered = CHOICES.get(kind, ())
    return [(name, title_of(name)) for name in dict.fromkeys([*offered, *([field] if field else [])])]


def _address(page: PageRequest, **parameters: str) -> str:
    """The address of this page with these filters in place of its own."""
    found = page.here.partition("?")[0]
    query = urlencode([(name, value) for name, value in parameters.items() if value])
    return f"{found}?{query}" if query else found
