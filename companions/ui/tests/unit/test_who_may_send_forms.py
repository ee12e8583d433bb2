"""A form counts only from a user who may change something, and it has a limit."""

from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest
from model_registry_ui.application import BELOW_MODEL
from model_registry_ui.backend import Answer
from model_registry_ui.options import Options
from model_registry_ui.page_request import MOST_FIELDS
from model_registry_ui.routes import ROUTES

from companions.ui.tests.fake_backend import EXTENSIONS, FakeBackend, browsing

TYPED = {"do": "add-row", "name": "resnet", "label": "x"}
CHANGES = [route.path for route in ROUTES if route.change and not (route.is_public or route.is_for_readers)]
SAME = {"sec-fetch-site": "same-origin"}
FORM = {**SAME, "content-type": "application/x-www-form-urlencoded"}


def whoami(status: int = 200, **answer: Any) -> FakeBackend:
    """A registry with one model that says this about every user."""
    backend = FakeBackend(EXTENSIONS)
    backend.add("registered_models", name="resnet")
    backend.answers[f"{EXTENSIONS}/whoami"] = Answer(status, orjson.dumps(answer))
    return backend


async def send(backend: FakeBackend, path: str, form: dict[str, str], ways: tuple[str, ...] = ()) -> httpx.Response:
    """Sends a form, as a page of the UI would."""
    async with browsing(backend, Options(ways=ways or ("gateway",)), **SAME) as client:
        return await client.post(f"/ui{path.format(id=1)}", data=form)


@pytest.mark.parametrize("path", CHANGES)
async def test_no_page_reads_a_form_of_a_reader(path: str) -> None:
    backend = whoami(user="ann", highestRole="reader", mayWriteSomething=False)
    answer = await send(backend, path, TYPED)
    assert answer.status_code == 403
    assert "This needs the role writer; ann has the role reader here." in answer.text
    assert {question.path for question in backend.questions} == {f"{EXTENSIONS}/whoami"}


@pytest.mark.parametrize("path", CHANGES)
async def test_the_form_of_a_user_without_login_is_only_kept(path: str) -> None:
    backend = whoami(401, code="Unauthorized", message="A token is needed.")
    answer = await send(backend, path, TYPED, ("tokens",))
    assert answer.status_code == 401
    assert urlencode(TYPED).replace("&", "&amp;") in answer.text
    assert {question.path for question in backend.questions} == {f"{EXTENSIONS}/whoami"}


@pytest.mark.parametrize("path", [path for path in CHANGES if path.startswith(BELOW_MODEL)])
async def test_the_role_for_the_model_counts(path: str) -> None:
    other = {"user": "ann", "highestRole": "writer", "models": [{"id": "1", "mayWrite": False}]}
    assert (await send(whoami(**other), path, TYPED)).status_code == 403


async def test_a_reader_may_choose_the_look_and_the_columns() -> None:
    backend = whoami(user="ann", highestRole="reader", mayWriteSomething=False)
    assert (await send(backend, "/look", {"theme": "dark"})).status_code == 303
    assert (await send(backend, "/columns", {"list": "models", "cols": "id"})).status_code == 303


@pytest.mark.parametrize(("path", "most"), [("/look", MOST_FIELDS), ("/login", 10)])
async def test_a_form_with_too_many_fields_is_refused(path: str, most: int) -> None:
    async with browsing(FakeBackend(), Options(ways=("tokens",)), **FORM) as client:
        taken = await client.post(f"/ui{path}", content="a=1&" * (most - 1) + "a=1")
        refused = await client.post(f"/ui{path}", content="a=1&" * most + "a=1")
    assert taken.status_code != 413
    assert refused.status_code == 413
    assert f"at most {most} are taken" in refused.text


async def test_a_kept_form_with_too_many_fields_is_refused() -> None:
    kept = "a=1&" * MOST_FIELDS + "a=1"
    async with browsing(FakeBackend(), Options(ways=("tokens",)), **SAME) as client:
        answer = await client.post("/ui/login", data={"token": "good", "next": "/ui/look", "kept": kept})
    assert answer.status_code == 413
