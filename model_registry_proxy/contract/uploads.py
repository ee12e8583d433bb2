"""Reads the files of a form (multipart/form-data, RFC 7578) from the bytes of a body. Nothing is written to a disk."""

from collections.abc import Collection
from typing import NamedTuple

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from model_registry_proxy.contract.document import JsonObject
from model_registry_proxy.errors import BadRequest

_MOST_PARTS = 64
_MOST_HEADERS = 16
_DISPOSITION = b"content-disposition"
_NULS = (b"\0", b"\\u0000")


class Form(NamedTuple):
    """The files that an operation takes, by the names of their parts."""

    taken: Collection[str]
    required: Collection[str]

    @classmethod
    def of(cls, schema: JsonObject) -> "Form":
        """The form that a schema describes."""
        return cls(frozenset(schema["properties"]), tuple(schema.get("required", ())))

    def read(self, body: bytes, content_type: bytes) -> dict[str, bytes]:
        """The content of each file. Parts without a file name, and parts of other names, are ignored; raises `BadRequest`."""
        if any(nul in body for nul in _NULS):
            raise BadRequest("Request body contains null bytes which are not allowed")
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not (boundary := options.get(b"boundary")):
            raise BadRequest(
                "request Content-Type isn't multipart/form-data; send the files as a form, as curl does with -F."
            )
        found = {name: content for name, content in _files(body, boundary) if name in self.taken}
        for name in self.required:
            if name not in found:
                raise BadRequest(
                    f"required file field '{name}' is missing from the form; send it as a file, with a file name."
                )
        return found


def _files(body: bytes, boundary: bytes) -> list[tuple[str, bytes]]:
    """The files of a form with the names of their parts, the last one first: in a mapping the first one of a name then counts."""
    parts = _Parts()
    try:
        parser = MultipartParser(boundary, parts.callbacks(), max_header_count=_MOST_HEADERS)  # type: ignore[arg-type]
        parser.write(body)
        parser.finalize()
    except FormParserError:
        parts.is_whole = False
    if not parts.is_whole:
        raise BadRequest("The body is no whole form: its parts do not fit the boundary in Content-Type.")
    return [(name, b"".join(content)) for name, content in reversed(parts.files)]


class _Parts:
    """Collects what the parser reports.

    `files`: name and content of each part that has a file name. `is_whole`: the last boundary was found.
    """

    def __init__(self) -> None:
        self.is_whole = False
        self.files: list[tuple[str, list[bytes]]] = []
        self._content: list[bytes] = []
        self._header, self._value, self._disposition = b"", b"", b""
        self._count = 0

    def callbacks(self) -> dict[str, object]:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._add_header,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._add_content,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._count += 1
        if self._count > _MOST_PARTS:
            raise BadRequest(f"The form has too many parts: at most {_MOST_PARTS} are taken.")
        self._content, self._disposition = [], b""

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        self._content.append(data[start:end])

    def _end(self) -> None:
        self.is_whole = True

    def _add_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == _DISPOSITION:
            self._disposition = self._value
        self._header, self._value = b"", b""

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"filename" in options:
            self.files.append((options.get(b"name", b"").decode(errors="replace"), self._content))
