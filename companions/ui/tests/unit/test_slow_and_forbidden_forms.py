"""A form that cannot be saved is kept: before a registry that hangs, that fails, and that refuses the user."""

import asyncio
from typing import Any

import orjson
import pytest
from model_registry_client.custom_properties import to_wire
from model_registry_ui.backend import Answer, Caller, Question, Unreachable
from model_registry_ui.options import Options
from model_registry_ui.pages import bulk

from companions.ui.tests.fake_backend import API, EXTENSIONS, FakeBackend, browsing
from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.unit.test_edit_forms import document

TYPED = "typed-by-hand"
SECONDS = 0.1
OPEN, HURRIED = Options(ways=()), Options(ways=(), page_seconds=SECONDS)
FORMS = {
    "/models/new": "model-owner",
    "/models/1/versions/new": "version-author",
    "/models/1/edit": "owner",
    "/models/1/properties": "property-name",
    "/models/1/labels": "label",
    "/versions/2/edit": "author",
    "/versions/2/artifacts/new": "description",
    "/artifacts/3/edit": "description",
    "/environments/new": "description",
    "/environments/4/edit": "description",
    "/deployments/new": "description",
    "/deployments/5/version": "version",
    "/deployments/5/serves/new": "description",
    "/deployments/5/edit": "runtime",
    "/experiments/new": "description",
    "/experiments/6/edit": "owner",
    "/experiments/6/runs/new": "description",
    "/runs/7/edit": "owner",
    "/runs/7/register": "model-name",
}
"""The pages of forms, and a field of each."""
SMALL = ("/models/1/archive", "/versions/2/archive", "/deployments/5/state", "/runs/7/end")
"""Pages with nothing to type."""


class Registry(FakeBackend):
    """A registry with one of each kind. `is_hanging` says that nothing is answered any more, `refusal` what writes get."""

    def __init__(self, extensions: str = "") -> None:
        super().__init__(extensions)
        self.answers["/openapi.json"] = Answer(200, document())
        self.is_hanging = False
        self.refusal: Answer | None = None
        self.add("registered_models", name="fraud", customProperties=to_wire({"gold": ""}))
        self.add("model_versions", name="1.0.0", registeredModelId="1")
        self.add("artifacts", name="fraud", artifactType="model-artifact", modelVersionId="2", uri="s3://b/1")
        self.add("serving_environments", name="prod")
        self.add("inference_services", name="fraud", registeredModelId="1", servingEnvironmentId="4")
        self.add("experiments", name="tuning")
        self.add("experiment_runs", name="one", experimentId="6", status="RUNNING")
        self.answers[f"{API}/experiment_runs/7/artifacts"] = Answer(200, orjson.dumps({"items": []}))

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Hangs, refuses, or answers."""
        if self.is_hanging:
            await asyncio.get_running_loop().create_future()
        if self.refusal and question.method != "GET":
            self.questions.append(question)
            return self.refusal
        return await super().send(question, caller)


async def sent(backend: Registry, path: str, field: str, **failing: Any) -> str:
    """Fills the form of a page, lets the registry fail, sends the form, and returns the page that answers."""
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get(f"/ui{path}")).text, -1)
        if not form.pairs or (field and not form.values(field)):
            form = next(
                one
                for index in range(len(form.forms))
                if (one := HtmlForm((await client.get(f"/ui{path}")).text, index)).values(field)
            )
        if field:
            form.fill(field, TYPED)
        if form.values("version-name") == [""]:
            form.fill("version-name", "9").fill("uri", "s3://x/y")
        for name in ("name", "model-name"):
            if form.values(name) == [""]:
                form.fill(name, "new")
        if form.values("environment") == [""]:
            form.fill("environment", "prod").fill("model", "fraud")
        for name, value in failing.items():
            setattr(backend, name, value)
        if path.endswith("/end"):
            form.fill("status", "FINISHED")
    async with browsing(backend, HURRIED if backend.is_hanging else OPEN) as client:
        answer = await form.send(client)
    assert answer.status_code in {403, 503}, (answer.status_code, answer.text)
    return f"{answer.status_code} {answer.text}"


@pytest.mark.parametrize(("path", "field"), FORMS.items())
async def test_a_form_is_kept_before_a_registry_that_hangs(path: str, field: str) -> None:
    page = await sent(Registry(), path, field, is_hanging=True)
    assert page.startswith("503")
    assert "The registry takes too long to answer." in page
    assert TYPED in page


@pytest.mark.parametrize("path", SMALL)
async def test_a_page_without_fields_says_that_the_registry_hangs(path: str) -> None:
    assert "The registry takes too long to answer." in await sent(Registry(), path, "", is_hanging=True)


@pytest.mark.parametrize(("path", "field"), FORMS.items())
async def test_a_form_is_kept_before_a_registry_that_is_gone(path: str, field: str) -> None:
    page = await sent(Registry(), path, field, failure=Unreachable("The registry is gone."))
    assert page.startswith("503")
    assert TYPED in page


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(403, orjson.dumps({"code": "", "message": "user rob cannot write"})), "user rob cannot write"),
        (Answer(403, b"RBAC: access denied"), "The registry, or a gateway before it, does not permit this to you."),
    ],
)
@pytest.mark.parametrize(
    ("path", "field"),
    [pair for pair in FORMS.items() if not pair[0].startswith("/deployments/5/v")],
)
async def test_a_reader_before_a_server_without_whoami_reads_why_and_keeps_the_form(
    path: str, field: str, answer: Answer, words: str
) -> None:
    page = await sent(Registry(), path, field, refusal=answer)
    assert page.startswith("403")
    assert "You may not do this" in page
    assert words in page
    assert TYPED in page


async def test_a_change_of_many_says_what_the_registry_did_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_SECONDS", SECONDS)
    backend = Registry()
    async with browsing(backend, OPEN) as client:
        form = HtmlForm((await client.get("/ui/models/change?do=add-label&id=1")).text, -1)
        backend.is_hanging = True
        answer = await form.fill("label", TYPED).send(client)
    assert "The registry takes too long to answer." in answer.text
    assert HtmlForm(answer.text, -1).values("label") == [TYPED]


async def test_a_form_that_is_kept_can_be_sent_again() -> None:
    backend = Registry()
    async with browsing(backend, OPEN) as client, browsing(backend, HURRIED) as hurried:
        form = HtmlForm((await client.get("/ui/deployments/5/serves/new")).text, -1)
        backend.is_hanging = True
        kept = await form.fill("description", TYPED).send(hurried)
        assert "It is kept here." in kept.text
        backend.is_hanging = False
        assert (await HtmlForm(kept.text, -1).send(client)).status_code == 303
    assert TYPED in str(backend.entities["serves"])


async def test_a_token_is_never_shown_again() -> None:
    backend = FakeBackend(EXTENSIONS)
    backend.failure = Unreachable("The registry is gone.")
    async with browsing(backend, Options(ways=("tokens",)), **{"sec-fetch-site": "same-origin"}) as client:
        answer = await client.post("/ui/login", data={"token": "a-secret-token", "next": "/ui/", "kept": "owner=ann"})
    assert answer.status_code == 503
    assert "The registry is gone." in answer.text
    assert "owner=ann" in answer.text
    assert "a-secret-token" not in answer.text
