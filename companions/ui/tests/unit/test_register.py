"""Registering: three creates, each done once, checked before the first one, and continued after a failure."""

from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_registry_client.custom_properties import to_wire
from model_registry_ui.backend import Answer, Caller, Question, Unreachable
from model_registry_ui.forms.registration import folder_of, s3_uri
from model_registry_ui.options import Options

from companions.ui.tests.fake_backend import EXTENSIONS, FakeBackend, browsing
from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.unit.test_edit_forms import TYPED, document
from companions.ui.tests.unit.test_hostile_text import Elements

OPEN = Options(ways=())
NEW, VERSION = "/ui/models/new", "/ui/models/1/versions/new"


class Registry(FakeBackend):
    """A registry whose names are unique, and that can fail at the create of one kind."""

    def __init__(self, extensions: str = "") -> None:
        super().__init__(extensions)
        self.answers["/openapi.json"] = Answer(200, document())
        self.failing: dict[str, Callable[[], Answer]] = {}

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Refuses names that are taken."""
        kind = question.path.rpartition("/")[2]
        if question.method == "POST" and kind in self.failing:
            self.questions.append(question)
            return self.failing[kind]()
        if question.method == "POST" and kind in {"registered_models", "model_versions"}:
            sent = orjson.loads(question.body)
            same = {name: sent.get(name) for name in ("name", "registeredModelId")}
            taken = [
                row for row in self.entities.get(kind, {}).values() if same == {name: row.get(name) for name in same}
            ]
            if taken:
                self.questions.append(question)
                return refused(409, f"Another one named '{sent['name']}' already exists.")()
        return await super().send(question, caller)

    def creates(self) -> list[tuple[str, dict[str, Any]]]:
        """Kind and body of each create."""
        posts = [question for question in self.questions if question.method == "POST"]
        return [(question.path.rpartition("/")[2], orjson.loads(question.body)) for question in posts]


def refused(status: int, message: str) -> Callable[[], Answer]:
    return lambda: Answer(status, orjson.dumps({"code": "x", "message": message}))


def lost() -> Answer:
    raise Unreachable("The registry does not answer.")


@pytest.fixture
def backend() -> Registry:
    return Registry()


@pytest.fixture
def known(backend: Registry) -> Registry:
    """A registry with a model, a version, and its files."""
    backend.add("registered_models", name="fraud")
    properties = to_wire(
        {"gold": "", "accuracy": 0.93, "shots": 5, "team": "risk", "stage": "canary", "experiment_run_id": "7"}
    )
    backend.add("model_versions", name="1.0.0", registeredModelId="1", customProperties=properties)
    files = {"uri": "s3://models/fraud/1.0.0", "modelFormatName": "onnx", "modelFormatVersion": "1.17"}
    backend.add("artifacts", name="fraud", artifactType="model-artifact", modelVersionId="2", **files)
    return backend


async def filled(client: httpx.AsyncClient, path: str = NEW, **more: str) -> HtmlForm:
    form = HtmlForm((await client.get(path)).text)
    typed = {"version-name": "2.0.0", "uri": "s3://models/fraud/2"}
    for name, value in {**typed, **({"model-name": "fraud"} if path == NEW else {}), **more}.items():
        form.fill(name.replace("_", "-"), value)
    return form


async def test_a_model_its_version_and_its_files_are_created(backend: Registry) -> None:
    async with browsing(backend, OPEN) as client:
        form = await filled(client, model_owner="ann", version_author="bob", modelFormatName="onnx")
        form.fill("property-name", "shots").fill("property-kind", "whole number").fill("property-value", "5")
        answer = await form.send(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/ui/versions/2")
        assert "The model was registered with this version." in (await client.get("/ui/versions/2")).text
    properties = to_wire({"shots": 5})
    version = {"name": "2.0.0", "author": "bob", "registeredModelId": "1", "customProperties": properties}
    files = {"artifactType": "model-artifact", "name": "fraud", "uri": "s3://models/fraud/2", "modelFormatName": "onnx"}
    assert backend.creates() == [
        ("registered_models", {"name": "fraud", "owner": "ann"}),
        ("model_versions", version),
        ("artifacts", files),
    ]


async def test_a_further_version_takes_over_what_stays_the_same(known: Registry) -> None:
    async with browsing(known, OPEN) as client:
        form = HtmlForm((await client.get(VERSION)).text)
        assert form.values("uri") == ["s3://models/fraud/"]
        assert form.values("modelFormatName") == ["onnx"]
        rows = zip(*(form.values(f"property-{part}") for part in ("name", "kind", "value")), strict=True)
        assert list(rows)[:4] == [
            ("accuracy", "decimal", ""),
            ("gold", "text", ""),
            ("shots", "whole number", "5"),
            ("team", "text", "risk"),
        ]
        form.fill("property-value", "0.95", 0).fill("version-name", "1.1.0").fill("uri", "s3://models/fraud/1.1.0")
        assert (await form.send(client)).status_code == 303
    (kind, version), (_, files) = known.creates()
    assert (kind, version["registeredModelId"], files["uri"]) == ("model_versions", "1", "s3://models/fraud/1.1.0")
    assert version["customProperties"] == to_wire({"accuracy": 0.95, "gold": "", "shots": 5, "team": "risk"})


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("model-name", "", "must have a value"),
        ("model-name", "é" * 128, "is too long by 1 bytes"),
        ("version-name", " ", "must have a value"),
        ("uri", "", "must have a value"),
        ("uri", "mlmd-struct::x", "must not hold"),
        ("modelFormatName", "mlmd-struct::x", "must not hold"),
    ],
)
async def test_everything_is_checked_before_the_first_create(
    backend: Registry, field: str, value: str, message: str
) -> None:
    async with browsing(backend, OPEN) as client:
        answer = await (await filled(client)).fill(field, value).send(client)
    assert answer.status_code == 422
    assert message in answer.text
    assert f'id="field-{field}-error"' in answer.text
    assert backend.creates() == []


async def test_the_id_of_the_model_counts_in_the_name_of_a_version(known: Registry) -> None:
    async with browsing(known, OPEN) as client:
        answer = await (await filled(client, VERSION, version_name="x" * 254)).send(client)
    assert "is too long by 1 bytes; 253 are possible" in answer.text
    assert known.creates() == []


@pytest.mark.parametrize("failing", [lost, refused(503, "The store cannot be reached."), refused(403, "No.")])
@pytest.mark.parametrize(("kind", "done"), [("registered_models", 0), ("model_versions", 1), ("artifacts", 2)])
async def test_after_a_failure_the_rest_is_done_and_nothing_twice(
    backend: Registry, failing: Callable[[], Answer], kind: str, done: int
) -> None:
    async with browsing(backend, OPEN) as client:
        form = await filled(client, model_owner="ann")
        backend.failing[kind] = failing
        answer = await form.send(client)
        assert answer.status_code in {503, 403}
        assert answer.text.count("exists.</li>") == done
        assert ("Go on</button>" in answer.text) is bool(done)
        backend.failing.clear()
        backend.questions.clear()
        assert (await HtmlForm(answer.text).send(client)).status_code == 303
    assert [kind for kind, _ in backend.creates()] == ["registered_models", "model_versions", "artifacts"][done:]
    assert {name: len(rows) for name, rows in backend.entities.items()} == dict.fromkeys(backend.entities, 1)
    assert backend.entities["artifacts"]["3"]["uri"] == "s3://models/fraud/2"


async def test_a_name_that_is_taken_leads_to_what_has_it(known: Registry) -> None:
    async with browsing(known, OPEN) as client:
        answer = await (await filled(client)).send(client)
        assert answer.status_code == 409
        assert '<a href="/ui/models/1">Show the model fraud</a>' in answer.text
        assert '<a href="/ui/models/1/versions/new">Register a version of it</a>' in answer.text
        answer = await (await filled(client, VERSION, version_name="1.0.0")).send(client)
        assert '<a href="/ui/versions/2">Show the version 1.0.0</a>' in answer.text
        assert 'id="field-version-name-error"' in answer.text


async def test_sending_a_form_twice_creates_nothing_twice(backend: Registry) -> None:
    async with browsing(backend, OPEN) as client:
        form = await filled(client)
        assert [(await form.send(client)).status_code for _ in range(2)] == [303, 409]
    assert {name: len(rows) for name, rows in backend.entities.items()} == dict.fromkeys(backend.entities, 1)


async def test_a_uri_is_made_from_a_bucket_and_a_path(backend: Registry) -> None:
    place = {"place_bucket": "models", "place_path": "/fraud/2", "place_region": "eu-1"}
    async with browsing(backend, OPEN) as client:
        await (await filled(client, uri="", **place)).send(client)
    assert backend.creates()[-1][1]["uri"] == "s3://models/fraud/2?defaultRegion=eu-1"


async def test_the_files_of_a_model_with_a_very_long_name_have_no_name(backend: Registry) -> None:
    async with browsing(backend, OPEN) as client:
        await (await filled(client, model_name="x" * 255)).send(client)
    assert "name" not in backend.creates()[-1][1]


async def test_rows_are_added_without_losing_what_was_typed(backend: Registry) -> None:
    async with browsing(backend, OPEN) as client:
        answer = await (await filled(client, model_owner="<ann>")).send(client, "add-row")
    form = HtmlForm(answer.text)
    assert (form.values("model-owner"), len(form.values("property-name"))) == (["<ann>"], 2)
    assert backend.creates() == []


@pytest.mark.parametrize("path", [NEW, VERSION])
@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {}, {"origin": "https://evil.example"}])
async def test_another_site_registers_nothing(known: Registry, path: str, headers: dict[str, str]) -> None:
    async with browsing(known, OPEN) as client:
        answer = await client.post(
            path, data={"model-name": "x", "version-name": "1", "uri": "s3://x"}, headers=headers
        )
    assert (answer.status_code, known.creates()) == (403, [])


@pytest.mark.parametrize("path", [NEW, VERSION])
async def test_a_reader_gets_no_form(known: Registry, path: str) -> None:
    reading = Registry(EXTENSIONS)
    reading.entities = known.entities
    said = {"user": "rob", "authentication": "tokens", "highestRole": "reader", "mayWriteSomething": False}
    reading.answers[f"{EXTENSIONS}/whoami"] = Answer(200, orjson.dumps(said))
    async with browsing(reading) as client:
        answer = await client.get(path)
    assert answer.status_code == 403
    assert "needs the role writer" in answer.text


async def test_the_user_is_preset_as_owner_and_author() -> None:
    backend = Registry(EXTENSIONS)
    said = {"user": "ann", "authentication": "tokens", "highestRole": "writer", "mayWriteSomething": True}
    backend.answers[f"{EXTENSIONS}/whoami"] = Answer(200, orjson.dumps(said))
    async with browsing(backend) as client:
        form = HtmlForm((await client.get(NEW)).text, -1)
    assert (form.values("model-owner"), form.values("version-author")) == (["ann"], ["ann"])


@pytest.mark.parametrize("hostile", TYPED)
async def test_typed_text_adds_no_element(hostile: str) -> None:
    async def page(text: str) -> Elements:
        backend = Registry()
        backend.failing["artifacts"] = refused(400, f"uri must be {text}")
        names = ("model_name", "model_owner", "model_readme", "version_name", "version_author", "uri", "property_name")
        async with browsing(backend, OPEN) as client:
            answer = await (await filled(client, **dict.fromkeys(names, text), property_value="x")).send(client)
        assert answer.status_code == 400
        return Elements(answer.text)

    plain, found = await page("plain"), await page(hostile)
    assert found.tags() == plain.tags()
    assert found.attributes() == plain.attributes()


@given(st.text(max_size=60))
def test_a_folder_is_a_beginning_of_the_uri_that_ends_with_a_slash(uri: str) -> None:
    folder = folder_of(uri)
    assert uri.startswith(folder)
    assert folder == "" or folder.endswith("/")


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("s3://b/a/1", "s3://b/a/"),
        ("s3://b/a/1/", "s3://b/a/"),
        ("s3://b", ""),
        ("hf://org/model", "hf://org/"),
        ("", ""),
    ],
)
def test_the_last_segment_is_left_out(uri: str, folder: str) -> None:
    assert folder_of(uri) == folder


def test_a_bucket_by_itself_is_no_uri() -> None:
    assert s3_uri({"place-bucket": "b"}) == ""
    assert s3_uri({"place-bucket": "b", "place-path": "p", "place-endpoint": "http://s3:9000"}).endswith(
        "?endpoint=http%3A%2F%2Fs3%3A9000"
    )


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/ui/models/name?name=fraud", 'A model of this name exists: <a href="/ui/models/1">fraud</a>'),
        ("/ui/models/name?name=new", "This name is free."),
        ("/ui/models/name", '<p id="name-check"></p>'),
        ("/ui/models/1/versions/name?name=1.0.0", 'A version of this name exists: <a href="/ui/versions/2">1.0.0</a>'),
        ("/ui/models/1/versions/name?name=2", "This name is free."),
    ],
)
async def test_a_form_asks_whether_a_name_is_free(known: Registry, path: str, words: str) -> None:
    async with browsing(known, OPEN) as client:
        assert words in (await client.get(path)).text
