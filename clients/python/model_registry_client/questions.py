"""The paths and query parameters of read requests. Pure functions."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from model_registry_client.entity import Entity, Parent
from model_registry_client.errors import InvalidValue, RegistryError
from model_registry_client.states import OrderBy

PAGE_SIZE = 100
"""Items per request. Older servers drop the items of a page after the first 100."""
_ID = re.compile(r"[+-]?[0-9]+")


def id_in_path(entity: type[Entity], id_: str) -> str:
    """Returns an id for use in a path. Raises `InvalidValue` if it is not an id, such as a name."""
    if not _ID.fullmatch(str(id_)):
        raise InvalidValue(f"The id of a {entity.words} must be a whole number, such as '7'; got {id_!r}.")
    return quote(str(id_))


def by_id(entity: type[Entity], id_: str) -> str:
    """Returns the path of one entity. Raises `InvalidValue` if the API has no operation on one such entity by id."""
    if not entity.collection:
        raise InvalidValue(f"The API has no operation on a single {entity.words}.")
    return f"{entity.collection}/{id_in_path(entity, id_)}"


def list_path(entity: type[Entity], below: tuple[Parent, str] | None) -> str:
    """Returns the path of the list of all, or of those below a parent. Raises `InvalidValue` if the API has no such list."""
    if below:
        parent, id_ = below
        return parent.path(id_in_path(parent.entity, id_))
    if not entity.collection:
        raise InvalidValue(f"The API lists {entity.plural} below {_parents(entity)} only; name one.")
    return entity.collection


def find(
    entity: type[Entity], name: str | None, below: tuple[Parent, str] | None, external_id: str | None
) -> dict[str, str]:
    """Returns the query parameters of a find. Raises `InvalidValue` if the arguments do not identify one entity."""
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
    """Returns the query parameters of a list. The direction is always sent, since the default differs between servers.

    Args:
        entity: The class of the entities.
        filter_query: A filter, or `None`.
        order_by: The field to sort by; `None` for the id.
        descending: Whether the highest comes first.
        narrowed: More parameters. They replace the ones above.
    """
    order = OrderBy(order_by).value if order_by else None
    params = {"filterQuery": filter_query, "orderBy": order, "sortOrder": "DESC" if descending else "ASC"}
    return params | {"artifactType": entity.artifact_type} | dict(narrowed or {})


def items(page: Any) -> list[Any]:
    """Returns the items of a page. Raises `RegistryError` if it is not a page."""
    if not isinstance(page, dict) or not isinstance(page.get("items") or [], list):
        raise RegistryError("The server was asked for a list, and answered something else.")
    found: list[Any] = page.get("items") or []
    return found
