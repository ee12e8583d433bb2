"""What this server serves and where, for programs: the content of a page at a well-known address that needs no authentication.

The address follows RFC 8615. A program that knows only the host and the port begins here.
"""

from collections.abc import Iterable

from model_registry_proxy.contract.document import Contract, JsonObject

PATH = "/.well-known/model-registry"


def discovery(
    version: str, api: Contract, extensions: Contract, *, root: str = "", ui: str | None = None
) -> JsonObject:
    """Returns the content of the page; addresses in it are paths of this host.

    `version` is that of the server. `root` is the path that a gateway shows this server at (empty: none), and the documents are
    those for clients there. `ui` is the path of the web UI below that, such as `/ui/`; `None` if none is served.
    """
    root = root.rstrip("/")
    content: JsonObject = {
        "version": version,
        "api": {**_described(api), "document": f"{root}/openapi.json"},
        "extensions": {**_described(extensions), "document": f"{root}/openapi/extensions.json"},
        "documentation": f"{root}/docs",
    }
    return content if ui is None else {**content, "ui": root + ui}


def _described(contract: Contract) -> JsonObject:
    """The version of a document, and the base paths of its operations, the one with most operations first."""
    prefixes: Iterable[str] = (server["url"] for server in contract.content["servers"])
    return {"version": contract.content["info"]["version"], "prefixes": list(prefixes)}
