"""Forms that change an entity: only what was changed is sent, nothing typed is lost, and two changes are merged by choice."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from model_registry_client.custom_properties import to_wire
from model_registry_ui.backend import Answer, Caller, Question, Unreachable
from model_registry_ui.document_rules import fields_of
from model_registry_ui.forms import declared
from model_registry_ui.options import Options

from companions.ui.tests.fake_backend import EXTENSIONS, FakeBackend, browsing
from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.unit.test_hostile_text import CORPUS, Elements

ROOT = Path(__file__).parents[4]
OPEN = Options(ways=())
TYPED = tuple(text.replace("\0", "") for text in CORPUS)
"""No text of a store has a NUL."""
FORMS = (
    "/ui/models/1/edit",
    "/ui/models/1/properties",
    "/ui/versions/2/edit",
    "/ui/versions/2/properties",
    "/ui/artifacts/3/edit",
)
EXACT = {
    "text": {"metadataType": "MetadataStringValue", "string_value": "a\r\nb\rc\n"},
    "new\nline": {"metadataType": "MetadataStringValue", "string_value": " x "},
    "whole": {"metadataType": "MetadataIntValue", "int_value": "9007199254740993"},
    "decimal": {"metadataType": "MetadataDoubleValue", "double_value": 1.0},
    "proto": {"metadataType": "MetadataProtoValue", "proto_value": "YQ==", "type": "x"},
    "gold": {"metadataType": "MetadataStringValue", "string_value": ""},
}


@cache
def document() -> bytes:
    return orjson.dumps(yaml.safe_load((ROOT / "openapi/model-registry.yaml").read_text()))


@pytest.fixture
def backend() -> FakeBackend:
    """A registry with a model, a version, and an artifact of it."""
    made = FakeBackend()
    made.answers["/openapi.json"] = Answer(200, document())
    made.add("registered_models", name="fraud", description="Finds\nit.", owner="ann", tasks=["a", "b"])
    made.entities["registered_models"]["1"]["customProperties"] = dict(EXACT)
    made.add("model_versions", name="1.0.0", registeredModelId="1", author="ann", customProperties=to_wire({"a": 1}))
    made.add("artifacts", name="m", artifactType="metric", value=0.5, step=2**53 + 1, modelVersionId="2")
    return made


def sent_bodies(backend: FakeBackend) -> list[dict[str, Any]]:
    return [orjson.loads(question.body) for question in backend.questions if question.method == "PATCH"]


class Broken(FakeBackend):
    """A registry that fails in changes only."""

    failing: Callable[[], Answer] | None = None

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Fails in changes if asked to."""
        if question.method == "PATCH" and self.failing:
            return self.failing()
        return await super().send(question, caller)


@pytest.fixture
def broken(backend: FakeBackend) -> Broken:
    made = Broken()
    made.entities, made.answers = backend.entities, backend.answers
    return made


def unreachable() -> Answer:
    raise Unreachable("The registry does not answer.")


def refusal(status: int, message: str) -> Callable[[], Answer]:
    return lambda: Answer(status, orjson.dumps({"code": "x", "message": message}))


@pytest.mark.parametrize("path", FORMS)
async def test_a_form_that_was_not_edited_changes_nothing(backend: FakeBackend, path: str) -> None:
    async with browsing(backend, OPEN) as client:
        answer = await HtmlForm((await client.get(path)).text).send(client)
        assert (answer.status_code, sent_bodies(backend)) == (303, [])
        text = (await client.get(answer.headers["location"])).text
    assert "Nothing was changed" in text


async def test_only_what_was_changed_is_sent_and_only_if_nothing_else_changed(backend: FakeBackend) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/edit")).text)
        answer = await form.fill("owner", "bob").fill("tasks", "a\r\n\r\nc").send(client)
    assert answer.headers["location"] == "/ui/models/1"
    assert sent_bodies(backend) == [{"owner": "bob", "tasks": ["a", "c"]}]
    assert dict(backend.questions[-1].headers)["if-match"] == form.values("_mark")[0]


