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
