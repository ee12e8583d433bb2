"""What is asked: paths and query parameters of reads. Pure."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from model_registry_client.entity import Entity, Parent
from model_registry_client.errors import InvalidValue, RegistryError
from model_registry_client.states import OrderBy

PAGE_SIZE = 100
"""Items per request. Older servers lose what lies beyond 100."""
_ID = re.compile(r"[+-]?[0-9]+")


def id_in_path(entity: type[Entity], id_: str) -> str:
    """An id as part of a path. Raises `InvalidValue` for what is none, such as a name."""
    if not _ID.fullmatch(str(id_)):
        raise InvalidValue(f"The id of a {entity.words} must be a whole number, such as '7'; got {id_!r}.")
    return quote(str(id_))


def by_id(entity: type[Entity], id_: str) -> str:
    """The path of one. Raises `InvalidValue` for an entity that the API never answers by id."""
    if not entity.collection:
        raise InvalidValue(f"The API has no operation on a single {entity.words}.")
    return f"{entity.collection}/{id_in_path(entity, id_)}"


def list_path(entity: type[Entity], below: tuple[Parent, str] | None) -> str:
    """The path of all, or of those below a parent."""
    if below:
        parent, id_ = below
        return parent.path(id_in_path(parent.entity, id_))
    if not entity.collection:
        raise InvalidValue(f"The API lists {entity.plural} below {_parents(entity)} only; name one.")
    return entity.collection


def find(
    entity: type[Entity], name: str | None, below: tuple[Parent, str] | None, external_id: str | None
) -> dict[str, str]:
    """The parameters of a find. Raises `InvalidValue` where they do not name one thing."""
    if name and (below or not entity.parents):
        return {"name": name} | ({"parentResourceId": id_in_path(below[0].entity, below[1])} if below else {})
    if external_id:
        return {"externalId": external_id}
    wanted = f"its name and {_parents(entity)}" if entity.parents else "its name"
    raise InvalidValue(f"A {entity.words} is found by {wanted}, or by its external id.")


def _parents(entity: type[Entity]) -> str:
    return " or ".join(parent.argument for parent in entity.parents)


def listing(
    entity: type[Entity],
    filter_query: str | None,
    order_by: OrderBy | str | None,
    descending: bool,  # noqa: FBT001
    narrowed: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The parameters of a list. The order is always said, since servers differ in what they take for granted."""
    order = OrderBy(order_by).value if order_by else None
    question = {"filterQuery": filter_query, "orderBy": order, "sortOrder": "DESC" if descending else "ASC"}
    return question | {"artifactType": entity.artifact_type} | dict(narrowed or {})


def items(page: Any) -> list[Any]:
    """The items of a page. Raises `RegistryError` for what is no page."""
    if not isinstance(page, dict) or not isinstance(page.get("items") or [], list):
        raise RegistryError("The server was asked for a list, and answered something else.")
    found: list[Any] = page.get("items") or []
    return found
