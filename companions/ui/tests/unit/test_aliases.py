"""The pages of aliases: where they point, their moves, the forms that move and roll back, and what stands there without them."""

import html
import re

import pytest
from model_registry_ui.pages import aliases

from companions.ui.tests.html_form import HtmlForm
from companions.ui.tests.registry import Registry, registry
from tests.support.serving import EXTENSIONS

TAGS = re.compile(r"<[^>]+>")


def words(text: str) -> str:
    """The text of a page as a reader sees it."""
    return " ".join(TAGS.sub(" ", text).split())


async def a_model(made: Registry) -> tuple[str, list[str]]:
    """Creates a model with two versions, and an alias on the first; returns the id of the model and those of the versions."""
    model = (await made.make("/registered_models", name="churn"))["id"]
    bodies = [{"name": name, "registeredModelId": model} for name in ("1.0.0", "1.1.0")]
    versions = [(await made.make("/model_versions", **body))["id"] for body in bodies]
    await move(made, model, versions[0], "the first")
    return model, versions


async def move(made: Registry, model: str, version: str, reason: str) -> None:
    """Moves the alias production over the API."""
    address = f"{EXTENSIONS}/registered_models/{model}/aliases/production"
    moved = await made.served.client.put(address, json={"modelVersionId": version, "reason": reason})
    assert moved.is_success, moved.text


async def test_a_page_shows_aliases_and_their_moves_newest_first() -> None:
    async with registry() as made:
        model, versions = await a_model(made)
        assert "aliases/rollback" not in await made.page(f"/ui/models/{model}/aliases")
        await move(made, model, versions[1], "<b>better</b>")
        text = await made.page(f"/ui/models/{model}/aliases")
        assert made.calls <= 5
    shown = words(text)
    assert "&lt;b&gt;better&lt;/b&gt;" in text
    first, second = shown.index("was moved from 1.0.0 to 1.1.0 by anonymous"), shown.index("was moved to 1.0.0 by")
    assert first < second
    assert f"/ui/models/{model}/aliases/move?alias=production" in text
    assert f"/ui/models/{model}/aliases/rollback?alias=production" in text


async def test_texts_up_to_200_characters_are_shown_whole_and_longer_ones_open_by_a_click() -> None:
    async with registry() as made:
        model, versions = await a_model(made)
        short, long = "s" * 200, "l" * 4000
        await move(made, model, versions[1], short)
        await move(made, model, versions[0], long)
        text = await made.page(f"/ui/models/{model}/aliases")
        assert f": {short}" in words(text)
        assert f"<pre>{long}</pre></details>" in text
        property_ = {"metadataType": "MetadataStringValue", "string_value": short}
        body = {"name": "2", "registeredModelId": model, "customProperties": {"note": property_}}
        version = (await made.make("/model_versions", **body))["id"]
        assert short in words(await made.page(f"/ui/versions/{version}"))


async def test_a_version_shows_the_aliases_that_point_to_it() -> None:
    async with registry() as made:
        model, versions = await a_model(made)
        del model
        assert "production" in words(await made.page(f"/ui/versions/{versions[0]}"))
        assert "production" not in words(await made.page(f"/ui/versions/{versions[1]}"))


async def test_the_form_moves_an_alias_from_where_it_was_when_the_form_was_opened() -> None:
    async with registry() as made:
        model, versions = await a_model(made)
        address = f"/ui/models/{model}/aliases/move?alias=production"
        opened = HtmlForm(await made.page(address)).fill("version", "1.1.0").fill("reason", "better")
        late = HtmlForm(await made.page(address)).fill("version", "1.1.0")
        answer = await opened.send(made.client)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/ui/models/{model}/aliases")
        shown = words((await made.client.get(answer.headers["location"])).text)
        assert "The alias was moved." in shown
        assert "by anonymous : better" in shown or "by anonymous: better" in shown
        await move(made, model, versions[0], "")
        await move(made, model, versions[1], "")
        refused = await late.send(made.client)
        assert refused.status_code == 409
        assert "not to model version" in words(refused.text)


