"""What the status of an InferenceService says about the revisions that run. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RUNNING, FAILED = "RUNNING", "FAILED"
_ROLLING = frozenset(
    {
        "ContainersNotReady",
        "Deploying",
        "IngressNotConfigured",
        "MinimumReplicasUnavailable",
        "NewReplicaSetCreated",
        "Progressing",
        "Reconciling",
        "ReplicaSetUpdated",
        "Uninitialized",
    }
)
"""Reasons with which an object is not ready yet, and has not failed."""
_BLOCKED = frozenset({"BlockedByFailedLoad", "InvalidSpec"})
_NOT_LOADED = "FailedToLoad"
_MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one revision.

    Attributes:
        revision: Its name; empty where KServe makes no revisions.
        state: RUNNING or FAILED.
        is_newest: Whether it is the newest revision, which has the labels of the object.
        percent: Its part of the traffic.
        why: Why it has failed.
    """

    revision: str
    state: str
    is_newest: bool = True
    percent: int = 100
    why: str = ""


def seen(item: Mapping[str, Any]) -> tuple[Seen, ...]:
    """Returns what the status of an object says about revisions that run or have failed; the one that counts most is the last.

    Nothing is returned while a first rollout is under way, or while the status is older than the object.
    """
    status = mapping(item.get("status"))
    ready = _condition(status, "Ready")
    if not ready or _is_stale(item, status):
        return ()
    predictor = mapping(mapping(status.get("components")).get("predictor"))
    model = mapping(status.get("modelStatus"))
    created = str(predictor.get("latestCreatedRevision") or "")
    running = _running(predictor, created, is_ready=ready.get("status") == "True")
    if why := _why_failed(ready, model):
        return (*(one for one in running if one.revision != created), Seen(created, FAILED, percent=0, why=why))
    return tuple(sorted(running, key=lambda one: (one.is_newest, one.percent)))


def mapping(value: object) -> Mapping[str, Any]:
    """Returns a JSON object, or an empty one for anything else: a definition without a schema lets any status pass."""
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _percent(value: object) -> int:
    return value if isinstance(value, int) else 0


def _condition(status: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    found = [each for each in _list(status.get("conditions")) if mapping(each).get("type") == kind]
    return mapping(found[0]) if found else {}


def _is_stale(item: Mapping[str, Any], status: Mapping[str, Any]) -> bool:
    observed, generation = status.get("observedGeneration"), mapping(item.get("metadata")).get("generation")
    return isinstance(observed, int) and isinstance(generation, int) and observed < generation


def _running(predictor: Mapping[str, Any], created: str, *, is_ready: bool) -> list[Seen]:
    """The revisions that get traffic. Of an object that is not ready, only older ones are sure to run."""
    usable = str(predictor.get("latestReadyRevision") or "")
    parts = [
        Seen(name, RUNNING, is_newest=name == created or not created, percent=percent)
        for part in map(mapping, _list(predictor.get("traffic")))
        if (name := str(part.get("revisionName") or "")) and (percent := _percent(part.get("percent")))
    ]
    if is_ready:
        name = usable or created
        return parts or [Seen(name, RUNNING, is_newest=name == created or not created)]
    older = [one for one in parts if one.revision != created]
    if not older and usable and usable != created:
        older = [Seen(usable, RUNNING, is_newest=False)]
    return older


def _why_failed(ready: Mapping[str, Any], model: Mapping[str, Any]) -> str:
    transition, target = model.get("transitionStatus"), mapping(model.get("states")).get("targetModelState")
    failure = mapping(model.get("lastFailureInfo"))
    if str(transition) in _BLOCKED or target == _NOT_LOADED:
        return _words(failure.get("message"), failure.get("reason"), transition, target)
    if ready.get("status") != "False" or transition == "InProgress":
        return ""
    if str(ready.get("reason")) in _ROLLING and not failure:
        return ""
    return _words(ready.get("message"), failure.get("message"), ready.get("reason"), "It is not ready.")


def _words(*candidates: object) -> str:
    return next(str(each) for each in candidates if each)[:_MOST_WORDS]
