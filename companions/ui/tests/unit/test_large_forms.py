"""A large form is read in a thread, so that it does not hold up other users; one that is too large is refused before that."""

import base64
import json
import threading
from typing import Any

import pytest
from model_registry_cli.catalogue import commands
from model_registry_client.custom_properties import to_wire
from model_registry_ui import api, page_request, properties
from model_registry_ui.forms import draft, sent
from model_registry_ui.forms.editing import COMMANDS
from model_registry_ui.forms.sent import MOST_PACKED, MOST_PARTS
from model_registry_ui.options import Options
from model_registry_ui.properties import MOST_JSON, Kind, PropertyRow, from_rows
from model_registry_ui.routes import ROUTES
from model_registry_ui.worker import LARGE, SMALL, apart

from companions.ui.tests.fake_backend import FakeBackend, browsing
from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.unit.test_register import NEW, filled

OPEN = Options(ways=())
PAGE = "/ui/models/1/properties"
VALUE = json.dumps({"text": "x" * SMALL})


def registry(**values: Any) -> FakeBackend:
    """A registry with one model that has these custom properties."""
    backend = FakeBackend()
    backend.add("registered_models", name="wide", customProperties=to_wire(values))
    return backend


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the threads that read or write JSON objects of properties."""
    found: set[str] = set()
    for name in ("_json", "_to_row"):
        work = getattr(properties, name)

        def watched(*arguments: Any, work: Any = work) -> Any:
            found.add(threading.current_thread().name.partition("_")[0])
            return work(*arguments)

        monkeypatch.setattr(properties, name, watched)
    monkeypatch.setitem(properties._READERS, Kind.JSON, properties._json)
    return found


async def test_a_large_form_is_read_in_a_thread(threads: set[str]) -> None:
    backend = registry()
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get(PAGE)).text)
        form.fill("property-name", "a").fill("property-kind", Kind.JSON).fill("property-value", VALUE)
        threads.clear()
        assert (await form.send(client)).status_code == 303
    assert threads == {"forms"}


async def test_a_large_registration_is_read_in_a_thread(threads: set[str]) -> None:
    async with browsing(registry(), OPEN) as client:
        form = await filled(client, NEW, model_name="new", property_name="a", property_value=VALUE)
        form.fill("property-kind", Kind.JSON)
        threads.clear()
        assert (await form.send(client)).status_code == 303
    assert threads == {"forms"}


async def test_the_form_of_a_large_entity_is_made_in_a_thread(threads: set[str]) -> None:
    backend = registry(a={"text": "x" * SMALL})
    async with browsing(backend, OPEN) as client:
        threads.clear()
        assert (await client.get(PAGE)).status_code == 200
    assert threads == {"forms"}


async def test_a_small_form_needs_no_thread(threads: set[str]) -> None:
    async with browsing(registry(a={"b": 1}), OPEN) as client:
        form = HtmlForm((await client.get(PAGE)).text)
        assert (await form.fill("property-value", "{}").send(client)).status_code == 303
    assert threads == {"MainThread"}


async def test_errors_of_work_in_a_thread_reach_the_page() -> None:
    with pytest.raises(ZeroDivisionError):
        await apart(SMALL + 1, lambda: 1 // 0)


def test_a_json_object_that_is_too_long_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(properties.json, "loads", None)
    found = from_rows([PropertyRow("a", Kind.JSON, "[" * (MOST_JSON + 1))])
    assert found.errors[0].message == "must have at most 524,288 characters here; the API takes larger ones"


@pytest.mark.parametrize("value", ["[" + "[]," * MOST_PARTS + "0]", '{"a": "' + "x" * MOST_PACKED + '"}'])
@pytest.mark.parametrize("field", ["_opened", "_about"])
async def test_a_hidden_field_that_is_too_large_is_not_even_parsed(
    monkeypatch: pytest.MonkeyPatch, field: str, value: str
) -> None:
    async with browsing(registry(), OPEN) as client:
        form = HtmlForm((await client.get(PAGE)).text).fill(field, value)
        loads, lengths = json.loads, []

        def watched(text: str, **named: Any) -> Any:
            lengths.append(len(text))
            return loads(text, **named)

        for module in (sent, draft):
            if hasattr(module, "json"):
                monkeypatch.setattr(module.json, "loads", watched)
        answer = await form.send(client)
    assert answer.status_code == 400
    assert "damaged" in answer.text
    assert max(lengths, default=0) < len(value)


async def test_an_entity_that_is_too_large_for_a_form_names_a_command_that_changes_it() -> None:
    async with browsing(registry(a="x" * MOST_PACKED), OPEN) as client:
        answer = await client.get(PAGE)
    assert "wide holds more text than a form of this UI takes." in answer.text
    assert "<code>mr models update id:1 --property name=text</code>" in answer.text
    assert 'class="editor"' not in answer.text


@pytest.mark.parametrize("page", [route.name for route in ROUTES if route.name.endswith(("_edit", "_properties"))])
def test_every_form_that_can_be_too_large_has_such_a_command(page: str) -> None:
    group = COMMANDS[page.rpartition("_")[0]]
    update = next(one for each in commands() if each.name == group for one in each.entries if one.name == "update")
    assert "properties" in update.help


async def test_a_large_value_that_is_not_edited_stays_exactly() -> None:
    value = {
        "metadataType": "MetadataStructValue",
        "struct_value": base64.b64encode(b'{"a":  "' + b"x" * SMALL + b'"}').decode(),
    }
    backend = FakeBackend()
    entity = backend.add("registered_models", name="wide", customProperties={"a": value})
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get(PAGE)).text).fill("property-name", "label", -1)
        assert (await form.send(client)).status_code == 303
    assert entity["customProperties"]["a"] == value


@pytest.mark.parametrize("path", ["/ui/models", "/ui/models/1", "/ui/models/1/edit", "/ui/search?q=wide"])
@pytest.mark.parametrize("is_large", [True, False])
async def test_a_page_of_large_values_is_read_and_made_in_a_thread(
    monkeypatch: pytest.MonkeyPatch, path: str, *, is_large: bool
) -> None:
    found: dict[str, set[str]] = {"read": set(), "made": set()}

    def watched(kind: str, work: Any) -> Any:
        def run(*arguments: Any) -> Any:
            found[kind].add(threading.current_thread().name.partition("_")[0])
            return work(*arguments)

        return run

    backend = registry(a={"text": ["x"] * (LARGE if is_large else 1)})
    monkeypatch.setattr(page_request, "render", watched("made", page_request.render))
    for name in ("_page", "_found"):
        monkeypatch.setattr(api, name, watched("read", getattr(api, name)))
    async with browsing(backend, OPEN) as client:
        assert (await client.get(path)).status_code == 200
    assert found["made"] == {"forms" if is_large else "MainThread"}
    assert ("forms" in found["read"]) is is_large
