"""Calls that only readers may make."""

from pathlib import Path
from typing import Any

import pytest

from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import Forbidden, Unauthorized
from model_registry_proxy.http.api import Answer
from model_registry_proxy.security.policy import Policy
from model_registry_proxy.security.principals import Principal, note_principal
from model_registry_proxy.security.reading import ReadersOnly

CALL = Call("list", (), {}, {})


async def run(_: object, __: Call) -> Answer:
    return 200, {}


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """A policy in which ann reads everything, ben some models, and others nothing."""
    file = tmp_path / "policy.yaml"
    file.write_text("roles: {reader: {users: [ann]}}\nrules: [{models: ['x*'], reader: {users: [ben]}}]\n")
    return Policy(file)


@pytest.mark.parametrize("user", ["ann", "ben"])
async def test_readers_of_something_are_served(policy: Policy, user: str) -> None:
    scope: dict[str, Any] = {"state": {}}
    note_principal(scope, Principal(user, frozenset(), "tokens"))
    assert await ReadersOnly(run, policy)(scope, CALL) == (200, {})


async def test_all_others_are_refused(policy: Policy) -> None:
    scope: dict[str, Any] = {"state": {}}
    with pytest.raises(Unauthorized):
        await ReadersOnly(run, policy)(scope, CALL)
    note_principal(scope, Principal("eve", frozenset(), "tokens"))
    with pytest.raises(Forbidden, match="role reader"):
        await ReadersOnly(run, policy)(scope, CALL)
