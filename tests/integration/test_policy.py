"""A server with JWTs of an issuer, a policy, an audit log and several workers, over the C++ store with its own filters."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.guarded import POLICY
from tests.support.issuer import AUDIENCE, Issuer
from tests.support.processes import Proxy, proxy
from tests.support.watching import await_true


@dataclass(frozen=True)
class Guarded:
    """A server, the issuer that it trusts, and the folder of its files."""

    proxy: Proxy
    issuer: Issuer
    folder: Path

    def by(self, user: str, *groups: str) -> httpx.Client:
        """A client with the token of a user."""
        token = self.issuer.token(next(reversed(self.issuer.keys)), email=user, realm={"roles": list(groups)})
        return httpx.Client(base_url=self.proxy.api, headers={"authorization": f"Bearer {token}"}, timeout=60)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder, issuer = tmp_path_factory.mktemp("guarded"), Issuer()
    issuer.add_key("first", "RS256")
    (folder / "policy.yaml").write_text(POLICY)
    with issuer.serving() as url:
        flags = ["--auth", "jwt", "--jwt-issuer", url, "--jwt-audience", AUDIENCE, "--jwt-user-claim", "email"]
        flags += ["--jwt-groups-claim", "realm.roles", "--policy", str(folder / "policy.yaml")]
        with proxy(folder, *flags, "--audit-log", str(folder / "audit.log"), "--workers", "2") as served:
            yield Guarded(served, issuer, folder)


def test_each_user_sees_and_changes_only_what_the_policy_allows(guarded: Guarded) -> None:
    with guarded.by("changer", "insiders") as client:
        for number in range(6):
            for word in ("secret", "open"):
                made = client.post("/registered_models", json={"name": f"{word} {number}"})
                assert made.status_code == 201, made.text
    for user, groups, seen in (("outsider", [], "open"), ("someone", ["insiders"], "secret")):
        with guarded.by(user, *groups) as client:
            page = client.get("/registered_models", params={"pageSize": 6, "orderBy": "CREATE_TIME"}).json()
            assert [item["name"] for item in page["items"]] == [f"{seen} {number}" for number in range(6)]
            assert page["nextPageToken"] == ""
            assert client.post("/registered_models", json={"name": f"{seen} mine"}).status_code == 201
            hidden = "open 0" if seen == "secret" else "secret 0"
            assert client.get("/registered_model", params={"name": hidden}).status_code == 404
            assert client.post("/registered_models", json={"name": hidden}).status_code == 403
    with guarded.by("stranger") as client:
        assert client.get("/registered_models").status_code == 403
    records = [json.loads(line) for line in (guarded.folder / "audit.log").read_text().splitlines()]
    assert {(record["user"], record["status"], record["denied"]) for record in records} >= {
        ("changer", 201, None),
        ("someone", 201, None),
        ("outsider", 404, "hidden"),
        ("outsider", 403, "forbidden"),
        ("stranger", 403, "forbidden"),
    }


def test_audit_records_are_shown_by_every_worker_as_the_policy_allows_also_after_a_rotation(guarded: Guarded) -> None:
    audit = f"{guarded.proxy.url}/api/model_registry/ext/v1/audit"
    with guarded.by("changer", "insiders") as client:
        id_ = client.post("/registered_models", json={"name": "secret plan"}).json()["id"]
        for owner in "abc":
            assert client.patch(f"/registered_models/{id_}", json={"owner": owner}).status_code == 200
    with guarded.by("outsider") as client:
        assert client.patch(f"/registered_models/{id_}", json={"owner": "x"}).status_code == 404
        hidden, missing = (
            client.get(audit, params={"kind": "registered_model", "id": one}) for one in (id_, "987654321")
        )
        assert (hidden.status_code, missing.status_code) == (404, 404)
        assert hidden.json()["message"].replace(id_, "N") == missing.json()["message"].replace("987654321", "N")
        assert client.get(audit, params={"user": "changer"}).status_code == 403
        assert "secret plan" not in client.get(audit, params={"user": "outsider"}).text

    def pages(user: str) -> list[list[str]]:
        """The outcomes on the pages of the model's records; the file is renamed before the second page."""
        found, token, log = [], "", guarded.folder / "audit.log"
        while token or not found:
            with guarded.by(user) as client:  # each on a connection of its own, so that both workers answer
                query = {"kind": "registered_model", "id": id_, "pageSize": 3, "nextPageToken": token}
                page = client.get(audit, params=query).json()
            if not found:
                log.rename(log.with_name(f"audit.log.{2 if user == 'root' else 1}"))
            found.append([f"{one['user']} {one['outcome']}" for one in page["items"]])
            token = page["nextPageToken"]
        return found

    assert pages("root") == [["outsider denied", "changer done", "changer done"], ["changer done", "changer done"]]
    with guarded.by("changer", "insiders") as client:
        assert client.patch(f"/registered_models/{id_}", json={"owner": "d"}).status_code == 200
    assert pages("reader") == [["changer done"] * 3, ["changer done"] * 2]


@pytest.mark.slow
def test_a_new_policy_counts_in_every_worker(guarded: Guarded) -> None:
    (guarded.folder / "policy.yaml").write_text("roles: {reader: {groups: [newcomers]}}")

    def all_let_in() -> bool:
        statuses = []
        for _ in range(6):  # each on a connection of its own, so that both workers answer
            with guarded.by("newcomer", "newcomers") as client:
                statuses.append(client.get("/registered_models").status_code)
        return statuses == [200] * 6

    try:
        await_true(all_let_in, "the new policy")
    finally:
        (guarded.folder / "policy.yaml").write_text(POLICY)
