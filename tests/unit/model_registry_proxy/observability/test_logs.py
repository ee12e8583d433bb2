"""The log: one line for each event, as text and as JSON, with the id of its request."""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from model_registry_proxy.observability.logs import FACTS, REQUEST, JsonFormatter, TextFormatter, configure_logging


def record(message: str, *arguments: object, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord("some.logger", logging.WARNING, __file__, 1, message, arguments, None)
    made.__dict__.update(more)
    return made


@pytest.fixture
def served() -> Iterator[None]:
    token = REQUEST.set("request-7")
    yield
    REQUEST.reset(token)


def test_a_line_of_text_ends_with_the_requests_id(served: None) -> None:
    assert TextFormatter().format(record("It is %d.", 7)).endswith(" WARNING some.logger: It is 7. [request-7]")


def test_outside_of_requests_a_line_has_no_id() -> None:
    assert TextFormatter().format(record("It is.")).endswith(" It is.")
    assert "request_id" not in json.loads(JsonFormatter().format(record("It is.")))


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter])
@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b", "\u2028", "\x85", "\0"])
def test_no_message_becomes_two_lines(formatter: Callable[[], logging.Formatter], sign: str) -> None:
    line = formatter().format(record("GET /a%sERROR root: all is lost", sign))
    assert len(line.splitlines()) == 1 or formatter is JsonFormatter
    assert sign not in line or (formatter is JsonFormatter and sign in "\u2028\x85")  # which JSON allows in a string
    assert "\n" not in line


def test_a_line_of_json_has_all_keys(served: None) -> None:
    line = json.loads(JsonFormatter().format(record("It is %r.", "ä", facts={"status": 200, "path": "/x"})))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {
        "level": "warning",
        "logger": "some.logger",
        "message": "It is 'ä'.",
        "request_id": "request-7",
        "status": 200,
        "path": "/x",
    }


def test_facts_of_other_modules_are_in_each_line() -> None:
    FACTS.append(lambda: {"trace_id": "t"})
    try:
        assert json.loads(JsonFormatter().format(record("It is.")))["trace_id"] == "t"
    finally:
        FACTS.clear()


def test_a_traceback_is_one_line_of_json_and_readable_text() -> None:
    try:
        int("ten")
    except ValueError:
        failed = record("Failed.", exc_info=sys.exc_info())
    assert "ValueError: invalid literal" in json.loads(JsonFormatter().format(failed))["exception"]
    failed.exc_text = None
    assert TextFormatter().format(failed).splitlines()[1].startswith("Traceback")


def test_a_value_that_json_does_not_have_becomes_text() -> None:
    line = json.loads(JsonFormatter().format(record("It is.", facts={"kind": object})))
    assert line["kind"] == str(object)


@pytest.mark.parametrize(("form", "expected"), [("text", TextFormatter), ("json", JsonFormatter)])
def test_the_setting_chooses(form: str, expected: type) -> None:
    root, uvicorn = logging.getLogger(), logging.getLogger("uvicorn")
    before = root.handlers[:], root.level, uvicorn.level
    try:
        configure_logging("error", form)
        assert [type(handler.formatter) for handler in root.handlers] == [expected]
        assert root.level == logging.ERROR
    finally:
        root.handlers[:], root.level, _ = before
        uvicorn.setLevel(before[2])