async def test_a_field_that_was_cleared_is_sent_empty(backend: FakeBackend) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/edit")).text)
        await form.fill("owner", "").fill("tasks", "").send(client)
    assert sent_bodies(backend) == [{"owner": "", "tasks": []}]


async def test_properties_that_were_not_edited_keep_every_byte(backend: FakeBackend) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/properties")).text)
        names = form.values("property-name")
        await form.fill("property-value", "8", names.index("whole")).send(client)
    changed = {"metadataType": "MetadataIntValue", "int_value": "8"}
    assert sent_bodies(backend) == [{"customProperties": {**EXACT, "whole": changed}}]


async def test_a_kind_is_chosen_and_never_guessed(backend: FakeBackend) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/versions/2/properties")).text)
        form.fill("property-name", "release", 1).fill("property-kind", "text", 1)
        await form.fill("property-value", "1.10", 1).send(client)
    assert sent_bodies(backend) == [{"customProperties": to_wire({"a": 1, "release": "1.10"})}]


async def test_rows_are_added_and_removed_without_a_script(backend: FakeBackend) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/versions/2/properties")).text)
        form.fill("property-name", "typed", 1)
        more = HtmlForm((await form.send(client, "add-row")).text)
        assert more.values("property-name") == ["a", "typed", ""]
        fewer = HtmlForm((await more.send(client, "remove-row-0")).text)
        assert fewer.values("property-name") == ["typed", ""]
        assert fewer.values("_opened") == form.values("_opened")
        await fewer.fill("property-value", "x").send(client)
    assert sent_bodies(backend) == [{"customProperties": to_wire({"typed": "x"})}]


@pytest.mark.parametrize(
    ("name", "kind", "value", "message"),
    [
        ("a", "text", "x", "must have another name"),
        ("", "text", "x", "must have a name"),
        ("n", "whole number", "1.5", "must be a whole number"),
        ("n", "whole number", str(2**63), "must be a whole number"),
        ("n", "decimal", "1e60", "must be nearer to zero"),
        ("n", "yes or no", "maybe", "must be yes or no"),
        ("n", "JSON object", "[1]", "must be a JSON object"),
        ("__exact_doubles__", "text", "x", "must have another name"),
        ("é" * 128, "text", "x", "255 bytes"),
    ],
)
async def test_a_wrong_property_is_shown_at_its_row_with_what_was_typed(
    backend: FakeBackend, name: str, kind: str, value: str, message: str
) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/versions/2/properties")).text)
        form.fill("property-name", name, 1).fill("property-kind", kind, 1).fill("property-value", value, 1)
        answer = await form.send(client)
    assert answer.status_code == 422
    assert message in answer.text
    assert 'id="property-1-error"' in answer.text
    shown = HtmlForm(answer.text)
    assert (shown.values("property-name")[1], shown.values("property-value")[1]) == (name, value)
    assert sent_bodies(backend) == []


@pytest.mark.parametrize(
    ("path", "field", "value", "message"),
    [
        ("/ui/models/1/edit", "externalId", "é" * 128, "is too long by 1 bytes; 255 are possible"),
        ("/ui/models/1/edit", "description", "mlmd-struct::x", "must not hold a NUL character or begin with"),
        ("/ui/models/1/edit", "tasks", "fine\nmlmd-struct::x", "must not begin with"),
        ("/ui/artifacts/3/edit", "step", "1.5", "must be a whole number"),
        ("/ui/artifacts/3/edit", "value", "NaN", "must be a number with a decimal point"),
        ("/ui/artifacts/3/edit", "state", "GONE", "must be one of"),
    ],
)
async def test_the_rules_of_the_document_hold_in_the_form(
    backend: FakeBackend, path: str, field: str, value: str, message: str
) -> None:
    async with browsing(backend, OPEN) as client:
        answer = await HtmlForm((await client.get(path)).text).fill(field, value).send(client)
    assert answer.status_code == 422
    assert message in answer.text
    assert f'id="field-{field}-error"' in answer.text
    assert HtmlForm(answer.text).values(field) == [value.replace("\n", "\r\n")]


