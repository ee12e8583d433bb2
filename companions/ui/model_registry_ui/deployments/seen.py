"""The cells of deployments: the version that is meant, and what was seen with its drift."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model_registry_ui.cells import Link
from model_registry_ui.deployments.loading import Deployment, state_of
from model_registry_ui.page_request import PageRequest

PINNED, NEWEST = "pinned", "newest"


@dataclass(frozen=True, slots=True)
class SeenCell:
    """What was seen last.

    Attributes:
        state: The last known state, as the word of the API; empty if the service was never seen.
        at: When it was recorded.
        version: The version that was seen.
        reasons: Why that is drift, in sentences.
        is_asked: Whether the serves were asked for.
    """

    state: str = ""
    at: datetime | None = None
    version: Link | None = None
    reasons: Sequence[str] = ()
    is_asked: bool = True


def seen_cell(page: PageRequest, deployment: Deployment) -> SeenCell:
    """Returns the cell of what was seen last."""
    serve, served = deployment.serve, deployment.served
    if serve is None:
        return SeenCell(is_asked=deployment.is_asked)
    words = served.name if served else f"version {serve.model_version_id}"
    version = Link(words, page.url("version", serve.model_version_id))
    return SeenCell(state_of(serve), serve.updated or serve.created, version, deployment.reasons)


def meant_version(page: PageRequest, deployment: Deployment) -> Link:
    """Returns the version that is meant, and whether the service names it or follows the newest one."""
    note = PINNED if deployment.is_pinned else NEWEST
    if deployment.version is None:
        id_ = deployment.service.model_version_id
        return Link(f"version {id_}", "", note) if id_ else Link("the newest version")
    return Link(deployment.version.name, page.url("version", deployment.version.id), note)


def link(page: PageRequest, name: str, entity: Any, id_: str) -> Link | None:
    """Returns the link to an entity's page; only its id where it is hidden or does not exist; `None` without an id."""
    if entity is None:
        return Link(f"id {id_}") if id_ else None
    return Link(entity.name or "without a name", page.url(name, id_))
