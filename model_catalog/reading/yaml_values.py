"""A bounded YAML reader: libyaml's events become plain values in one pass, five times as fast as `yaml.load`.

Only JSON's kinds of values come out. Bad input ends in a YamlError that names the line: tags of other kinds, doubled keys,
aliases that multiply, nesting without end. Only the first document of a stream is read.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import yaml

from .wording import quoted
from .yaml_scalars import COLLECTION_TAGS, TAGGED, Scalar, key_text, plain_scalar

Value = Any
"""What JSON can hold; mappings are `Fields`."""


class Fields(dict[str, Value]):
    """A mapping that knows the line where it begins."""

    __slots__ = ("line",)
    line: int


class YamlError(Exception):
    """A text that is no YAML, or more than a file may hold. `line` counts from 1; `problem` is a sentence without a point."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold.

    Attributes:
        file_bytes: The whole file.
        depth: Mappings and lists inside each other.
        text: Characters of one text.
        repeated: Characters that aliases add, beyond four times the text that was read so far.
    """

    file_bytes: int = 1 << 30
    depth: int = 64
    text: int = 8 << 20
    repeated: int = 16 << 20


def read_value(source: bytes | BinaryIO, *, strict: bool = True, limits: Limits = Limits()) -> Value:
    """The first document of a text, None if there is none.

    Args:
        source: The text, or a file that is open for reading bytes and can be read again.
        strict: Refuses doubled keys, also those that a merge (`<<`) doubles. Otherwise the last one counts, and a key of a
            mapping itself before those that it merges.
        limits: What the text may hold.

    Raises:
        YamlError: The text is no YAML or exceeds a limit.
    """
    reader = YamlReader(source, strict=strict, limits=limits)
    for _ in reader.items(None):
        pass
    return reader.rest


class YamlReader:
    """Reads one document, and the items of one of its lists one by one: `for item in reader.items("models")`, then `reader.rest`.

    Attributes:
        rest: After the last item: the document without that list. None for an empty stream; a document that is no mapping as it is.
        line: Where the last item begins.
    """

    def __init__(self, source: bytes | BinaryIO, *, strict: bool = True, limits: Limits = Limits()) -> None:
        self.rest: Value = None
        self.line = 1
        self._file = io.BytesIO(source) if isinstance(source, bytes) else source
        self._strict = strict
        self._limits = limits
        self._anchors: dict[str, Value] = {}
        self._weights: dict[str, int] = {}
        self._repeated = 0
        self._depth = 0
        self._plain: dict[str, Scalar] = {}
        self._next: Callable[[], Any]

    def items(self, listed: str | None) -> Iterator[Value]:
        """Each item of the list at the key `listed` of the document (any case). Raises YamlError."""
        self._check_size()
        try:
            self._next = yaml.CSafeLoader(self._file).get_event
            yield from self._document(listed)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise YamlError(mark.line + 1 if mark else 1, _problem(error)) from error
        except yaml.reader.ReaderError as error:
            raise YamlError(self._line_of(error.position), _unreadable(error)) from error

    def _check_size(self) -> None:
        size = self._file.seek(0, io.SEEK_END)
        self._file.seek(0)
        if size > self._limits.file_bytes:
            raise YamlError(1, f"the file has {size} bytes, more than the {self._limits.file_bytes} that are read")

    def _line_of(self, position: int) -> int:
        self._file.seek(0)
        return self._file.read(position).count(b"\n") + 1

    def _document(self, listed: str | None) -> Iterator[Value]:
        self._next()  # the start of the stream
        if isinstance(self._next(), yaml.StreamEndEvent):
            return
        event = self._next()
        if listed is None or not isinstance(event, yaml.MappingStartEvent):
            self.rest = self._value(event)
        else:
            yield from self._top(event, listed.lower())

    def _top(self, start: Any, listed: str) -> Iterator[Value]:
        top = self.rest = Fields()
        top.line = start.start_mark.line + 1
        merged: list[Fields] = []
        found = False
        while (event := self._next()).__class__ is not yaml.MappingEndEvent:
            key = self._key(event)
            value = self._next()
            if key.lower() == listed and value.__class__ is yaml.SequenceStartEvent:
                if found:
                    raise YamlError(event.start_mark.line + 1, f"the key {quoted(key)} is set twice")
                found = True
                yield from self._streamed(value)
            else:
                self._set(top, key, value, event, merged)
        _merge(top, merged, strict=self._strict)
        for key in [key for key in top if key.lower() == listed and isinstance(top[key], list)]:
            yield from top.pop(key)  # it came by an alias

    def _streamed(self, start: Any) -> Iterator[Value]:
        """The items of a list. A list with an anchor is kept whole, since an alias may ask for it."""
        if start.anchor is not None:
            yield from self._value(start)
            return
        self._depth = 2
        while (event := self._next()).__class__ is not yaml.SequenceEndEvent:
            self.line = event.start_mark.line + 1
            yield self._value(event)
        self._depth = 0

    def _value(self, event: Any) -> Value:
        kind = event.__class__
        value: Value
        if kind is yaml.ScalarEvent:
            value = self._scalar(event)
        elif kind is yaml.MappingStartEvent:
            value = self._mapping(event)
        elif kind is yaml.SequenceStartEvent:
            value = self._sequence(event)
        else:
            return self._alias(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = value
            self._weights.pop(event.anchor, None)
        return value

    def _scalar(self, event: Any) -> Scalar:
        text: str = event.value
        if len(text) > self._limits.text:
            raise YamlError(event.start_mark.line + 1, f"a text has more than {self._limits.text} characters")
        tag = event.tag
        if tag is None or tag == "!":
            if tag or not event.implicit[0]:
                if "\0" in text:
                    raise YamlError(event.start_mark.line + 1, "a text has a null character; leave it out")
                return text
            try:
                return self._plain[text]
            except KeyError:
                pass
        try:
            if tag is not None:
                return TAGGED[tag](text)
            value = plain_scalar(text)
        except ValueError as error:
            raise YamlError(event.start_mark.line + 1, str(error)) from error
        except KeyError:
            raise self._bad_tag(event) from None
        if len(text) < _SHORT and len(self._plain) < _KEPT:
            self._plain[text] = value
        return value

    def _bad_tag(self, event: Any) -> YamlError:
        return YamlError(event.start_mark.line + 1, f"the tag {quoted(event.tag)} is not known here; leave it out")

    def _enter(self, event: Any) -> None:
        self._depth += 1
        if self._depth > self._limits.depth:
            raise YamlError(
                event.start_mark.line + 1, f"mappings and lists are nested more than {self._limits.depth} deep"
            )
        if event.tag not in COLLECTION_TAGS:
            raise self._bad_tag(event)
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)  # inside of itself it is not known

    def _sequence(self, event: Any) -> list[Value]:
        self._enter(event)
        values = []
        following, value = self._next, self._value
        while (event := following()).__class__ is not yaml.SequenceEndEvent:
            values.append(value(event))
        self._depth -= 1
        return values

    def _mapping(self, event: Any) -> Fields:
        self._enter(event)
        fields = Fields()
        fields.line = event.start_mark.line + 1
        merged: list[Fields] = []
        following = self._next
        while (event := following()).__class__ is not yaml.MappingEndEvent:
            self._set(fields, self._key(event), following(), event, merged)
        if merged:
            _merge(fields, merged, strict=self._strict)
        self._depth -= 1
        return fields

    def _key(self, event: Any) -> str:
        if event.__class__ is yaml.ScalarEvent:
            key = self._value(event)
        elif event.__class__ is yaml.AliasEvent:
            key = self._alias(event)
        else:
            raise YamlError(event.start_mark.line + 1, "a mapping or a list stands where a key is wanted")
        return key if key.__class__ is str else key_text(cast("Scalar", key))

    def _set(self, fields: Fields, key: str, value: Any, event: Any, merged: list[Fields]) -> None:
        if key == "<<" and event.__class__ is yaml.ScalarEvent and event.implicit[0]:
            merged += self._merged(value)
            return
        if key in fields and self._strict:
            raise YamlError(event.start_mark.line + 1, f"the key {quoted(key)} is set twice")
        fields[key] = self._value(value)

    def _merged(self, event: Any) -> list[Fields]:
        value = self._value(event)
        found = value if isinstance(value, list) else [value]
        if not all(isinstance(each, Fields) for each in found):
            raise YamlError(
                event.start_mark.line + 1, "<< merges mappings; give it an alias of a mapping, or a list of them"
            )
        return found

    def _alias(self, event: Any) -> Value:
        name = event.anchor
        line = event.start_mark.line + 1
        if name not in self._anchors:
            raise YamlError(line, f"the alias *{name[:60]} has no complete anchor &{name[:60]} before it")
        value = self._anchors[name]
        weight = self._weights.get(name)
        if weight is None:
            weight = self._weights[name] = _weight(value)
        self._repeated += weight
        if self._repeated > self._limits.repeated + 4 * event.start_mark.index:
            raise YamlError(
                line, f"the alias *{name[:60]} makes the content too large; write the values out, or use fewer aliases"
            )
        return value


_SHORT = 64
_KEPT = 10_000
"""How many texts of at most `_SHORT` characters are remembered with their meaning: keys and frequent values."""


def _weight(value: Value) -> int:
    """Characters of a value, a few more for each part."""
    if isinstance(value, dict):
        return 8 + sum(len(key) + _weight(each) for key, each in value.items())
    if isinstance(value, list):
        return 8 + sum(map(_weight, value))
    return 8 + (len(value) if isinstance(value, str) else 0)


def _merge(fields: Fields, merged: list[Fields], *, strict: bool) -> None:
    """Adds what the mapping does not set itself; of several mappings the first counts."""
    own = set(fields)
    for each in merged:
        for key, value in each.items():
            if strict and key in own:
                raise YamlError(
                    fields.line, f"the key {quoted(key)} is set twice, by << and by the mapping itself; leave one out"
                )
            fields.setdefault(key, value)


def _problem(error: yaml.MarkedYAMLError) -> str:
    since = f" that begins in line {error.context_mark.line + 1}" if error.context_mark else ""
    parts = [f"{error.context}{since}" if error.context else None, error.problem]
    return ", ".join(part for part in parts if part) or "this is no YAML"


def _unreadable(error: yaml.reader.ReaderError) -> str:
    return f"the text has a character that YAML does not allow ({error.reason}); save the file as UTF-8 without control characters"
