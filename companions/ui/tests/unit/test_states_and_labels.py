"""Archiving, restoring and labels, of one entity and of many: each change is asked for, made under If-Match, and can be undone."""

import re
from typing import Any

import orjson
import pytest
from model_registry_client.custom_properties import to_wire
from model_registry_ui.backend import Answer, Caller, Question, Unreachable
from model_registry_ui.options import Options

from companions.ui.tests.fake_backend import EXTENSIONS, FakeBackend, browsing
from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.unit.test_edit_forms import TYPED, sent_bodies
from companions.ui.tests.unit.test_hostile_text import Elements

OPEN = Options(ways=())
PAGES = [f"/ui/{kind}/{what}" for kind in ("models/1", "versions/2") for what in ("archive", "restore", "labels")]


class Contested(FakeBackend):
    """A registry in which another user changes each entity right before the first changes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.rivals = 0
        self.refused: dict[str, Answer] = {}

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Answers, after the other user's change."""
        if question.method == "PATCH":
            _, kind, id_ = question.path.rsplit("/", 2)
            if id_ in self.refused:
                return self.refused[id_]
            if self.rivals:
                self.rivals -= 1
                self.entities[kind][id_]["description"] = f"of another user, {self.rivals}"
        return await super().send(question, caller)


@pytest.fixture
def backend() -> Contested:
    made = Contested()
    made.add("registered_models", name="fraud", customProperties=to_wire({"gold": "", "team": "risk"}))
    made.add("model_versions", name="1.0.0", registeredModelId="1", customProperties=to_wire({"gold": "", "a": 1}))
    made.add("inference_services", name="scoring", registeredModelId="1", desiredState="DEPLOYED")
    made.add("inference_services", name="stopped", registeredModelId="1", desiredState="UNDEPLOYED")
    return made


@pytest.mark.parametrize(
    ("path", "kind", "id_"), [("models/1", "registered_models", "1"), ("versions/2", "model_versions", "2")]
)
async def test_archiving_asks_once_says_what_runs_and_is_undone(
    backend: Contested, path: str, kind: str, id_: str
) -> None:
    async with browsing(backend, OPEN) as client:
        assert f'href="/ui/{path}/archive"' in (await client.get(f"/ui/{path}")).text
        asked = (await client.get(f"/ui/{path}/archive")).text
        assert "scoring" in asked
        assert "stopped" not in asked
        form = HtmlForm(asked)
        assert (await form.send(client)).headers["location"] == f"/ui/{path}"
        assert backend.entities[kind][id_]["state"] == "ARCHIVED"
        assert dict(backend.questions[-1].headers)["if-match"] == form.values("_mark")[0]
        shown = (await client.get(f"/ui/{path}")).text
        assert "It is archived." in shown
        assert f'href="/ui/{path}/restore"' in shown
        assert f'href="/ui/{path}/archive"' not in shown
        await HtmlForm(shown).send(client)
    assert backend.entities[kind][id_]["state"] == "LIVE"


async def test_what_is_archived_is_restored(backend: Contested) -> None:
    backend.entities["registered_models"]["1"]["state"] = "ARCHIVED"
    async with browsing(backend, OPEN) as client:
        assert "archived already" in (await client.get("/ui/models/1/archive")).text
        await HtmlForm((await client.get("/ui/models/1/restore")).text).send(client)
    assert sent_bodies(backend) == [{"state": "LIVE"}]


async def test_a_change_of_another_user_is_shown_before_archiving(backend: Contested) -> None:
    backend.rivals = 1
    async with browsing(backend, OPEN) as client:
        answer = await HtmlForm((await client.get("/ui/models/1/archive")).text).send(client)
        assert answer.status_code == 409
        assert backend.entities["registered_models"]["1"]["state"] == "LIVE"
        assert (await HtmlForm(answer.text).send(client)).status_code == 303
    assert backend.entities["registered_models"]["1"]["state"] == "ARCHIVED"


@pytest.mark.parametrize(
    ("field", "after"),
    [(("label", "new"), {"gold": "", "team": "risk", "new": ""}), (("remove", "gold"), {"team": "risk"})],
)
async def test_a_label_is_added_and_removed_over_changes_of_others_and_undone(
    backend: Contested, field: tuple[str, str], after: dict[str, Any]
) -> None:
    backend.rivals = 2
    before = backend.entities["registered_models"]["1"]["customProperties"]
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/labels")).text)
        assert (await form.fill(*field).send(client)).status_code == 303
        assert backend.entities["registered_models"]["1"]["customProperties"] == to_wire(after)
        await HtmlForm((await client.get("/ui/models/1")).text).send(client)
    assert backend.entities["registered_models"]["1"]["customProperties"] == before


@pytest.mark.parametrize("label", ["", " ", "x" * 256, "__exact_doubles__"])
async def test_what_cannot_be_a_label_is_refused_and_kept(backend: Contested, label: str) -> None:
    async with browsing(backend, OPEN) as client:
        answer = await HtmlForm((await client.get("/ui/models/1/labels")).text).fill("label", label).send(client)
    assert answer.status_code == 422
    assert HtmlForm(answer.text).values("label") == [label.strip()]
    assert sent_bodies(backend) == []


async def test_a_property_with_a_value_is_no_label_and_stays(backend: Contested) -> None:
    async with browsing(backend, OPEN) as client:
        for field in ("label", "remove"):
            await HtmlForm((await client.get("/ui/models/1/labels")).text).fill(field, "team").send(client)
    assert sent_bodies(backend) == []