async def test_numbers_of_an_artifact_are_sent_as_numbers(backend: FakeBackend) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/artifacts/3/edit")).text)
        await form.fill("value", ".25").fill("step", str(2**62 + 1)).send(client)
    assert sent_bodies(backend) == [{"artifactType": "metric", "value": 0.25, "step": 2**62 + 1}]


FAILURES = (
    (unreachable, 503, "The registry does not answer."),
    (refusal(503, "The store cannot be reached."), 503, "Nothing was lost"),
    (refusal(401, "The token has expired."), 401, "What you typed is kept"),
    (refusal(403, "This needs the role writer for fraud; rob has the role reader there."), 403, "rob has the role"),
    (refusal(404, "No registered model has id 1."), 404, "No registered model has id 1."),
    (refusal(500, "Something."), 500, "Something."),
    (refusal(400, "owner must not hold a NUL character."), 400, 'id="field-owner-error"'),
    (refusal(409, "Another registered model with externalId 'x' already exists."), 409, 'id="field-externalId-error"'),
)


@pytest.mark.parametrize(("failing", "status", "message"), FAILURES)
async def test_what_was_typed_is_kept_whatever_fails(
    broken: Broken, failing: Callable[[], Answer], status: int, message: str
) -> None:
    async with browsing(broken, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/edit")).text)
        broken.failing = failing
        answer = await form.fill("owner", "<typed>").send(client)
        assert answer.status_code == status
        assert message in answer.text
        again = HtmlForm(answer.text)
        assert again.values("owner") == ["<typed>"]
        assert (again.values("_mark"), again.values("_opened")) == (form.values("_mark"), form.values("_opened"))
        broken.failing = None
        assert (await again.send(client)).status_code == 303
    assert broken.entities["registered_models"]["1"]["owner"] == "<typed>"


async def test_a_form_travels_through_the_page_for_tokens_and_is_sent_by_hand(broken: Broken) -> None:
    async with browsing(broken) as client:
        form = HtmlForm((await client.get("/ui/models/1/edit")).text)
        broken.failing = refusal(401, "The token has expired.")
        asked = await form.fill("owner", "<typed>\r\n&").send(client)
        assert asked.status_code == 401
        broken.failing = None
        again = await HtmlForm(asked.text, -1).fill("token", "fresh").send(client)
        assert sent_bodies(broken) == []
        answer = await HtmlForm(again.text, -1).send(client)
    assert answer.status_code == 303
    assert sent_bodies(broken) == [{"owner": "<typed>\n&"}]


async def test_what_was_typed_is_kept_while_the_registry_answers_nothing_at_all(backend: FakeBackend) -> None:
    async with browsing(backend) as client:
        form = HtmlForm((await client.get("/ui/models/1/properties")).text)
        backend.failure = Unreachable("The registry does not answer.")
        answer = await form.fill("property-name", "typed", -1).fill("property-value", "kept", -1).send(client)
    assert answer.status_code == 503
    assert HtmlForm(answer.text).values("property-value")[-1] == "kept"


async def test_an_error_of_the_api_stands_at_the_row_of_the_property_that_it_names(broken: Broken) -> None:
    async with browsing(broken, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/properties")).text)
        broken.failing = refusal(400, "customProperties.whole.int_value must be smaller.")
        answer = await form.fill("property-value", "1", -2).send(client)
    at = form.values("property-name").index("whole")
    assert f'id="property-{at}-error"' in answer.text


async def test_the_summary_of_errors_gets_the_focus_and_leads_to_the_fields(backend: FakeBackend) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/edit")).text)
        text = (await form.fill("externalId", "x" * 300).send(client)).text
    assert 'role="alert" tabindex="-1" id="problems" autofocus' in text
    assert '<a href="#field-externalId">External id</a>' in text
    assert 'aria-describedby="field-externalId-help field-externalId-error"' in text


async def test_two_changes_are_shown_with_a_choice_for_each_and_merged(backend: FakeBackend) -> None:
    model = backend.entities["registered_models"]["1"]
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/edit")).text)
        model |= {"owner": "cy", "provider": "theirs"}
        answer = await form.fill("owner", "bob").fill("license", "MIT").fill("provider", "").send(client)
        assert answer.status_code == 409
        assert all(text in answer.text for text in ("ann", "cy", "bob", "Both of you have changed it"))
        merge = HtmlForm(answer.text)
        assert merge.values("choice:field:license") == ["mine"]
        assert merge.values("choice:field:provider") == ["theirs"]
        assert merge.values("choice:field:owner") == []

        unchosen = await merge.send(client, "merge")
        assert unchosen.status_code == 422
        assert "choose one of the two values" in unchosen.text

        saved = await HtmlForm(unchosen.text).fill("choice:field:owner", "mine").send(client, "merge")
    assert saved.status_code == 303
    assert sent_bodies(backend)[-1] == {"owner": "bob", "license": "MIT"}
    assert (model["owner"], model["license"], model["provider"]) == ("bob", "MIT", "theirs")


async def test_properties_are_merged_one_by_one(backend: FakeBackend) -> None:
    version = backend.entities["model_versions"]["2"]
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/versions/2/properties")).text)
        version["customProperties"] = to_wire({"a": 2, "theirs": "x"})
        form.fill("property-value", "3").fill("property-name", "mine", 1).fill("property-value", "y", 1)
        merge = HtmlForm((await form.send(client)).text)
        assert merge.values("choice:property:mine") == ["mine"]
        assert merge.values("choice:property:theirs") == ["theirs"]
        await merge.fill("choice:property:a", "theirs").send(client, "merge")
    assert version["customProperties"] == to_wire({"a": 2, "theirs": "x", "mine": "y"})


async def test_a_third_change_during_the_choice_shows_the_page_again(backend: FakeBackend) -> None:
    model = backend.entities["registered_models"]["1"]
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/edit")).text)
        model["owner"] = "cy"
        merge = HtmlForm((await form.fill("owner", "bob").send(client)).text)
        model["owner"] = "dan"
        answer = await merge.fill("choice:field:owner", "mine").send(client, "merge")
        assert (answer.status_code, model["owner"]) == (409, "dan")
        assert "dan" in answer.text
        await HtmlForm(answer.text).send(client, "merge")
    assert model["owner"] == "bob"


@pytest.mark.parametrize(("failing", "status", "message"), FAILURES[:5])
async def test_choices_are_kept_whatever_fails(
    broken: Broken, failing: Callable[[], Answer], status: int, message: str
) -> None:
    async with browsing(broken, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/edit")).text)
        broken.entities["registered_models"]["1"]["owner"] = "cy"
        merge = HtmlForm((await form.fill("owner", "bob").send(client)).text)
        broken.failing = failing
        answer = await merge.fill("choice:field:owner", "mine").send(client, "merge")
        assert answer.status_code == status
        assert message in answer.text
        broken.failing = None
        await HtmlForm(answer.text).send(client, "merge")
    assert broken.entities["registered_models"]["1"]["owner"] == "bob"


async def test_a_change_that_another_user_made_too_needs_no_choice(backend: FakeBackend) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/edit")).text)
        backend.entities["registered_models"]["1"]["owner"] = "bob"
        answer = await form.fill("owner", "bob").send(client)
        assert answer.status_code == 303
        assert "has saved the same" in (await client.get("/ui/models/1")).text


async def test_a_change_is_undone_by_its_notice(backend: FakeBackend) -> None:
    model = backend.entities["registered_models"]["1"]
    before = orjson.loads(orjson.dumps(model))
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/edit")).text)
        await form.fill("owner", "bob").fill("license", "MIT").fill("tasks", "").send(client)
        shown = (await client.get("/ui/models/1")).text
        assert "Saved." in shown
        assert "Saved." not in (await client.get("/ui/models/1")).text
        await HtmlForm(shown).send(client)
        assert "The change was undone." in (await client.get("/ui/models/1")).text
    assert model == {**before, "license": ""}


async def test_what_another_user_changed_since_is_not_undone(backend: FakeBackend) -> None:
    model = backend.entities["registered_models"]["1"]
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/edit")).text)
        await form.fill("owner", "bob").send(client)
        shown = (await client.get("/ui/models/1")).text
        model["owner"] = "cy"
        await HtmlForm(shown).send(client)
        assert "This was not undone" in (await client.get("/ui/models/1")).text
    assert model["owner"] == "cy"


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("hostile", TYPED)
async def test_text_in_forms_adds_no_element_and_comes_back_as_it_was(path: str, hostile: str) -> None:
    async def page(text: str) -> tuple[Elements, str, FakeBackend]:
        made = FakeBackend()
        texts = ("name", "description", "owner", "author", "externalId", "readme", "license", "uri", "modelFormatName")
        fields: dict[str, Any] = dict.fromkeys(texts, text)
        properties = to_wire({f"p{text}": text})
        made.add("registered_models", **fields, tasks=[text], customProperties=properties)
        made.add("model_versions", **fields, registeredModelId="1", customProperties=properties)
        made.add("artifacts", **fields, artifactType="model-artifact", customProperties=properties)
        async with browsing(made, OPEN) as client:
            shown = (await client.get(path)).text
            assert (await HtmlForm(shown).send(client)).status_code == 303
        return Elements(shown), shown, made

    plain, _, _ = await page("plain")
    found, _, backend = await page(hostile)
    assert found.tags() == plain.tags()
    assert found.attributes() == plain.attributes()
    assert sent_bodies(backend) == []


@pytest.mark.parametrize("hostile", TYPED)
async def test_text_in_the_page_of_two_changes_adds_no_element(hostile: str) -> None:
    async def page(text: str) -> Elements:
        made = FakeBackend()
        model = made.add("registered_models", name=text, owner="x", customProperties=to_wire({"p": "x"}))
        async with browsing(made, OPEN) as client:
            form = HtmlForm((await client.get("/ui/models/1/edit")).text)
            model["owner"] = f"a{text}"
            return Elements((await form.fill("owner", f"b{text}").send(client)).text)

    plain, found = await page("plain"), await page(hostile)
    assert found.tags() == plain.tags()
    assert found.attributes() == plain.attributes()


@pytest.mark.parametrize("path", [*FORMS, "/ui/models/1/undo", "/ui/versions/2/undo", "/ui/artifacts/3/undo"])
@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}, {}],
)
async def test_a_form_of_another_site_changes_nothing(backend: FakeBackend, path: str, headers: dict[str, str]) -> None:
    async with browsing(backend, OPEN) as client:
        answer = await client.post(path, data={"owner": "evil", "_fields": '{"owner": "evil"}'}, headers=headers)
    assert answer.status_code == 403
    assert [question for question in backend.questions if question.method != "GET"] == []


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"_about": "nonsense"},
        {"_about": '["x",[],"",false]', "_opened": "[]"},
        {"_about": "[" * 9999},
        {"_about": "[1]"},
    ],
)
async def test_a_damaged_form_is_refused_and_changes_nothing(
    backend: FakeBackend, path: str, fields: dict[str, str]
) -> None:
    async with browsing(backend, OPEN, **{"sec-fetch-site": "same-origin"}) as client:
        answer = await client.post(path, data=fields)
    assert answer.status_code == 400
    assert sent_bodies(backend) == []


