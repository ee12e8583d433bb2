"""What this server serves and where, for programs: the content of a page at a well-known address that needs no authentication.

The address follows RFC 8615. A program that knows only the host and the port begins here.
"""

from collections.abc import Mapping

from model_registry_proxy.contract.document import Contract, JsonObject

PATH = "/.well-known/model-registry"


def discovery(version: str, documents: Mapping[str, Contract], *, root: str = "", ui: str | None = None) -> JsonObject:
    """Returns the content of the page; addresses in it are paths of this host.

    `version` is that of the server. `documents` has what is served, by names for the page; the first one is the main document.
    They are those for clients below `root`, the path that a gateway shows this server at (empty: none). `ui` is the path of the web
    UI below that, such as `/ui/`; `None` if none is served.
    """
    root = root.rstrip("/")
    content: JsonObject = {"version": version}
    for number, (name, contract) in enumerate(documents.items()):
        address = f"/{name}" if number else ""
        content[name] = {**_described(contract), "document": f"{root}/openapi{address}.json"}
    content["documentation"] = f"{root}/docs"
    return content if ui is None else {**content, "ui": root + ui}


def _described(contract: Contract) -> JsonObject:
    """The version of a document, the base paths of its operations, those of the whole document first, and its extensions."""
    of_all = [server["url"] for server in contract.content["servers"]]
    prefixes = dict.fromkeys([*of_all, *(prefix for each in contract.operations for prefix in each.prefixes)])
    found: JsonObject = {"version": contract.content["info"]["version"], "prefixes": list(prefixes)}
    return {**found, "enabled": sorted(contract.extensions)} if contract.extensions else found
