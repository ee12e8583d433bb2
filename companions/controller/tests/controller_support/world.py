"""A controller in this process, between an API server in memory and the real registry on a store in memory."""

import asyncio
import copy
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from model_registry_client.credentials import Token
from model_registry_controller.controller import Controller
from model_registry_controller.kubernetes.api import KubernetesApi
from model_registry_controller.measuring import Measures
from model_registry_controller.settings.reading import read

from controller_support.fake_api import FakeApi
from tests.support.serving import API, Served, serving

Json = dict[str, Any]
P = "modelregistry.kubeflow.org/"
FINALIZER, NUMBER, MODEL, VERSION = (
    P + "finalizer",
    P + "inference-service-id",
    P + "registered-model-id",
    P + "model-version-id",
)
PREDICTOR: Json = {"model": {"modelFormat": {"name": "onnx"}, "runtime": "ovms"}}
ELSEWHERE = "http://registry.example.com"
PATIENCE = 30.0


class Wire(httpx.AsyncBaseTransport):
    """What goes to registries: each call is noted, and may fail on demand.

    Attributes:
        calls: Method, path and query of each call, without the base path.
        tokens: The header `Authorization` of each call, by host.
        status: The status of every answer; 0 for no connection, None for the real answer.
        hook: Is called before each call.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.calls: list[str] = []
        self.bodies: list[bytes] = []
        self.tokens: dict[str, set[str]] = {}
        self.status: int | None = None
        self.hook: Callable[[str], None] = lambda _: None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = f"{request.method} {request.url.raw_path.decode().removeprefix(API)}"
        self.calls.append(call)
        self.bodies.append(await request.aread())
        self.tokens.setdefault(request.url.host, set()).add(request.headers.get("authorization", ""))
        self.hook(call)
        if self.status == 0:
            raise httpx.ConnectError("refused by the test")
        if self.status:
            return httpx.Response(self.status, json={"code": "", "message": "refused by the test"})
        sent = httpx.Request(
            request.method, httpx.URL("http://test").join(request.url.raw_path.decode()),
            headers={"content-type": "application/json"}, content=self.bodies[-1],
        )  # fmt: skip
        return await self._inner.handle_async_request(sent)

    def take(self) -> list[str]:
        """Returns the calls so far, and begins again."""
        calls, self.calls = self.calls, []
        return calls


class World:
    """Objects, a registry and a controller.

    Attributes:
        api: The API server.
        wire: What goes to the registry.
        registry: The registry.
        controller: The controller, after `start`.
        model: The id of a model.
        versions: The ids of its versions `1` and `2`.
    """

    def __init__(self, served: Served) -> None:
        self.api, self.registry = FakeApi(), served
        self.wire = Wire(served.client._transport)
        self.controller: Any = None
        self.model, self.versions = "", ("", "")
        self._task: asyncio.Task[None] | None = None
        self._uids = itertools.count(1)

    async def prepare(self) -> None:
        """Makes a model with two versions, and a Service of a registry."""
        self.model = (await self.registry.make("/registered_models", name="churn"))["id"]
        made = [
            await self.registry.make("/model_versions", name=name, registeredModelId=self.model) for name in ("1", "2")
        ]
        self.versions = made[0]["id"], made[1]["id"]
        self.service("kubeflow", "registry")

    async def start(self, *arguments: str, **environment: str) -> None:
        """Starts a controller, and waits until it has nothing to do."""
        await self.start_without_waiting(*arguments, **environment)
        await self.idle()

    async def start_without_waiting(self, *arguments: str, **environment: str) -> None:
        """Starts a controller."""
        settings = read(arguments, environment)
        api = KubernetesApi(self.api.api_connection(), transport=self.api)
        self.controller = Controller(api, settings, Token("secret"), Measures(), self.wire)
        self._task = asyncio.create_task(self.controller.run())

    async def stop(self) -> None:
        """Stops the controller."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self.api.end_watches()

    async def until(self, condition: Callable[[], Any]) -> None:
        """Waits until a condition holds."""
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 (what is waited for has no event)
                await asyncio.sleep(0.002)

    async def idle(self) -> None:
        """Waits until all events have arrived and nothing is left to do."""
        await self.until(
            lambda: (
                len(self.api.watches) == 2
                and all(queue.empty() for _, queue in self.api.watches)
                and self.controller.is_idle
                and self.controller._events._waiting.empty()
            )
        )

    def service(self, namespace: str, name: str, ports: Json | None = None, **more: Any) -> None:
        """Makes a Service of a registry."""
        annotations = more.pop("annotations", {})
        self.api.put(
            f"/api/v1/namespaces/{namespace}/services/{name}",
            {
                "metadata": {"namespace": namespace, "name": name, "annotations": annotations},
                "spec": {
                    "ports": [{"name": key, "port": port} for key, port in (ports or {"http-api": 8080}).items()],
                    **more,
                },
            },
        )

    def create(self, name: str, labels: Json | None = None, annotations: Json | None = None, **more: Any) -> None:
        """Creates an InferenceService in the namespace `team`."""
        meta = {"namespace": "team", "name": name, "uid": f"uid-{next(self._uids)}", "generation": 1}
        self.api.put(
            path(name),
            {
                "metadata": {
                    **meta,
                    "labels": {MODEL: self.model} if labels is None else labels,
                    "annotations": annotations or {},
                },
                "spec": {"predictor": more.pop("predictor", PREDICTOR)},
                **more,
            },
        )

    def change(self, name: str, **parts: Any) -> None:
        """Changes metadata or status of an object."""
        item = copy.deepcopy(self.api.objects[path(name)])
        for part, change in parts.items():
            item[part] = {**item.get(part, {}), **change} if part != "status" else change
        self.api.put(path(name), item)

    def label(self, name: str, **labels: str | None) -> None:
        """Changes labels, by their last part with underscores."""
        known = self.meta(name).get("labels", {})
        changed = {P + key.replace("_", "-"): value for key, value in labels.items()}
        self.change(
            name, metadata={"labels": {key: value for key, value in {**known, **changed}.items() if value is not None}}
        )

    def delete(self, name: str) -> None:
        """Deletes an object, as a user does: with a finalizer it stays."""
        if self.meta(name).get("finalizers"):
            self.change(name, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
        else:
            self.api.remove(path(name))

    def exists(self, name: str) -> bool:
        """Whether an object exists."""
        return path(name) in self.api.objects

    def meta(self, name: str) -> Json:
        """The metadata of an object."""
        found: Json = self.api.objects[path(name)]["metadata"]
        return found

    async def entry(self, name: str) -> Json:
        """The entry of an object in the registry."""
        return await self.read(f"/inference_services/{self.meta(name)['labels'][NUMBER]}")

    async def serves(self, number: str) -> list[tuple[str, str, str]]:
        """Revision, version and state of the serves of an entry, oldest first."""
        page = await self.read(f"/inference_services/{number}/serves?orderBy=CREATE_TIME&sortOrder=ASC")
        return [
            (
                one["customProperties"].get("revision", {}).get("string_value", ""),
                one["modelVersionId"],
                one["lastKnownState"],
            )
            for one in page["items"]
        ]

    async def read(self, where: str) -> Json:
        """Reads from the registry, without the controller."""
        found: Json = (await self.registry.client.get(where)).raise_for_status().json()
        return found

    def events(self, name: str) -> list[str]:
        """The reasons of the Events of an object."""
        found = [item for at, item in self.api.objects.items() if "/events/" in at]
        return [item["reason"] for item in found if item["involvedObject"]["name"] == name]

    def messages(self, name: str) -> str:
        """The messages of the Events of an object."""
        found = [item for at, item in self.api.objects.items() if "/events/" in at]
        return "\n".join(item["message"] for item in found if item["involvedObject"]["name"] == name)


def path(name: str) -> str:
    """The path of an InferenceService in the namespace `team`."""
    return f"/apis/serving.kserve.io/v1beta1/namespaces/team/inferenceservices/{name}"


def ready(
    revision: str = "", *, status: str = "True", reason: str = "", traffic: Json | None = None, **more: Any
) -> Json:
    """A status of an InferenceService. `revision`: the newest one; `traffic`: percent by revision."""
    predictor: Json = {}
    if revision:
        predictor = {"latestCreatedRevision": revision, "latestReadyRevision": more.pop("ready_revision", revision)}
    if traffic:
        predictor["traffic"] = [{"revisionName": name, "percent": percent} for name, percent in traffic.items()]
    condition = {"type": "Ready", "status": status, **({"reason": reason} if reason else {})}
    return {"conditions": [condition], "components": {"predictor": predictor}, **more}


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """A world with a model, two versions and a Service of a registry; the controller is not started."""
    async with serving() as served:
        made = World(served)
        await made.prepare()
        try:
            yield made
        finally:
            await made.stop()