@pytest.mark.parametrize("path", FORMS)
async def test_a_reader_gets_no_form(backend: FakeBackend, path: str) -> None:
    reading = FakeBackend(EXTENSIONS)
    reading.entities = backend.entities
    said = {"user": "rob", "authentication": "tokens", "role": "reader", "highestRole": "reader"}
    whoami = {**said, "mayWriteSomething": False, "models": [{"id": "1", "role": "reader", "mayWrite": False}]}
    reading.answers[f"{EXTENSIONS}/whoami"] = Answer(200, orjson.dumps(whoami))
    async with browsing(reading) as client:
        answer = await client.get(path)
    assert answer.status_code == 403
    assert "This needs the role writer; rob has the role reader here." in answer.text
    assert "<form" not in answer.text.partition("<main")[2]


async def test_a_user_may_edit_a_model_by_a_rule_for_it_only(backend: FakeBackend) -> None:
    ruled = FakeBackend(EXTENSIONS)
    ruled.entities, ruled.answers = backend.entities, backend.answers
    said = {"user": "rob", "authentication": "tokens", "highestRole": "writer", "mayWriteSomething": True}
    whoami = {**said, "models": [{"id": "1", "role": "reader", "mayWrite": False}]}
    ruled.answers[f"{EXTENSIONS}/whoami"] = Answer(200, orjson.dumps(whoami))
    async with browsing(ruled) as client:
        assert [(await client.get(path)).status_code for path in FORMS[:4]] == [403] * 4


