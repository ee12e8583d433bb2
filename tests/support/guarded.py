"""The API with an access policy, on a store for tests, as different users see it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from model_registry_proxy.security.authorization import Authorized
from model_registry_proxy.security.policy import Policy
from model_registry_proxy.security.principals import Principal, note_principal
from model_registry_proxy.security.running import RunOperation, on_registry
from tests.support.aliases import an_alias
from tests.support.serving import API, Served, serving, with_shapes

POLICY = """
roles:
  admin: {users: [root]}
  writer: {users: [outsider, changer]}
  reader: {users: [looker]}
rules:
  - models: ["secret*"]
    reader: {users: [reader, looker]}
    writer: {groups: [insiders]}
"""
"""`outsider` may do everything but with secret models, `insider` (by a group) everything with these and nothing else."""

USERS = {
    "root": Principal("root", frozenset(), "tokens"),
    "outsider": Principal("outsider", frozenset({"others"}), "tokens"),
    "insider": Principal("insider", frozenset({"insiders"}), "tokens"),
    "changer": Principal("changer", frozenset({"insiders"}), "tokens"),
    "reader": Principal("reader", frozenset(), "tokens"),
    "looker": Principal("looker", frozenset(), "tokens"),
    "stranger": Principal("stranger", frozenset(), "tokens"),
}


class As:
    """An ASGI application that sends all requests as one user."""

    def __init__(self, app: ASGIApp, principal: Principal) -> None:
        self._app, self._principal = app, principal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        note_principal(scope, self._principal)
        await self._app(scope, receive, send)


@dataclass(frozen=True)
class Guarded:
    """`served` has the store and a client without policy; `by` returns the client of a user."""

    served: Served
    api: ASGIApp
    run: RunOperation

    def by(self, user: str) -> httpx.AsyncClient:
        """A client of one of `USERS`."""
        transport = httpx.ASGITransport(app=As(with_shapes(self.api), USERS[user]))
        return httpx.AsyncClient(transport=transport, base_url=f"http://test{API}")

    @property
    def writes(self) -> list[str]:
        """The calls since `forget` that change something."""
        writes: list[str] = self.served.store.writes
        return writes


@asynccontextmanager
async def guarding(folder: Path, policy: str = POLICY, **chosen: Any) -> AsyncIterator[Guarded]:
    """Serves the API with a policy on an empty store."""
    (folder / "policy.yaml").write_text(policy)
    async with serving(**chosen) as served:
        # The same API once more, whose operations run within the policy.
        api = served.api.__class__.__new__(served.api.__class__)
        api.__dict__.update(served.api.__dict__)
        run = Authorized(Policy(folder / "policy.yaml"))
        api._run = on_registry(lambda: served.registry, run)
        yield Guarded(served, api, run)


async def a_world(served: Served, word: str) -> dict[str, str]:
    """Creates one entity of each kind, below a model whose name starts with the word, an environment and a run; returns the ids."""
    make = served.make
    ids = {}
    ids["model"] = (await make("/registered_models", name=f"{word} model", externalId=f"{word} model"))["id"]
    version = {"name": f"{word} version", "registeredModelId": ids["model"], "externalId": f"{word} version"}
    ids["version"] = (await make("/model_versions", **version))["id"]
    below_version = f"/model_versions/{ids['version']}/artifacts"
    weights = {"artifactType": "model-artifact", "name": f"{word} weights", "externalId": f"{word} artifact"}
    ids["artifact"] = (await make(below_version, **weights))["id"]
    ids["metric"] = (await make(below_version, artifactType="metric", name=f"{word} quality", value=1))["id"]
    ids["environment"] = (await make("/serving_environments", name=f"{word} environment"))["id"]
    service = {"registeredModelId": ids["model"], "servingEnvironmentId": ids["environment"]}
    named = {"name": f"{word} service", "externalId": f"{word} service"}
    ids["service"] = (await make("/inference_services", **service, **named))["id"]
    pinned = {**service, "name": f"{word} pinned", "modelVersionId": ids["version"]}
    ids["pinned"] = (await make("/inference_services", **pinned))["id"]
    await make(f"/inference_services/{ids['service']}/serves", name=f"{word} serve", modelVersionId=ids["version"])
    ids["experiment"] = (await make("/experiments", name=f"{word} experiment"))["id"]
    ids["run"] = (await make("/experiment_runs", name=f"{word} run", experimentId=ids["experiment"]))["id"]
    await make(f"/experiment_runs/{ids['run']}/artifacts", artifactType="metric", name="loss", value=1, step=1)
    return {**ids, **await an_alias(served, f"{word} aliased")}


def names_in(rows: Iterable[dict[str, Any]]) -> list[str]:
    """The names of the rows of a list."""
    return [row["name"] for row in rows]
