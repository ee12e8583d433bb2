"""Marks of creates in a node: which keys of clients created it, in a hidden custom property that is written with the node.

The property is a struct. A key is a hash of a client's key and user. A value is a hash of the body and the time in ms since the
epoch, with a space between. A node that is written again by name, such as a metric, has the marks of its newest writes.
"""

import enum
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from converters.kinds import JsonObject, Node
from converters.values import plain

MARKS = "__idempotency__"
"""The name of the property."""

VALID_MS = 24 * 3600 * 1000
"""How long a key counts, in ms."""

_MOST_MARKS = 16
_DIGITS = 32


class Verdict(enum.Enum):
    """What the marks of a node say about a create."""

    UNKNOWN = enum.auto()
    """No create with this key wrote the node, or that was too long ago."""
    SAME = enum.auto()
    """A create with this key and this body wrote it."""
    OTHER_BODY = enum.auto()
    """A create with this key and another body wrote it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A create with a key: hashes of the key with its user and of the body, and the present time in ms since the epoch.

    `follows` is the id of an older node that has the name which the key stands for; 0 for none.
    """

    key: str
    body: str
    time_ms: int
    follows: int = 0

    @classmethod
    def of(cls, key: str, user: str, body: JsonObject, time_ms: int) -> "Attempt":
        """Returns the attempt of a user to create what `body` says."""
        return cls(_hash([key, user]), _hash(body), time_ms)

    def after(self, id_: int) -> "Attempt":
        """Returns the attempt that stands for other names: the node of this id has the present one, and is too old to count."""
        return replace(self, follows=id_)

    def made_up(self, purpose: str) -> str:
        """Returns a UUID5 in lower case, the same on each repetition: a name, or the prefix of one, as `purpose` says."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{purpose} {self.key} {self.follows}"))


def judge(node: Node, attempt: Attempt) -> Verdict:
    """Returns what the marks of a stored node say about an attempt."""
    body = _valid(node, attempt.time_ms).get(attempt.key, "").partition(" ")[0]
    if not body:
        return Verdict.UNKNOWN
    return Verdict.SAME if body == attempt.body else Verdict.OTHER_BODY


def mark(node: Node, attempt: Attempt | None, stored: Node | None = None) -> None:
    """Puts the mark of `attempt`, if there is one, and the marks of `stored` on a node that is to be written."""
    if attempt is None:
        if stored is not None and MARKS in stored.custom_properties:
            node.custom_properties[MARKS].CopyFrom(stored.custom_properties[MARKS])
        return
    marks = _valid(stored, attempt.time_ms) if stored is not None else {}
    marks[attempt.key] = f"{attempt.body} {attempt.time_ms}"
    newest = sorted(marks.items(), key=lambda item: _time_in(item[1]))[-_MOST_MARKS:]
    _write(node, dict(newest))


def has_old(node: Node, now_ms: int) -> bool:
    """Returns whether a node has marks that no longer count."""
    return MARKS in node.custom_properties and len(_valid(node, now_ms)) < len(_all(node))


def without_old(node: Node, now_ms: int) -> Node:
    """Returns a node of the same id and type with the marks that still count, and nothing else."""
    kept: Any = type(node)(id=node.id, type_id=node.type_id)
    if marks := _valid(node, now_ms):
        _write(kept, marks)
    return kept  # type: ignore[no-any-return]


def _write(node: Any, marks: Mapping[str, str]) -> None:
    node.custom_properties.pop(MARKS, None)
    node.custom_properties[MARKS].struct_value.update(marks)


def _all(node: Node) -> dict[str, Any]:
    if MARKS not in node.custom_properties:
        return {}
    return dict(plain(node.custom_properties[MARKS].struct_value))


def _valid(node: Node, now_ms: int) -> dict[str, str]:
    marks = {key: value for key, value in _all(node).items() if isinstance(value, str)}
    return {key: value for key, value in marks.items() if now_ms - _time_in(value) < VALID_MS}


def _time_in(value: str) -> int:
    """The time in a mark; 0 for a text that another program has written there."""
    text = value.partition(" ")[2]
    return int(text) if text.isascii() and text.isdecimal() else 0


def _hash(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
