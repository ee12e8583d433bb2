"""What a request asks for: the parameters of its query, and the members of its body."""

from typing import Any

from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import MissingField


class Asked(dict[str, Any]):
    """The parameters by their names. Looking up a required one that is missing raises `MissingField`."""

    def __missing__(self, name: str) -> Any:
        raise MissingField(name)


def asked_by(call: Call) -> Asked:
    """Returns what a call asks for."""
    return Asked({**call.query, **call.body})