@pytest.mark.parametrize(
    ("alias", "version", "status", "problem"),
    [
        ("", "1.1.0", 422, "It needs a name."),
        ("staging", "9.9.9", 422, "The model has no version of this name."),
        ("latest", "1.1.0", 400, "cannot be an alias"),
    ],
)
async def test_a_wrong_form_is_explained_and_kept(alias: str, version: str, status: int, problem: str) -> None:
    async with registry() as made:
        model, _ = await a_model(made)
        form = HtmlForm(await made.page(f"/ui/models/{model}/aliases/move"))
        refused = await form.fill("alias", alias).fill("version", version).fill("reason", "kept").send(made.client)
        assert refused.status_code == status
        assert problem in words(refused.text)
        assert HtmlForm(refused.text).values("reason") == ["kept"]


async def test_an_alias_is_rolled_back_with_a_reason() -> None:
    async with registry() as made:
        model, versions = await a_model(made)
        await move(made, model, versions[1], "better")
        address = f"/ui/models/{model}/aliases/rollback?alias=production"
        form = HtmlForm(await made.page(address)).fill("reason", "incident 7")
        again = HtmlForm(await made.page(address))
        assert (await form.send(made.client)).status_code == 303
        shown = words(await made.page(f"/ui/models/{model}/aliases"))
        assert "production was rolled back from 1.1.0 to 1.0.0 by anonymous: incident 7" in shown
        refused = await again.send(made.client)
        assert refused.status_code == 409


async def test_the_forms_say_where_the_alias_points() -> None:
    async with registry() as made:
        model, _ = await a_model(made)
        for form in ("move", "rollback"):
            shown = words(await made.page(f"/ui/models/{model}/aliases/{form}?alias=production"))
            assert "It points to 1.0.0 now." in shown
        missing = await made.client.get(f"/ui/models/{model}/aliases/rollback?alias=staging")
        assert (missing.status_code, 'has no alias "staging"' in html.unescape(words(missing.text))) == (404, True)


async def test_an_alias_of_another_name_is_not_compared_with_where_the_opened_one_was() -> None:
    async with registry() as made:
        model, _ = await a_model(made)
        form = HtmlForm(await made.page(f"/ui/models/{model}/aliases/move?alias=production"))
        answer = await form.fill("alias", "staging").fill("version", "1.1.0").send(made.client)
        assert answer.status_code == 303
        assert "staging was moved to 1.1.0 by" in words(await made.page(f"/ui/models/{model}/aliases"))


async def test_moves_are_paged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aliases, "MOST", 2)
    async with registry() as made:
        model, versions = await a_model(made)
        for version in (versions[1], versions[0], versions[1]):
            await move(made, model, version, "")
        first = await made.page(f"/ui/models/{model}/aliases")
        (following,) = re.findall(r'href="([^"]+)">Older moves', first)
        second = words(await made.page(following.replace("&amp;", "&")))
        assert "was moved to 1.0.0 by" in second
        assert "was moved to 1.0.0 by" not in words(first)


async def test_a_server_without_aliases_says_so() -> None:
    async with registry(extensions=False) as made:
        model = (await made.make("/registered_models", name="churn"))["id"]
        version = (await made.make("/model_versions", name="1", registeredModelId=model))["id"]
        assert "This server has no aliases" in words(await made.page(f"/ui/models/{model}/aliases"))
        for form in ("move", "rollback?alias=production"):
            missing = await made.client.get(f"/ui/models/{model}/aliases/{form}")
            assert (missing.status_code, "This server has no aliases" in words(missing.text)) == (404, True)
        for path in (f"/ui/models/{model}", f"/ui/models/{model}/lineage", f"/ui/models/{model}/aliases"):
            assert f"/ui/models/{model}/aliases" not in await made.page(path)
        assert await made.page(f"/ui/versions/{version}")
        assert (await made.client.get("/ui/models/99/aliases")).status_code == 404
