"""Requests of a document whose paths have texts, whose parameters are lists and booleans, and whose bodies are forms."""

from typing import Any
from urllib.parse import unquote

import pytest

from model_registry_proxy.contract.document import Contract
from model_registry_proxy.contract.routes import Call, Router
from model_registry_proxy.errors import BadRequest, MethodNotAllowed, RegistryError, UnknownPath

DOCUMENT = """
openapi: 3.1.0
x-unknown-parameters: {nul: "{name} is odd"}
info: {title: Shelves, version: "1"}
servers: [{url: /api/v1}]
paths:
  /shelves/check:
    post:
      operationId: check
      x-read-only: true
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              required: [list]
              properties: {list: {type: string}, more: {type: string}}
      responses: {"200": {description: Done.}}
  /shelves/{shelf}/books/{book}:
    get:
      operationId: getBook
      parameters: &names
        - {name: shelf, in: path, required: true, schema: {type: string}}
        - {name: book, in: path, required: true, x-takes-slashes: true, schema: {type: string}}
      responses: {"200": {description: The book.}}
  /shelves/{shelf}/books/{book}/pages:
    get:
      operationId: getPages
      parameters: *names
      responses: {"200": {description: The pages.}}
  /shelves/{shelf}/books/{book}/pages/first:
    get:
      operationId: getFirstPage
      parameters: *names
      responses: {"200": {description: The page.}}
  /shelves:
    get:
      operationId: list
      parameters:
        - name: kind
          in: query
          schema: {type: array, items: {type: string, enum: [old, new]}}
          x-refusals: {enum: "no {name} {value}"}
        - {name: full, in: query, allowEmptyValue: true, schema: {type: boolean}}
        - name: size
          in: query
          allowEmptyValue: true
          schema: {type: integer, minimum: 1}
          x-refusals: {minimum: "{name} must be at least 1, got {value}", nul: "{name} has a null byte"}
      responses: {"200": {description: The list.}}
"""
ROUTER = Router(Contract(DOCUMENT))


def call(method: str, raw_path: str, query: str = "", body: bytes = b"", media_type: bytes = b"") -> Call:
    """The call that a request becomes."""
    route, in_path = ROUTER.find(method, "/api/v1" + unquote(raw_path), b"/api/v1" + raw_path.encode())
    return route.call(in_path, query.encode(), body, None, media_type)


@pytest.mark.parametrize(
    ("path", "operation", "texts"),
    [
        ("/shelves/a/books/b", "getBook", ("a", "b")),
        ("/shelves/a/books/b/c", "getBook", ("a", "b/c")),
        ("/shelves/a/books/b%2Fc", "getBook", ("a", "b/c")),
        ("/shelves/a/books/b%252Fc", "getBook", ("a", "b%2Fc")),
        ("/shelves/a%2Fb/books/c", "getBook", ("a/b", "c")),
        ("/shelves/a/books/b/", "getBook", ("a", "b/")),
        ("/shelves/a/books/b/pages", "getPages", ("a", "b")),
        ("/shelves/a/books/b%2Fc/pages", "getPages", ("a", "b/c")),
        ("/shelves/a/books/b/c/pages/first", "getFirstPage", ("a", "b/c")),
        ("/shelves/a/books/pages", "getBook", ("a", "pages")),
        ("/shelves/a/books/b/pages/second", "getBook", ("a", "b/pages/second")),
        ("/shelves/check/books/b", "getBook", ("check", "b")),
    ],
)
def test_texts_in_a_path_are_decoded_once_and_the_longest_known_end_wins(
    path: str, operation: str, texts: tuple[str, ...]
) -> None:
    found = call("GET", path)
    assert (found.operation_id, found.texts, found.ids) == (operation, texts, ())


@pytest.mark.parametrize(
    "path", ["/shelves/a/books", "/shelves/a/books/", "/shelves//books/b", "/shelves/a", "/shelves/", ""]
)
def test_other_paths_are_unknown(path: str) -> None:
    with pytest.raises(UnknownPath):
        call("GET", path)


def test_a_path_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadRequest, match="The path is not UTF-8"):
        call("GET", "/shelves/%FF/books/b")
    with pytest.raises(BadRequest, match="The path holds a NUL"):
        call("GET", "/shelves/a/books/b%00")


def test_a_document_that_changes_nothing_has_no_advice_for_deletions() -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        call("DELETE", "/shelves/a/books/b")
    assert refused.value.message == "DELETE is not allowed here; use GET."


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=old", {"kind": ["old"]}),
        ("kind=old,new", {"kind": ["old", "new"]}),
        ("kind=old&kind=new&full=1", {"kind": ["old", "new"], "full": True}),
        ("full=TRUE&full=no", {"full": True}),
        ("full=f", {"full": False}),
        ("full=&size=", {}),
        ("size=%2B3&size=x", {"size": 3}),
    ],
)
def test_lists_booleans_and_empty_values_are_read(query: str, expected: dict[str, Any]) -> None:
    assert call("GET", "/shelves", query).query == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("kind=", "no kind "),
        ("kind=old,odd", "no kind odd"),
        ("size=0", "size must be at least 1, got 0"),
        ("size=x", 'size must be a whole number; got "x".'),
        ("size=1%00", "size has a null byte"),
        ("other=1%00", "other is odd"),
        ("size=1&size=1%00", "size has a null byte"),
        ("other=%zz", "other has a percent sign without two hexadecimal digits; write %25 for a percent sign."),
        ("full=yes", 'full must be true or false; got "yes".'),
    ],
)
def test_a_document_may_have_messages_of_its_own(query: str, message: str) -> None:
    with pytest.raises(BadRequest) as refused:
        call("GET", "/shelves", query)
    assert refused.value.message == message


FORM = b"multipart/form-data; boundary=x"


def form(*parts: tuple[str, str | None, str], end: str = "--") -> bytes:
    """The bytes of a form of parts: name, file name, content."""
    lines = ""
    for name, file, content in parts:
        named = "" if file is None else f'; filename="{file}"'
        lines += f'--x\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n{content}\r\n'
    return f"{lines}--x{end}\r\n".encode()


def test_the_files_of_a_form_are_read_and_its_other_parts_ignored() -> None:
    body = form(("list", "a.yaml", "one\r\ntwo\n"), ("list", "b", "2"), ("more", None, "text"), ("odd", "c", "3"))
    assert call("POST", "/shelves/check", "", body, FORM).body == {"list": b"one\r\ntwo\n"}


@pytest.mark.parametrize(
    ("body", "media_type", "message"),
    [
        (b"{}", b"application/json", "isn't multipart/form-data"),
        (b"", b"", "isn't multipart/form-data"),
        (form(("list", None, "x")), FORM, "required file field 'list'"),
        (form(("list", "a", "x"), end=""), FORM, "no whole form"),
        (b"nothing", FORM, "no whole form"),
        (form(("list", "a", "x\0y")), FORM, "null bytes"),
        (form(*[("list", "a", "x")] * 65), FORM, "at most 64"),
    ],
)
def test_a_bad_form_is_refused(body: bytes, media_type: bytes, message: str) -> None:
    with pytest.raises(RegistryError, match=message) as refused:
        call("POST", "/shelves/check", "", body, media_type)
    assert refused.value.status == 400
