"""The order of all middleware: the one place that lists it. Each list goes from the outermost to the innermost layer.

Each layer is an ASGI application around the next one, in a file of its own. The makers of the layers are handed in, because
they come from wings above this one; a layer without a maker is switched off.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from starlette.types import ASGIApp

Wrap = Callable[[ASGIApp], ASGIApp]


class Layer(NamedTuple):
    """A layer and the reason for its place in the list."""

    name: str
    reason: str


AROUND_ALL = (
    Layer("request_ids", "Every answer and every log line has the id of its request, so it is outermost."),
    Layer("server_timing", "It times all that follows."),
    Layer("metrics", "They count every answer, also those of the layers below."),
    Layer("traces", "A span covers all that is done for a request; the access log below has its ids."),
    Layer("access_log", "A line shows what the client received, also refusals of the layers below."),
    Layer("cors", "A listed origin may read every answer, also refusals of the layers below."),
    Layer("root_path", "All below it sees paths without the prefix of a gateway."),
)
"""Around everything that is served."""

AROUND_API = (
    Layer("error_shapes", "Refusals of all layers below have the shape that clients of the path can read."),
    Layer("audit_log", "It records what the layers below refuse."),
    Layer("known_hosts", "A request for another host's name is refused before its identity is checked."),
    Layer("same_origin", "A page of another origin is refused before a body is read."),
    Layer("authentication", "All below it knows the identity of the client."),
    Layer("referee", "It judges the answers of the API itself."),
)
"""Around the API, below `AROUND_ALL`."""

AROUND_PAGES = (
    Layer("known_hosts", "A request for another host's name is refused."),
    Layer("same_origin", "A page of another origin may change nothing."),
    Layer("page_headers", "Only pages need these headers."),
)
"""Around the documentation pages, below `AROUND_ALL`.

Health probes have no list of their own: they address a pod by its IP and have no identity.
"""


def wrapped(app: ASGIApp, order: tuple[Layer, ...], makers: Mapping[str, Wrap]) -> ASGIApp:
    """The application within the layers that `makers` makes, in this order. Raises `ValueError` for a layer that `order` lacks."""
    if unknown := makers.keys() - {layer.name for layer in order}:
        raise ValueError(f"No place is known for the middleware {', '.join(sorted(unknown))}.")
    for layer in reversed(order):
        if make := makers.get(layer.name):
            app = make(app)
    return app
