"""Hooks for what Schemathesis cannot know from the document when it generates requests, each with the reason.

All requests are sent and all checks run, with two changes. Values that depend on the content of the store are replaced by
values that exist there; otherwise almost every request would end in 404. And a failure is ignored where the document states
a rule in words that no schema can express, and the answer of the server shows that this rule was the reason.
"""

import base64
import re
import zlib
from collections.abc import Sequence
from typing import Any

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext
from schemathesis.openapi.checks import EnsureResourceAvailability, RejectedPositiveData

# ---- Values that fit -------------------------------------------------------------------------------------------------

FILTERS = (
    'name LIKE "f%"',
    "id > 3 AND createTimeSinceEpoch >= 0",
    "NOT name = 'x' OR team.string_value ILIKE \"PAY%\"",
    "accuracy.double_value >= 0.9 AND (priority IN (1, 2) OR reviewed = true)",
    "`odd name` IS NOT NULL -- a comment",
    'state = "LIVE"',
    " ",
)
"""Valid filter queries. Random text almost never is one."""

STRUCTS = tuple(
    base64.b64encode(text).decode() for text in (b"{}", b'{"a":1}', b'{"a":{"b":[1.5,null,"x"]}}', b'{"":""}')
)
"""Values of `struct_value`: JSON in base64. No generator supports `contentMediaType`, which says so."""

CHOICES = {"after": ("begin",), "kinds": ("alias.moved", "entity.changed", "alias.moved,entity.changed")}
"""Valid values of parameters of the changes: only the server issues tokens, and no schema lists the names in a text."""

REFERENCES = {
    "registeredModelId": "/registered_models",
    "modelVersionId": "/model_versions",
    "servingEnvironmentId": "/serving_environments",
    "experimentId": "/experiments",
}
"""Fields of bodies that must hold an existing id, and the path that creates such entities. Random ids would all be 404."""

UPSERTED = {
    "/registered_models/{registeredmodelId}/versions": "/model_versions",
    "/experiments/{experimentId}/experiment_runs": "/experiment_runs",
    "/model_versions/{modelversionId}/artifacts": "/artifacts",
    "/experiment_runs/{experimentrunId}/artifacts": "/artifacts",
}
"""The same for bodies whose field `id` must hold an existing id."""

_created: dict[str, list[dict[str, Any]]] = {}


@schemathesis.hook
def after_call(_: HookContext, case: Case, response: Response) -> None:
    """Stores the entities that were created."""
    if case.method == "POST" and response.status_code in (200, 201):
        place = UPSERTED.get(case.path, case.path)
        _created.setdefault(place, []).append(response.json())


@schemathesis.hook
def before_call(_: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Replaces generated values by values that exist in the store, in requests that are meant to be valid."""
    if case.query and not _is_meant_wrong(case, ParameterLocation.QUERY):
        if case.query.get("filterQuery"):
            case.query["filterQuery"] = _chosen(FILTERS, case.query["filterQuery"])
        if "nextPageToken" in case.query:
            case.query["nextPageToken"] = ""  # only the server issues tokens; an empty one asks for the first page
        for name, values in CHOICES.items():
            if name in case.query:
                case.query[name] = _chosen(values, case.query[name])
    if case.query and str(case.query.get("wait")).isdecimal():
        case.query["wait"] = int(case.query["wait"]) // 60  # a wait that may be valid would take its time
    if isinstance(case.body, dict) and not _is_meant_wrong(case, ParameterLocation.BODY):
        for value in (case.body.get("customProperties") or {}).values():
            if "struct_value" in value:
                value["struct_value"] = _chosen(STRUCTS, value["struct_value"])
        _refer_to_what_exists(case.path, case.body)
        _give_new_name(case)


def _is_meant_wrong(case: Case, location: ParameterLocation) -> bool:
    return case.meta is not None and case.meta.is_negative_at(location)


def _chosen(among: Sequence[Any], instead_of: Any) -> Any:
    """Chooses one of several values, always the same for the same generated value, so that a seed repeats a run."""
    return among[zlib.crc32(str(instead_of).encode("utf-8", "replace")) % len(among)]


def _refer_to_what_exists(path: str, body: dict[str, Any]) -> None:
    places = {field: place for field, place in REFERENCES.items() if field in body}
    if "id" in body and path in UPSERTED:
        places["id"] = UPSERTED[path]
    for field, place in places.items():
        if known := _created.get(place):
            chosen = _chosen(known, body[field])
            body[field] = chosen["id"]
            if field == "modelVersionId" and "registeredModelId" in body:
                body["registeredModelId"] = chosen["registeredModelId"]


def _give_new_name(case: Case) -> None:
    """Replaces a name that is taken, since examples repeat names. Every fourth time the name stays, to cause a conflict."""
    taken = [created["name"] for created in _created.get(case.path, ())]
    if case.method == "POST" and case.body.get("name") in taken and len(taken) % 4:
        case.body["name"] = f"{len(taken)} {case.body['name'][:100]}"


# ---- What no schema can say ------------------------------------------------------------------------------------------

REFUSALS = {
    r"supply either name": "one of two ways to find something must be there; OpenAPI knows single parameters only",
    r"is too long: the store keeps \d+ bytes of UTF-8": "lengths are counted in bytes, with a prefix; schemas count characters",
    r"cannot change artifact type from": "the kind in a change must be that of what is stored",
    r"belongs to registered model \d+, but registeredModelId": "two ids must fit together",
    r"The model version \d+ is not below": "an id in the body must fit the one in the path",
    r"The experiment run \d+ is not below": "likewise",
    r"stepIds must fit into 64 bits": "the pattern of a list would have to hold that of a 64-bit number twice",
    r"^(kind|id) is missing: (id|kind) counts only together": "two parameters need each other; OpenAPI knows single ones only",
    r"^Name one of modelVersionId, artifactId and digest": "one of several parameters must be there, and only one",
    r"^A step needs artifacts": "one of two lists must have something",
    r"have both the artifact \d+; a step makes other": "two lists must differ",
    r"ArtifactIds has the artifact \d+ more than once": "several texts may be the same number",
    r"endTimeSinceEpoch must not be before startTimeSinceEpoch": "one field bounds another, which may be stored already",
}
"""Messages of 400 for requests that fit every schema, and why they are right."""


NOT_THERE = {
    r"The registered model \d+ of inference service \d+ has no version yet": "what is deployed may not exist as yet",
}
"""Messages of 404 below something that was just created, and why they are right."""


@schemathesis.hook
def filter_failure(_: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Whether a failure is a real one."""
    if isinstance(failure, RejectedPositiveData) and response.status_code == 412:
        return False  # only the server issues entity tags, and entities change
    if isinstance(failure, RejectedPositiveData) and response.status_code == 400:
        return not any(re.search(text, response.json()["message"]) for text in REFUSALS)
    if isinstance(failure, EnsureResourceAvailability):
        return not any(re.search(text, response.json()["message"]) for text in NOT_THERE)
    return True