@pytest.mark.parametrize(
    "path", [path.replace("1/", "99/").replace("2/", "99/").replace("3/", "99/") for path in FORMS]
)
async def test_a_hidden_entity_has_no_form(backend: FakeBackend, path: str) -> None:
    async with browsing(backend, OPEN) as client:
        assert (await client.get(path)).status_code == 404


async def test_a_server_without_entity_tags_still_notices_an_earlier_change(backend: FakeBackend) -> None:
    class Untagged(FakeBackend):
        async def send(self, question: Question, caller: Caller) -> Answer:
            answer = await super().send(question, caller)
            return Answer(answer.status, answer.body)

    untagged = Untagged()
    untagged.entities = backend.entities
    async with browsing(untagged, OPEN) as client:
        text = (await client.get("/ui/models/1/edit")).text
        assert "sends no entity tags" in text
        backend.entities["registered_models"]["1"] |= {"owner": "cy", "lastUpdateTimeSinceEpoch": "1795000009000"}
        answer = await HtmlForm(text).fill("owner", "bob").send(client)
    assert answer.status_code == 409


async def test_a_notice_that_was_made_up_is_ignored() -> None:
    made = FakeBackend()
    async with browsing(made, OPEN, cookie="mr_ui_notice=nonsense") as client:
        assert (await client.get("/ui/models")).status_code == 200


