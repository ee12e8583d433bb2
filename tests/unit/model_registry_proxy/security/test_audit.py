"""The audit log: a record of every change and every denial before the answer, and no change without a record."""

import errno
import json
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy.configuration.settings import SettingsError
from model_registry_proxy.security.audit import Audited, noting
from model_registry_proxy.security.audit_file import AuditFile
from model_registry_proxy.security.audit_records import MOST_BYTES
from model_registry_proxy.security.authorization import Authorized
from model_registry_proxy.security.bound import BOUND
from model_registry_proxy.security.policy import Policy
from model_registry_proxy.security.principals import Principal
from model_registry_proxy.security.running import on_registry
from tests.support.document import all_operations
from tests.support.guarded import USERS, As, Guarded, a_world, guarding
from tests.support.serving import API, EXTENSIONS


class Logged:
    """A guarded API with an audit log, and its records."""

    def __init__(self, guarded: Guarded, path: Path) -> None:
        self.guarded, self.path, self.file = guarded, path, AuditFile(str(path))
        inner: Any = guarded.api
        inner._run = on_registry(lambda: guarded.served.registry, noting(guarded.run))

    def by(self, user: str | Principal, wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app) -> httpx.AsyncClient:
        principal = USERS[user] if isinstance(user, str) else user
        inner: Any = self.guarded.api
        app = wrap(Audited(As(inner, principal), inner.router, self.file))
        transport = httpx.ASGITransport(app=app, client=("192.0.2.9", 5))
        return httpx.AsyncClient(transport=transport, base_url=f"http://test{API}")

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()]


@asynccontextmanager
async def logging(folder: Path) -> AsyncIterator[Logged]:
    async with guarding(folder) as guarded:
        yield Logged(guarded, folder / "audit.log")


async def test_a_record_has_the_user_the_change_the_time_and_the_address(tmp_path: Path) -> None:
    async with logging(tmp_path) as logged, logged.by("changer") as client:
        body = {
            "name": "open",
            "description": "very private",
            "customProperties": {"k": {"metadataType": "MetadataStringValue", "string_value": "hush"}},
        }
        headers = {"x-request-id": "r-1", "x-forwarded-for": "203.0.113.5"}
        made = await client.post("/registered_models", json=body, headers=headers)
        (record,) = logged.records
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record.pop("time"))
        assert record == {
            "request_id": "r-1",
            "user": "changer",
            "groups": ["insiders"],
            "authentication": "tokens",
            "peer": "192.0.2.9",
            "forwarded_for": "203.0.113.5",
            "method": "POST",
            "path": f"{API}/registered_models",
            "operation": "createRegisteredModel",
            "entity": "registered model",
            "id": made.json()["id"],
            "name": "open",
            "under": None,
            "changed": ["customProperties.k", "description", "name", "state"],
            "status": 201,
            "denied": None,
        }
        text = logged.path.read_text()
        assert "private" not in text
        assert "hush" not in text


def a_text(value: str) -> dict[str, str]:
    return {"metadataType": "MetadataStringValue", "string_value": value}


async def test_of_custom_properties_those_are_recorded_that_were_added_changed_or_removed(tmp_path: Path) -> None:
    async with logging(tmp_path) as logged, logged.by("root") as client:
        ids = await a_world(logged.guarded.served, "open")
        path = f"/registered_models/{ids['model']}"
        first = {"kept": a_text("a"), "other": a_text("b"), "gone": a_text("c")}
        for properties in (first, {"kept": a_text("a"), "other": a_text("B"), "new": a_text("d")}, {}, {}):
            answer = await client.patch(path, json={"customProperties": properties})
            assert answer.status_code == 200
        await client.patch("/registered_models/987654", json={"customProperties": first})
        assert [record["changed"] for record in logged.records] == [
            ["customProperties.gone", "customProperties.kept", "customProperties.other"],
            ["customProperties.gone", "customProperties.new", "customProperties.other"],
            ["customProperties.kept", "customProperties.new", "customProperties.other"],
            ["customProperties"],
            ["customProperties.gone", "customProperties.kept", "customProperties.other"],
        ]


