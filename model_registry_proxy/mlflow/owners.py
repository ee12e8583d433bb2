"""The user of a request, as the owner of what it creates. Where the server knows no users, nothing is said."""

from converters.kinds import JsonObject
from model_registry_proxy.registry.access import Anonymous
from model_registry_proxy.registry.request import Request


def owner(request: Request, field: str) -> JsonObject:
    """Returns the field with the user's name; no field for a user that was not authenticated."""
    identity = request.access.identity
    return {} if identity.way == Anonymous().way else {field: identity.user}
