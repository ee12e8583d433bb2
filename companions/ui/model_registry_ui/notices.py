"""What a page says about the change before it, and how to undo it: kept in a cookie until the next page is shown.

Anybody who can set a cookie can write one like it. So the cookie names a sentence of the table `Said`, never words of its own.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from model_registry_client.entities import ENTITIES
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

COOKIE = "mr_ui_notice"
LARGEST = 3500
"""Bytes of the cookie. A change with more than this to restore cannot be undone by a button."""
_SECONDS = 120
_ONE_VERSION = re.compile(r'"[!#-~]{1,200}"|time:[0-9]{1,20}')
_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_MOST_UNPACKED = 2**16
_UNDO = "_undo"
_FIELDS: Mapping[str, str] = {
    to_camel(name): name.replace("_", " ") for one in ENTITIES for name in one.model_fields
} | {
    "artifactType": "kind",
    "customProperties": "properties",
}
"""The fields that a change can restore, in words."""


_STATES = {"state", "desiredState", "status"}
"""Fields of which the sentence says enough."""


class Said(Enum):
    """The sentences. A cookie has the name of one."""

    SAVED = "Saved."
    MERGED = "Saved, together with the other user's change."
    UNCHANGED = "Nothing was changed, so nothing was saved."
    SAME = "Another user has saved the same in the meantime. Nothing was changed."
    THEIRS = "The values of the other user were kept. Nothing was changed."
    UNDONE = "The change was undone."
    UNKNOWN_VERSION = "This was not undone: it is not known which version of it was changed."
    CHANGED_SINCE = "This was not undone: another user has changed it since."
    ARCHIVED = "It is archived."
    RESTORED = "It is in use again."
    LABEL_ADDED = "The label was added."
    LABEL_REMOVED = "The label was removed."
    HAS_LABEL = "It has this label, or a property of this name, already."
    HAS_NO_LABEL = "It does not have this label."
    CREATED = "It was created."
    ARTIFACT_ADDED = "The artifact was added."
    MODEL_REGISTERED = "The model was registered with this version."
    VERSION_REGISTERED = "This version was registered."
    RUN_REGISTERED = "The run was registered as this version."
    CATALOG_REGISTERED = "The model of the catalog was registered with this version."
    ALIAS_MOVED = "The alias was moved."
    ALIAS_ROLLED_BACK = "The alias was rolled back."
    DEPLOYMENT_CREATED = "The deployment was created. This starts nothing by itself."
    GATED_CREATED = (
        "The deployment was created. This starts nothing by itself. Serves of its version are refused, since it has the property "
        "hf_gated or hf_private."
    )
    VERSION_NAMED = "The service names this version already."
    VERSION_SET = "This version is meant to run now."
    DEPLOYED = "It is meant to run now."
    UNDEPLOYED = "It is not meant to run any more."
    SERVE_RECORDED = "The serve is recorded."
    FINISHED = "The run is finished."
    FAILED = "The run is failed."
    KILLED = "The run is killed."
    RUNNING = "The run is running."
    SCHEDULED = "The run is scheduled."


_LINKS: Mapping[Said, tuple[str, str]] = {Said.ARTIFACT_ADDED: ("Show it", "artifact")}
"""The words of a link behind a sentence, and the name of the page of an entity that it leads to."""


@dataclass(frozen=True, slots=True)
class Undo:
    """How a change is undone: `fields`, as in the body of a PATCH, on the entity with this mark.

    Attributes:
        page: The name of the page that undoes it.
        id: The id of the entity.
        fields: The former values.
        mark: The mark of the entity after the change.
    """

    page: str
    id: str
    fields: Mapping[str, Any]
    mark: str

    @property
    def is_offered(self) -> bool:
        """Whether a button may undo it.

        The page must be one that only takes back, and all fields must be known. The mark must be of one version, so that the
        button cannot overwrite other changes.
        """
        is_known = self.page.endswith(_UNDO) and _ID.fullmatch(self.id) and set(self.fields) <= set(_FIELDS)
        return bool(is_known) and is_of_one_version(self.mark)

    @property
    def restored(self) -> str:
        """The fields that get their former values, in words of the UI. Empty after a change of state, which the sentence says."""
        if set(self.fields) <= _STATES:
            return ""
        return ", ".join(_FIELDS[name] for name in self.fields if name in _FIELDS and name != "artifactType")

    @property
    def packed(self) -> str:
        """The fields as JSON, for a hidden field."""
        return json.dumps(self.fields)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said about the last change. `id` is that of the entity to which the link behind the sentence leads."""

    said: Said
    undo: Undo | None = None
    id: str = ""

    @property
    def words(self) -> str:
        """The sentence."""
        return self.said.value

    @property
    def link(self) -> tuple[str, str] | None:
        """The words of the link and the name of its page; `None` without one."""
        return _LINKS.get(self.said) if self.id else None


def is_of_one_version(mark: str) -> bool:
    """Returns whether a mark is one strong ETag, or the time of a change. `*` and lists of tags, which match more, are not."""
    return _ONE_VERSION.fullmatch(mark) is not None


def remember(response: Response, notice: Notice, path: str, *, is_secure: bool) -> None:
    """Stores a notice for the next page. What is too large for a cookie is stored without the way to undo it."""
    written = _written(notice)
    if written is None or len(written) > LARGEST:
        written = _written(Notice(notice.said, id=notice.id)) or ""
    response.set_cookie(COOKIE, written, _SECONDS, path=path, secure=is_secure, httponly=True, samesite="lax")


def forget(response: Response, path: str) -> None:
    """Removes the notice."""
    response.delete_cookie(COOKIE, path=path, httponly=True, samesite="lax")


def of(request: Request) -> Notice | None:
    """Returns the notice of the page before; `None` without one, or if it cannot be read."""
    written = request.cookies.get(COOKIE)
    return _read(written) if written and len(written) <= LARGEST else None


def _written(notice: Notice) -> str | None:
    """The notice as text of a cookie; `None` if it is too large for that."""
    undo = notice.undo
    undone = [undo.page, undo.id, undo.fields, undo.mark] if undo else None
    text = json.dumps([notice.said.name, notice.id, undone]).encode()
    return base64.urlsafe_b64encode(zlib.compress(text)).decode() if len(text) <= _MOST_UNPACKED else None


def _read(written: str) -> Notice | None:
    try:
        reader = zlib.decompressobj()
        content = reader.decompress(base64.urlsafe_b64decode(written), _MOST_UNPACKED)
        said, id_, undo = json.loads(content)
        return Notice(Said[said], _undo(*undo) if undo else None, id_ if _ID.fullmatch(id_) else "")
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _undo(page: Any, id_: Any, fields: Any, mark: Any) -> Undo:
    return Undo(str(page), str(id_), dict(fields), str(mark))
