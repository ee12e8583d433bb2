"""The changes on the history pages: users, fields, outcomes, filters and pages, and what stands there without an audit log."""

import re
from pathlib import Path

import orjson
import pytest
from model_registry_ui import changes
from model_registry_ui.backend import Answer
from model_registry_ui.changes import NOT_THERE, title_of

from companions.ui.tests.fake_backend import EXTENSIONS, FakeBackend, browsing
from companions.ui.tests.registry import Registry, registry
from tests.support.serving import EXTENSIONS as EXTENSION

LINES = re.compile(r"<li><span class=\"when\">.*?</li>", re.DOTALL)
TAGS = re.compile(r"<[^>]+>")


def lines(text: str) -> list[str]:
    """The lines of changes as a reader sees them, without their times."""
    shown = text.partition("<h2>Times")[0]
    found = [" ".join(TAGS.sub("", one.partition("</span>")[2]).split()) for one in LINES.findall(shown)]
    return [one.partition(" request ")[0] for one in found]


async def changed(made: Registry) -> str:
    """The path of a model with some changes."""
    id_ = (await made.make("/registered_models", name="fraud", owner="ann"))["id"]
    path = f"/registered_models/{id_}"
    stage = {"stage": {"metadataType": "MetadataStringValue", "string_value": "x"}}
    await made.served.client.patch(path, json={"owner": "bob", "customProperties": stage})
    await made.served.client.patch(path, json={"readme": "x"}, headers={"if-match": '"other"'})
    return f"/ui/models/{id_}/history"


async def test_a_page_shows_users_fields_and_outcomes_newest_first(tmp_path: Path) -> None:
    async with registry(log=tmp_path / "audit.log") as made:
        text = await made.page(await changed(made))
        assert made.calls <= 4
    assert lines(text) == [
        "anonymous changed Model card Failed (412) from 127.0.0.1,",
        "anonymous changed stage, Owner from 127.0.0.1,",
        "anonymous created it with Name, Owner, State from 127.0.0.1,",
    ]
    assert "Model registered" in text


async def test_moves_of_aliases_and_changes_of_mlflows_clients_are_named(tmp_path: Path) -> None:
    async with registry(log=tmp_path / "audit.log") as made:
        model = (await made.make("/registered_models", name="fraud"))["id"]
        version = (await made.make("/model_versions", name="1", registeredModelId=model))["id"]
        alias, mlflow = f"{EXTENSION}/registered_models/{model}/aliases/champion", "http://test/api/2.0/mlflow"
        for method, address, body in (
            ("PUT", alias, {"modelVersionId": version, "reason": "x"}),
            ("DELETE", alias, None),
            ("POST", f"{alias}:rollback", {"reason": "x"}),
            ("POST", f"{mlflow}/registered-models/alias", {"name": "fraud", "alias": "blue", "version": "1"}),
            ("POST", f"{mlflow}/registered-models/set-tag", {"name": "fraud", "key": "stage", "value": "x"}),
            ("DELETE", f"{mlflow}/registered-models/delete-tag", {"name": "fraud", "key": "stage"}),
        ):
            (await made.served.client.request(method, address, json=body)).raise_for_status()
        text = await made.page(f"/ui/models/{model}/history")
    assert [line.removesuffix(" from 127.0.0.1,") for line in lines(text)] == [
        "anonymous changed stage",
        "anonymous changed stage",
        "anonymous moved the alias blue",
        "anonymous rolled an alias back",
        "anonymous removed an alias",
        "anonymous moved an alias",
        "anonymous created it with Name, State",
    ]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("field=owner", 2),
        ("field=customProperties", 1),
        ("field=customProperties.stage", 1),
        ("user=anonymous", 3),
        ("user=ann", 0),
        ("user=anonymous&field=readme", 1),
    ],
)
async def test_changes_are_chosen_by_user_and_field(tmp_path: Path, query: str, number: int) -> None:
    async with registry(log=tmp_path / "audit.log") as made:
        text = await made.page(f"{await changed(made)}?{query}")
    assert len(lines(text)) == number
    assert ("No change matches." in text) == (not number)
    assert "All changes" in text


async def test_pages_follow_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST", 2)
    async with registry(log=tmp_path / "audit.log") as made:
        first = await made.page(await changed(made))
        (older,) = re.findall(r'href="([^"]+)">Older changes', first)
        second = await made.page(older.replace("&amp;", "&"))
        (newest,) = re.findall(r'href="([^"]+)">Newest changes', second)
        assert lines(await made.page(newest)) == lines(first)
    assert [len(lines(first)), len(lines(second))] == [2, 1]
    assert "Older changes" not in second