async def test_a_patch_and_a_create_below_a_parent_are_recorded(tmp_path: Path) -> None:
    async with logging(tmp_path) as logged, logged.by("root") as client:
        ids = await a_world(logged.guarded.served, "open")
        await client.patch(f"/registered_models/{ids['model']}", json={"owner": "ann", "customProperties": {}})
        below = f"/model_versions/{ids['version']}/artifacts"
        new = (await client.post(below, json={"artifactType": "metric", "name": "acc", "value": 1})).json()
        await client.post(below, json={"artifactType": "model-artifact", "id": ids["artifact"], "uri": "s3://x"})
        facts = [
            [record[key] for key in ("operation", "entity", "id", "name", "under", "changed")]
            for record in logged.records
        ]
        under = {"entity": "model version", "id": ids["version"]}
        assert facts == [
            [
                "updateRegisteredModel",
                "registered model",
                ids["model"],
                "open model",
                None,
                ["customProperties", "owner"],
            ],
            [
                "upsertModelVersionArtifact",
                "metric",
                new["id"],
                "acc",
                under,
                ["artifactType", "name", "value"],
            ],
            [
                "upsertModelVersionArtifact",
                "model artifact",
                ids["artifact"],
                "open weights",
                under,
                ["artifactType", "uri"],
            ],
        ]


async def test_a_change_that_fails_is_recorded_too(tmp_path: Path) -> None:
    async with logging(tmp_path) as logged, logged.by("root") as client:
        await client.post("/registered_models", json={"name": "a", "colour": "red"})
        await client.post("/registered_models", json={"name": "a"})
        await client.post("/registered_models", json={"name": "a"})
        await client.patch("/registered_models/99", json={"owner": "x"})
        await client.delete("/registered_models/1")
        await client.post("/nowhere", json={})
        assert [(record["operation"], record["status"]) for record in logged.records] == [
            ("createRegisteredModel", 400),
            ("createRegisteredModel", 201),
            ("createRegisteredModel", 409),
            ("updateRegisteredModel", 404),
            (None, 405),
            (None, 404),
        ]


async def test_denials_are_recorded_and_reads_are_not(tmp_path: Path) -> None:
    async with logging(tmp_path) as logged:
        ids = await a_world(logged.guarded.served, "secret")
        path = f"/registered_models/{ids['model']}"
        async with logged.by("insider") as client:
            for read in (path, "/registered_models", "/model_versions"):
                assert (await client.get(read)).status_code == 200
        assert logged.records == []
        async with logged.by("outsider") as client:
            await client.get("/registered_models")
            await client.get(path)
            await client.get("/registered_models/987654321")
            await client.get("/registered_model", params={"name": "secret model"})
            await client.get(f"{path}/versions")
            await client.patch(path, json={"owner": "me"})
        async with logged.by("looker") as client:
            await client.patch(path, json={"owner": "me"})
        async with logged.by("stranger") as client:
            await client.get(path)
        async with logged.by("insider") as client:
            await client.get(f"/experiments/{ids['experiment']}/experiment_runs")
        facts = [[record[key] for key in ("user", "operation", "id", "status", "denied")] for record in logged.records]
        assert facts == [
            ["outsider", "getRegisteredModel", ids["model"], 404, "hidden"],
            ["outsider", "findRegisteredModel", None, 404, "hidden"],
            ["outsider", "getRegisteredModelVersions", None, 404, "hidden"],
            ["outsider", "updateRegisteredModel", ids["model"], 404, "hidden"],
            ["looker", "updateRegisteredModel", ids["model"], 403, "forbidden"],
            ["stranger", "getRegisteredModel", ids["model"], 403, "forbidden"],
            ["insider", "getExperimentExperimentRuns", None, 404, "hidden"],
        ]


async def test_the_record_is_there_before_the_answer(tmp_path: Path) -> None:
    seen: list[int] = []

    def watching(app: ASGIApp) -> ASGIApp:
        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            async def look(message: Message) -> None:
                seen.append(len(logged.records))
                await send(message)

            await app(scope, receive, look)

        return watched

    async with logging(tmp_path) as logged, logged.by("root", watching) as client:
        await client.post("/registered_models", json={"name": "a"})
    assert seen == [1, 1]