async def test_the_document_is_read_once_for_many_forms(backend: FakeBackend) -> None:
    async with browsing(backend, OPEN) as client:
        for path in FORMS:
            await client.get(path)
    assert backend.asked().count("/openapi.json") == 1


def test_every_field_of_a_form_is_one_of_the_api() -> None:
    written = json.loads(document())
    forms = {"RegisteredModelUpdate": declared.MODEL, "ModelVersionUpdate": declared.VERSION}
    forms |= {f"{declared.SCHEMAS[kind]}Update": fields for kind, fields in declared.ARTIFACTS.items()}
    for schema, fields in forms.items():
        known = fields_of(written, schema)
        left_out = {"customProperties", "artifactType"} | (
            {"state"} if "Registered" in schema or "Version" in schema else set()
        )
        assert {field.name for field in fields} == set(known) - left_out, schema


@pytest.mark.parametrize("mark", ["", "\r\nevil: 1", "\u00fc", "*\x00"])
async def test_nothing_is_saved_without_a_mark_that_can_be_one(backend: FakeBackend, mark: str) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/edit")).text)
        answer = await form.fill("owner", "bob").fill("_mark", mark).send(client)
        assert answer.status_code == 409
        assert "bob" in answer.text
        undone = await client.post(
            "/ui/models/1/undo",
            data={"_fields": '{"owner": "bob"}', "_mark": mark},
            headers={"sec-fetch-site": "same-origin"},
        )
        assert undone.status_code == 303
    assert sent_bodies(backend) == []
