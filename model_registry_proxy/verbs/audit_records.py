"""Audit records as one user may see them, and as REST shows them."""

from dataclasses import dataclass
from typing import Any

from converters.kinds import JsonObject
from model_registry_proxy.errors import BadRequest, NotFound
from model_registry_proxy.registry.access import Access, Anonymous, Level
from model_registry_proxy.registry.trail import Record

_READS = ("GET", "HEAD", "OPTIONS")
_HIDDEN, _UNKNOWN = "hidden", "unknown"
_DONE, _FAILED, _DENIED, _UNANSWERED = "done", "failed", "denied", "unanswered"
_OF_ITS_USER = ("groups", "peer", "forwardedFor")
"""What only an admin and the user of a record see."""


def kind_word(words: str) -> str:
    """Returns the `kind` of an entity by its words: `registered_model`."""
    return words.replace(" ", "_")


def user_of(content: JsonObject) -> str | None:
    """Returns the user of a record; `anonymous` where the server required no authentication."""
    user: str | None = content.get("user")
    return user or (None if content.get("denied") == _UNKNOWN else Anonymous().user)


def outcome_of(content: JsonObject) -> str:
    """Returns how a request ended: `done`, `failed`, `denied` or `unanswered`."""
    status, denied = content.get("status"), content.get("denied")
    is_refused = status is not None and (status >= BadRequest.status or content["method"] in _READS)
    if denied and is_refused:
        return _DENIED
    if status is None:
        return _UNANSWERED
    return _FAILED if status >= BadRequest.status else _DONE


@dataclass(frozen=True, slots=True)
class Viewer:
    """A user who reads records. An admin sees all of them."""

    user: str
    is_admin: bool

    @classmethod
    def of(cls, access: Access) -> "Viewer":
        """Returns the user of a request."""
        return cls(access.identity.user, access.general >= Level.ADMIN)

    def sees(self, content: JsonObject) -> bool:
        """Whether the user may know of a record.

        What was answered with 404 is left out, whether the policy hid it or nothing was there: the difference stays secret. Refused
        requests are shown to their own user only.
        """
        if self.is_admin:
            return True
        denied = content.get("denied")
        if content.get("status") == NotFound.status or (denied == _HIDDEN and content["method"] in _READS):
            return False
        return self._is_own(content) or denied in (None, _HIDDEN)

    def shown(self, record: Record) -> JsonObject:
        """Returns a record in REST's form, without what the user may not know."""
        content = record.content
        if not self.is_admin and content.get("denied") == _HIDDEN:
            content = {**content, "denied": None}
        found = _in_rest(record.time, content)
        if not self.is_admin and not self._is_own(content):
            found = {key: value for key, value in found.items() if key not in _OF_ITS_USER}
        return found

    def _is_own(self, content: JsonObject) -> bool:
        return content.get("user") == self.user


def _in_rest(time: int, content: JsonObject) -> JsonObject:
    """A record in REST's form; what is not known is absent."""
    under = content.get("under")
    found: dict[str, Any] = {
        "time": str(time),
        "requestId": content.get("request_id"),
        "user": user_of(content),
        "groups": content.get("groups"),
        "authentication": content.get("authentication"),
        "peer": content.get("peer"),
        "forwardedFor": content.get("forwarded_for"),
        "method": content["method"],
        "operation": content.get("operation"),
        "kind": kind_word(content.get("entity") or "") or None,
        "id": content.get("id"),
        "name": content.get("name"),
        "under": under and {"kind": kind_word(under["entity"]), "id": under["id"]},
        "changed": content["changed"],
        "outcome": outcome_of(content),
        "status": content.get("status"),
        "denied": content.get("denied"),
    }
    return {key: value for key, value in found.items() if value is not None}