async def test_a_typed_label_is_kept_while_the_registry_does_not_answer(backend: Contested) -> None:
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/1/labels")).text)
        backend.failure = Unreachable("The registry does not answer.")
        answer = await form.fill("label", "typed").send(client)
    assert answer.status_code == 503
    assert HtmlForm(answer.text).values("label") == ["typed"]


@pytest.fixture
def many(backend: Contested) -> Contested:
    """A registry with 30 further models, with ids from 5 on."""
    for number in range(30):
        backend.add("registered_models", name=f"m{number}", customProperties=to_wire({"n": number}))
    return backend


def of(ids: range, do: str) -> str:
    return f"/ui/models/change?do={do}&" + "&".join(f"id={id_}" for id_ in ids)


@pytest.mark.parametrize("do", ["archive", "add-label"])
async def test_many_are_changed_after_a_page_that_lists_them_and_undone(many: Contested, do: str) -> None:
    before = orjson.dumps(many.entities)
    async with browsing(many, OPEN) as client:
        asked = (await client.get(of(range(5, 35), do))).text
        assert all(f">m{number}</a>" in asked for number in range(30))
        form = HtmlForm(asked)
        if do == "add-label":
            form.fill("label", "new")
        answer = await form.send(client)
        assert "30 of 30 models" in answer.text
        patches = [question for question in many.questions if question.method == "PATCH"]
        assert len(patches) == 30
        assert all("if-match" in dict(question.headers) for question in patches)
        await HtmlForm(answer.text).send(client)
    assert orjson.dumps(many.entities) == before


async def test_the_result_says_why_some_were_not_changed_and_tries_these_again(many: Contested) -> None:
    many.refused["7"] = Answer(403, b'{"code": "Forbidden", "message": "This needs the role writer for m2."}')
    many.refused["8"] = Answer(412, b'{"code": "x", "message": "It has changed."}')
    many.entities["registered_models"]["9"]["state"] = "ARCHIVED"
    async with browsing(many, OPEN) as client:
        answer = await HtmlForm((await client.get(of(range(5, 10), "archive"))).text).send(client)
        assert "2 of 5 models archived" in answer.text
        assert "This needs the role writer for m2." in answer.text
        assert "There was nothing to do" in answer.text
        many.refused.clear()
        again = HtmlForm(answer.text)
        assert again.values("id") == ["7", "8"]
        assert "2 of 2 models archived" in (await again.send(client)).text


async def test_one_is_counted_in_the_singular(many: Contested) -> None:
    async with browsing(many, OPEN) as client:
        asked = (await client.get(of(range(5, 6), "remove-label"))).text
        answer = await HtmlForm((await client.get(of(range(5, 6), "archive"))).text).send(client)
    assert "<h1>Remove a label from 1 model</h1>" in asked
    assert "1 of 1 model archived" in answer.text


async def test_hidden_and_missing_ids_are_left_out(many: Contested) -> None:
    async with browsing(many, OPEN) as client:
        text = (await client.get("/ui/models/change?do=archive&id=5&id=999&id=x&id=5")).text
        assert HtmlForm(text).values("id") == ["5"]
        assert "Go back to the list" in (await client.get("/ui/models/change?do=archive")).text
        assert "Go back to the list" in (await client.get("/ui/models/change?do=nonsense&id=5")).text
        too_many = await client.get(of(range(1, 300), "archive"))
    assert too_many.status_code == 400


async def test_the_selected_are_handed_out_as_csv(many: Contested) -> None:
    async with browsing(many, OPEN) as client:
        answer = await client.get(of(range(5, 7), "csv"), follow_redirects=True)
    assert answer.headers["content-type"].startswith("text/csv")
    assert re.findall(r"^m\d+", answer.text, re.MULTILINE) == ["m1", "m0"]


@pytest.mark.parametrize("hostile", TYPED)
@pytest.mark.parametrize("path", [*PAGES, "/ui/models/change?do=add-label&id=1", "/ui/models"])
async def test_text_adds_no_element(path: str, hostile: str) -> None:
    async def page(text: str) -> Elements:
        made = FakeBackend()
        made.add("registered_models", name=text, customProperties=to_wire({text: ""}))
        made.add("model_versions", name=text, registeredModelId="1", customProperties=to_wire({text: ""}))
        made.add("inference_services", name=text, registeredModelId="1")
        async with browsing(made, OPEN) as client:
            return Elements((await client.get(path)).text)

    plain, found = await page("plain"), await page(hostile)
    assert found.tags() == plain.tags()
    assert found.attributes() == plain.attributes()


@pytest.mark.parametrize("path", [*PAGES, "/ui/models/change", "/ui/versions/change"])
@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {}, {"origin": "https://evil.example"}])
async def test_another_site_changes_nothing(backend: Contested, path: str, headers: dict[str, str]) -> None:
    fields = {"label": "evil", "operation": "archive", "id": "1"}
    async with browsing(backend, OPEN) as client:
        answer = await client.post(path, data=fields, headers=headers)
    assert (answer.status_code, sent_bodies(backend)) == (403, [])


@pytest.mark.parametrize("path", [*PAGES, "/ui/models/change?do=archive&id=1"])
async def test_a_reader_gets_no_form(backend: Contested, path: str) -> None:
    reading = FakeBackend(EXTENSIONS)
    reading.entities = backend.entities
    said = {"user": "rob", "authentication": "tokens", "highestRole": "reader", "mayWriteSomething": False}
    reading.answers[f"{EXTENSIONS}/whoami"] = Answer(200, orjson.dumps(said))
    async with browsing(reading) as client:
        answer = await client.get(path)
        assert "Archive</button>" not in (await client.get("/ui/models")).text
    assert answer.status_code == 403
