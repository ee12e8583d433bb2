"""What the table of routes is made of, and how a row of it becomes a route of Starlette."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from model_registry_ui.page_request import PageRequest

Show = Callable[[PageRequest], Awaitable[Response]]
"""A page's function."""


@dataclass(frozen=True, slots=True)
class PageRoute:
    """A row of the table.

    Attributes:
        path: The path below the UI, with `{id}` where an id stands.
        name: The name of the page. Links, the access log and the metrics use it.
        show: The function that answers a GET.
        change: The function that answers a POST; `None` if the page changes nothing.
        is_public: Whether the page needs nothing of the registry, so that nothing is asked about the user.
        is_for_readers: Whether a POST changes nothing in the registry. A POST to other pages that are not public is only for users
            who may change something.
    """

    path: str
    name: str
    show: Show
    change: Show | None = None
    is_public: bool = False
    is_for_readers: bool = False


def paths(routes: Sequence[PageRoute]) -> dict[str, str]:
    """Returns the path of each page by its name; raises `ValueError` for a name that stands there twice."""
    found = {route.name: route.path for route in routes}
    if len(found) < len(routes):
        raise ValueError("Two rows of the table of routes have the same name.")
    return found