@pytest.mark.parametrize("kind", ["models", "versions", "runs", "deployments"])
async def test_each_history_page_shows_the_changes_of_its_own_entity(tmp_path: Path, kind: str) -> None:
    async with registry(log=tmp_path / "audit.log") as made:
        model = (await made.make("/registered_models", name="m"))["id"]
        environment = (await made.make("/serving_environments", name="e"))["id"]
        experiment = (await made.make("/experiments", name="x"))["id"]
        service = {"name": "s", "registeredModelId": model, "servingEnvironmentId": environment}
        ids = {
            "models": model,
            "versions": (await made.make("/model_versions", name="v", registeredModelId=model))["id"],
            "runs": (await made.make("/experiment_runs", name="r", experimentId=experiment))["id"],
            "deployments": (await made.make("/inference_services", **service))["id"],
        }
        (line,) = lines(await made.page(f"/ui/{kind}/{ids[kind]}/history"))
    assert line.startswith("anonymous created it with ")


async def test_a_server_without_an_audit_log_names_the_setting_and_shows_the_times() -> None:
    async with registry() as made:
        await made.make("/registered_models", name="fraud")
        text = await made.page("/ui/models/1/history")
    assert "start it with --audit-log FILE" in text
    assert "Model registered" in text
    assert "changes-user" not in text


@pytest.mark.parametrize("extensions", ["", EXTENSIONS])
async def test_another_or_an_older_server_says_that_it_shows_none(extensions: str) -> None:
    backend = FakeBackend(extensions)
    backend.add("registered_models", name="fraud")
    async with browsing(backend) as client:
        text = (await client.get("/ui/models/1/history")).text
    assert NOT_THERE in text
    assert "Model registered" in text


@pytest.mark.parametrize("status", [400, 403, 503])
async def test_what_the_server_refuses_is_said_and_the_times_stay(status: int) -> None:
    backend = FakeBackend(EXTENSIONS)
    backend.add("registered_models", name="fraud")
    backend.answers[f"{EXTENSIONS}/audit"] = Answer(status, orjson.dumps({"message": "Not <this> way."}))
    async with browsing(backend) as client:
        answer = await client.get("/ui/models/1/history?after=x&user=%3Cb%3E")
    assert answer.status_code == 200
    assert "Not &lt;this&gt; way." in answer.text
    assert "Newest changes" in answer.text
    assert "Model registered" in answer.text


async def test_a_page_of_the_log_without_a_match_offers_to_look_on() -> None:
    backend = FakeBackend(EXTENSIONS)
    backend.add("registered_models", name="fraud")
    page = {"items": [], "nextPageToken": "t&1", "isKept": True}
    backend.answers[f"{EXTENSIONS}/audit"] = Answer(200, orjson.dumps(page))
    async with browsing(backend) as client:
        text = (await client.get("/ui/models/1/history?user=ann")).text
    assert "None in the part of the log that was read." in text
    assert 'href="/ui/models/1/history?user=ann&amp;after=t%261">Look on' in text


async def test_records_with_many_hostile_or_missing_values_are_shown_as_text() -> None:
    backend = FakeBackend(EXTENSIONS)
    backend.add("registered_models", name="fraud")
    many = [f"customProperties.<b>{number}" for number in range(30)]
    records = [
        {
            "time": "1795000000000",
            "user": "<i>",
            "method": "PATCH",
            "changed": [*many, "and 7 more"],
            "outcome": "done",
        },
        {"method": "GET", "changed": [], "outcome": "denied", "status": 401},
    ]
    page = {"items": records, "nextPageToken": "", "isKept": True}
    backend.answers[f"{EXTENSIONS}/audit"] = Answer(200, orjson.dumps(page))
    async with browsing(backend) as client:
        text = (await client.get("/ui/models/1/history")).text
    assert "<b>" not in text
    assert "<i>" not in text
    assert "19 more fields" in text
    assert "and 7 more" in text
    assert "a client without identity wanted to read it" in " ".join(text.split())


@pytest.mark.parametrize(
    ("field", "title"),
    [
        ("owner", "Owner"),
        ("externalId", "External id"),
        ("customProperties.team", "team"),
        ("customProperties", "Properties"),
        ("newField", "New field"),
    ],
)
def test_fields_have_the_names_of_the_pages(field: str, title: str) -> None:
    assert title_of(field) == title
