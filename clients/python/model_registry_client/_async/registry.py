"""The registry as users meet it: where the server is, and what is beyond the verbs."""

import os
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from model_registry_client import questions
from model_registry_client._async.deployments import AsyncDeployments
from model_registry_client._async.experiments import AsyncOpenExperiment
from model_registry_client._async.named_methods import AsyncNamedMethods
from model_registry_client._async.transport import AsyncTransport
from model_registry_client.bodies import below, of_change
from model_registry_client.custom_properties import PropertyValue
from model_registry_client.deployment import Deployment
from model_registry_client.entities import Artifact, ExperimentRun, Metric, RegisteredModel
from model_registry_client.errors import InvalidValue
from model_registry_client.questions import PAGE_SIZE
from model_registry_client.retries import RetryPolicy
from model_registry_client.states import OrderBy

URL_VARIABLE = "MODEL_REGISTRY_URL"


class AsyncRegistry(AsyncNamedMethods):
    """A model registry. Use it as a context manager, or close it.

    Args:
        base_url: Where it is, such as `https://registry.example.com`; `MODEL_REGISTRY_URL` when it is not given. A path is kept;
            one with `/api/model_registry/` in it is used as it is.
        port: Its port, unless the address has one; else 443 for https, 8080 for http.
        is_secure: `False` does not check the server's certificate.
        token: The bearer token. See `credentials.find_token` for where it is looked for otherwise.
        token_file: A file with the token; read again from time to time.
        custom_ca: A file with certificates in PEM form to trust instead of the system's.
        timeout: Seconds to wait for an answer, and for a part of it.
        connections: How many connections are kept open at most.
        retries: How often a request is sent again, and with what pauses.
        headers: Sent with every request.
        partial_updates: The server is known to leave alone what a change does not mention, as Model Registry Proxy does. This
            saves a read per update. Kubeflow's Go server resets states.
        transport: An httpx transport to go through, for tests.

    Raises:
        InvalidValue: The address, the token's file or the certificates cannot be used.
    """

    def __init__(
        self,
        base_url: str | None = None,
        port: int | None = None,
        *,
        is_secure: bool | None = None,
        token: str | None = None,
        token_file: str | Path | None = None,
        custom_ca: str | Path | None = None,
        timeout: float = 30.0,
        connections: int = 10,
        retries: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        partial_updates: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        address = base_url or os.environ.get(URL_VARIABLE)
        if not address:
            raise InvalidValue(f"Say where the registry is: Registry('http://localhost:8080'), or set {URL_VARIABLE}.")
        super().__init__(
            AsyncTransport(
                address,
                port,
                is_secure=is_secure,
                token=token,
                token_file=token_file,
                custom_ca=custom_ca,
                timeout=timeout,
                connections=connections,
                retries=retries,
                headers=headers,
                transport=transport,
            ),
            partial_updates=partial_updates,
        )

    @property
    def url(self) -> str:
        """The server's address, with its port."""
        return self._transport.root

    @property
    def has_token(self) -> bool:
        """Whether requests carry a token."""
        return self._transport.has_token

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def experiment(
        self,
        name: str,
        *,
        description: str | None = None,
        owner: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
    ) -> AsyncOpenExperiment:
        """An experiment by its name, to start runs in and to compare them. It is created with its first run.

        Args:
            name: Its name.
            description: What it tries, in words, where it is new.
            owner: Who answers for it, where it is new.
            custom_properties: Values of your own, where it is new.
        """
        fields = {"description": description, "owner": owner, "custom_properties": custom_properties}
        return AsyncOpenExperiment(self, name, fields)

    @property
    def deployments(self) -> AsyncDeployments:
        """What is deployed where: to look at, and to record."""
        return AsyncDeployments(self)

    async def deployments_of(self, model: RegisteredModel | str) -> list[Deployment]:
        """Where a model is deployed, and which version of it. Raises `NotFound` where there is no model of this name."""
        return await self.deployments.of(model)

    async def request(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:
        """The JSON that the server answers to a GET or a PATCH below its base path, for what has no method of its own."""
        if method == "GET":
            return await self._transport.get(path, params)
        if method == "PATCH":
            return await self._transport.patch(path, body or {})
        raise InvalidValue(f"method must be GET or PATCH, which may be repeated; got {method!r}.")

    def list_metric_history(
        self,
        experiment_run_id: str | None = None,
        *,
        name: str | None = None,
        step_ids: Iterable[int] = (),
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[Metric]:
        """Goes through the values that metrics have had, of one run or of all, fetching a page when it is needed.

        Args:
            experiment_run_id: Those of this run only.
            name: Those of this metric only.
            step_ids: Those of these steps only.
            filter_query: What they must match.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request.
        """
        narrowed = {"name": name, "stepIds": ",".join(map(str, step_ids)), "artifactType": None}
        question = questions.listing(Metric, filter_query, order_by, descending, narrowed)
        run = f"/{questions.id_in_path(ExperimentRun, experiment_run_id)}" if experiment_run_id else ""
        return self._history(f"/experiment_runs{run}/metric_history", question, page_size, name)

    async def _history(
        self, path: str, question: Mapping[str, Any], page_size: int, name: str | None
    ) -> AsyncIterator[Metric]:
        async for row in self._pages(Metric, path, question, page_size):
            if name is None or row.name == name:  # the Go servers match parts of names
                yield row

    async def attach_artifact(
        self, artifact: Artifact, *, model_version_id: str | None = None, experiment_run_id: str | None = None
    ) -> Artifact:
        """Puts an artifact that is there below a version or a run as well. Answers it."""
        parent = below(Artifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id)
        if not parent or not artifact.id:
            raise InvalidValue(
                "attach_artifact needs an artifact with an id, and model_version_id or experiment_run_id."
            )
        path = parent[0].path(questions.id_in_path(parent[0].entity, parent[1]))
        sent = {**of_change(artifact, {}), "id": artifact.id, "artifactType": type(artifact).artifact_type}
        attached: Artifact = Artifact.from_wire(await self._transport.post_again(path, sent))
        return attached