class Disk:
    """An `os.write` on a disk that can be full: then it writes only the first bytes of a line."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full, self.takes, self._write = False, 0, os.write
        monkeypatch.setattr("model_registry_proxy.security.audit_file.os.write", self)

    def __call__(self, file: int, text: bytes) -> int:
        if not self.is_full:
            return self._write(file, text)
        if not self.takes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._write(file, text[: self.takes])


@pytest.mark.parametrize("takes", [0, 20])
async def test_no_change_is_made_without_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, takes: int, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk(monkeypatch)
    disk.takes = takes
    async with logging(tmp_path) as logged, logged.by("root") as client:
        disk.is_full = True
        first = await client.post("/registered_models", json={"name": "one"})
        assert first.status_code == 500
        assert first.json()["message"] == (
            "This cannot be recorded in the audit log. If it was a change, it may have been made."
        )
        logged.guarded.served.store.forget()
        refused = await client.post("/registered_models", json={"name": "two"})
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert not logged.guarded.served.store.calls
        assert (await client.get("/registered_models")).json()["size"] == 1
        assert "The audit log cannot be written: No space left on device" in caplog.text
        disk.is_full = False
        assert (await client.post("/registered_models", json={"name": "two"})).status_code == 201
        lines = logged.path.read_text().splitlines()
        whole = [json.loads(line) for line in lines if line.endswith("}")]
        assert [(record["name"], record["status"]) for record in whole] == [("one", 201), ("two", 201)]
        assert all(len(line) <= takes for line in lines if not line.endswith("}"))


async def test_a_denial_that_cannot_be_recorded_is_answered_500(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    async with logging(tmp_path) as logged, logged.by("stranger") as client:
        disk.is_full = True
        for _ in range(3):
            assert (await client.get("/registered_models")).status_code == 500
        disk.is_full = False
        assert (await client.get("/registered_models")).status_code == 403
        assert len(logged.records) == 1


async def test_a_rotated_file_is_followed(tmp_path: Path) -> None:
    async with logging(tmp_path) as logged, logged.by("root") as client:
        await client.post("/registered_models", json={"name": "one"})
        logged.path.rename(tmp_path / "audit.log.1")
        await client.post("/registered_models", json={"name": "two"})
        assert [record["name"] for record in logged.records] == ["two"]
        logged.path.rename(tmp_path / "audit.log.2")
        logged.path.touch()
        await client.post("/registered_models", json={"name": "three"})
        assert [record["name"] for record in logged.records] == ["three"]
        logged.path.write_text("")  # copytruncate
        await client.post("/registered_models", json={"name": "four"})
        assert [record["name"] for record in logged.records] == ["four"]


async def test_a_line_stays_one_line_and_short_whatever_is_sent(tmp_path: Path) -> None:
    values = {
        f"{number} \n{'k' * 200}": {"metadataType": "MetadataStringValue", "string_value": "v"} for number in range(300)
    }
    many = Principal("u" * 1000 + "\n", frozenset(f"group {number}\n" + "g" * 300 for number in range(100)), "jwt")
    async with logging(tmp_path) as logged:
        (tmp_path / "policy.yaml").write_text("roles: {writer: {users: ['*']}}")
        run = noting(Authorized(Policy(tmp_path / "policy.yaml")))
        logged.guarded.api._run = on_registry(lambda: logged.guarded.served.registry, run)  # type: ignore[attr-defined]
        async with logged.by(many) as client:
            made = await client.post("/registered_models", json={"name": "n\n", "customProperties": values})
        assert made.status_code == 201
        assert len(logged.path.read_bytes()) <= MOST_BYTES
        (record,) = logged.records
        assert record["name"] == "n\n"
        assert record["changed"][-1].startswith("and ")
        assert record["changed"][-1].endswith(" more")


async def test_a_request_without_an_answer_is_recorded(tmp_path: Path) -> None:
    async def dying(scope: Scope, receive: Receive, send: Send) -> None:
        raise ConnectionResetError

    file = AuditFile(str(tmp_path / "audit.log"))
    async with guarding(tmp_path) as guarded:
        audited = Audited(dying, guarded.api.router, file)  # type: ignore[attr-defined]
        scope = {"type": "http", "method": "POST", "path": f"{API}/registered_models", "headers": []}
        with pytest.raises(ConnectionResetError):
            await audited(scope, None, None)  # type: ignore[arg-type]
    record = json.loads((tmp_path / "audit.log").read_text())
    assert (record["operation"], record["status"], record["user"]) == ("createRegisteredModel", None, None)


def test_a_path_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^--audit-log .*/no/where: No such file or directory\.$"):
        AuditFile(str(tmp_path / "no/where"))


def test_other_users_of_the_machine_cannot_read_the_file(tmp_path: Path) -> None:
    AuditFile(str(tmp_path / "audit.log")).close()
    assert (tmp_path / "audit.log").stat().st_mode & 0o007 == 0


def test_the_log_can_go_to_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    with capfd.disabled():
        pass
    file = AuditFile("-")
    file.write(b"a line\n")
    file.close()
    assert capfd.readouterr().out == "a line\n"


def test_every_operation_with_a_change_is_recorded() -> None:
    methods = {described.method for described in all_operations().values() if described.operation_id in BOUND}
    assert methods == {"GET", "POST", "PUT", "PATCH", "DELETE"}


async def test_requests_to_the_extensions_are_recorded_as_all_others(tmp_path: Path) -> None:
    async with logging(tmp_path) as logged, logged.by("outsider") as client:
        secret = (await logged.guarded.served.make("/registered_models", name="secret"))["id"]
        assert (await client.get(f"{EXTENSIONS}/whoami")).status_code == 200
        assert (await client.get(f"{EXTENSIONS}/whoami", params={"model": secret})).status_code == 200
        (record,) = logged.records
        assert (record["operation"], record["denied"], record["status"]) == ("getIdentity", "hidden", 200)
