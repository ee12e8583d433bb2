"""MLflow's registry API on a store in memory, asked as MLflow's clients ask."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from tests.support.serving import MLFLOW, Served, serving

Json = dict[str, Any]


@dataclass(frozen=True)
class Mlflow:
    """Sends requests to the API of `served`, by the method and path of its document."""

    served: Served

    async def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Sends parameters as MLflow's clients do: in the query of a GET, else in a body of JSON."""
        url = f"{MLFLOW}/{path}"
        if method == "GET":
            return await self.served.client.request(method, url, params=given)
        return await self.served.client.request(method, url, json=given)

    async def get(self, path: str, **given: Any) -> Json:
        """Returns the answer to a GET, which must be accepted."""
        return _accepted(await self.ask("GET", path, **given))

    async def post(self, path: str, **given: Any) -> Json:
        """Returns the answer to a POST, which must be accepted."""
        return _accepted(await self.ask("POST", path, **given))

    async def delete(self, path: str, **given: Any) -> Json:
        """Returns the answer to a DELETE, which must be accepted."""
        return _accepted(await self.ask("DELETE", path, **given))

    async def refusal(self, method: str, path: str, **given: Any) -> tuple[int, str, str]:
        """Returns status, code and message of a request that must be refused, and checks that nothing has changed."""
        before = str(self.served.store.nodes)
        response = await self.ask(method, path, **given)
        assert not response.is_success, response.text
        assert str(self.served.store.nodes) == before
        return response.status_code, response.json()["error_code"], response.json()["message"]

    async def model(self, name: str = "churn", versions: int = 0, **given: Any) -> Json:
        """Creates a model with so many versions; returns it."""
        answer = await self.post("registered-models/create", name=name, **given)
        for number in range(1, versions + 1):
            await self.version(name, source=f"s3://b/{number}")
        return answer["registered_model"]  # type: ignore[no-any-return]

    async def version(self, name: str = "churn", **given: Any) -> Json:
        """Creates a version; returns it."""
        answer = await self.post("model-versions/create", **{"name": name, "source": "s3://b/1", **given})
        return answer["model_version"]  # type: ignore[no-any-return]

    async def stage(self, number: str, stage: str, **given: Any) -> Json:
        """Moves a version of the model `churn` to a stage; returns it."""
        path = "model-versions/transition-stage"
        return (await self.post(path, name="churn", version=number, stage=stage, **given))["model_version"]  # type: ignore[no-any-return]


def _accepted(response: httpx.Response) -> Json:
    assert response.is_success, response.text
    answer: Json = response.json()
    return answer


@pytest_asyncio.fixture
async def mlflow() -> AsyncIterator[Mlflow]:
    """The API on an empty store."""
    async with serving() as served:
        yield Mlflow(served)
