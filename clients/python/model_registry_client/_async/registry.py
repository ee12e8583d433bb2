"""The class for users: the connection options, and the operations that are not verbs on an entity."""

import os
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from model_registry_client import questions
from model_registry_client._async.aliases import AsyncAliases
from model_registry_client._async.catalog import AsyncCatalog
from model_registry_client._async.deployments import AsyncDeployments
from model_registry_client._async.experiments import AsyncOpenExperiment
from model_registry_client._async.extensions import AsyncExtensions
from model_registry_client._async.named_methods import AsyncNamedMethods
from model_registry_client._async.transport import AsyncTransport
from model_registry_client.bodies import below, of_change
from model_registry_client.credentials import Token
from model_registry_client.custom_properties import PropertyValue
from model_registry_client.deployment import Deployment
from model_registry_client.entities import Artifact, ExperimentRun, Metric, ModelVersion, RegisteredModel
from model_registry_client.errors import InvalidValue
from model_registry_client.questions import PAGE_SIZE
from model_registry_client.retries import RetryPolicy
from model_registry_client.states import OrderBy

URL_VARIABLE = "MODEL_REGISTRY_URL"


class AsyncRegistry(AsyncNamedMethods):
    """A client of a model registry. Use it as a context manager, or close it.

    Threads may share a `Registry`, and tasks may share an `AsyncRegistry`.

    Args:
        base_url: The address, such as `https://registry.example.com`. The default is the variable `MODEL_REGISTRY_URL`. The base
            path of the API is added, unless the address has a path with `/api/model_registry/` in it.
        port: The port if the address has none. Without both it is 443 for https and 8080 for http.
        is_secure: `False` does not check the server's certificate.
        token: The Bearer token. `credentials.find_token` lists the other sources. `credentials.Token(None)` sends none.
        token_file: A file with the token. It is read again after a minute, and after a 401.
        custom_ca: A file with PEM certificates to trust instead of the system's.
        timeout: Seconds to wait for a response, and for each part of it. At most 10 of them for a connection.
        connections: The largest number of open connections.
        retries: How often a request is retried, and after what pauses.
        headers: More headers for every request.
        partial_updates: Set this if the server keeps the fields that an update leaves out, as Model Registry Proxy does. It saves
            a read per update. Kubeflow's Go server resets states.
        transport: An httpx transport, for tests.

    Raises:
        InvalidValue: The address, the file of the token or the certificates cannot be used.
    """

    def __init__(
        self,
        base_url: str | None = None,
        port: int | None = None,
        *,
        is_secure: bool | None = None,
        token: str | Token | None = None,
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
        """The address of the server, with its port."""
        return self._transport.root

    @property
    def has_token(self) -> bool:
        """Whether requests have a token."""
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
        """Returns an experiment by name, to start runs in and to compare them. It is created with its first run.

        Args:
            name: The name of the experiment.
            description: The description of a new experiment.
            owner: The owner of a new experiment.
            custom_properties: Your own values by name, for a new experiment.
        """
        fields = {"description": description, "owner": owner, "custom_properties": custom_properties}
        return AsyncOpenExperiment(self, name, fields)

    @property
    def deployments(self) -> AsyncDeployments:
        """The deployments of the registry, to read and to record."""
        return AsyncDeployments(self)

    def alias(self, model: RegisteredModel | str) -> AsyncAliases:
        """Returns the aliases of a model, which Model Registry Proxy has: to read, to move, and to roll back.

        Args:
            model: The model, or its name.
        """
        return AsyncAliases(self, self._transport, model)

    async def resolve(self, model: RegisteredModel | str, range_: str) -> ModelVersion:
        """Returns the highest live version of a model in a range of semantic versions, such as `^1.2`, or the one of this name.

        Args:
            model: The model, or its name.
            range_: The range, in npm's language.

        Raises:
            NotFound: There is no such model, or no version fits.
            Invalid: The text is neither a range nor the name of a version.
            NotSupported: The server has no ranges.
        """
        return await self.alias(model).resolve(range_)

    @property
    def extensions(self) -> AsyncExtensions:
        """What only Model Registry Proxy answers: the user of this client, the newest serves, curves of metrics."""
        return AsyncExtensions(self._transport)

    @property
    def catalog(self) -> AsyncCatalog:
        """The model catalog at the same address: models that can be discovered and registered."""
        return AsyncCatalog(self._transport)

    async def deployments_of(self, model: RegisteredModel | str) -> list[Deployment]:
        """Returns the deployments of a model, oldest first. Raises `NotFound` if there is no model of this name."""
        return await self.deployments.of(model)

    async def request(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:
        """Sends a GET or PATCH below the base path, for operations without a method here. Returns the JSON of the response.

        Args:
            method: `GET` or `PATCH`.
            path: The path after the base path, such as `/registered_models`.
            params: The query parameters of a GET.
            body: The JSON body of a PATCH.

        Raises:
            InvalidValue: The method is another one.
            ApiError: The server returned an error.
            Unreachable: The server did not respond.
        """
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
        """Iterates over the history of metrics, of one run or of all. Pages are fetched when they are needed.

        Args:
            experiment_run_id: Only values of this run.
            name: Only values of this metric.
            step_ids: Only values of these steps.
            filter_query: Only values that match this filter.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Values per request.
        """
        narrowed = {"name": name, "stepIds": ",".join(map(str, step_ids)), "artifactType": None}
        params = questions.listing(Metric, filter_query, order_by, descending, narrowed)
        run = f"/{questions.id_in_path(ExperimentRun, experiment_run_id)}" if experiment_run_id else ""
        return self._history(f"/experiment_runs{run}/metric_history", params, page_size, name)

    async def _history(
        self, path: str, params: Mapping[str, Any], page_size: int, name: str | None
    ) -> AsyncIterator[Metric]:
        async for row in self._pages(Metric, path, params, page_size):
            if name is None or row.name == name:  # the Go servers match parts of names
                yield row

    async def attach_artifact(
        self, artifact: Artifact, *, model_version_id: str | None = None, experiment_run_id: str | None = None
    ) -> Artifact:
        """Links an existing artifact to a version or a run too. Returns the artifact.

        Args:
            artifact: An artifact with an id. Changes of its fields are sent too.
            model_version_id: The id of the version.
            experiment_run_id: The id of the run, instead of a version.

        Raises:
            InvalidValue: The artifact has no id, or not exactly one parent is named.
            NotFound: There is no such version or run.
        """
        parent = below(Artifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id)
        if not parent or not artifact.id:
            raise InvalidValue(
                "attach_artifact needs an artifact with an id, and model_version_id or experiment_run_id."
            )
        path = parent[0].path(questions.id_in_path(parent[0].entity, parent[1]))
        sent = {**of_change(artifact, {}), "id": artifact.id, "artifactType": type(artifact).artifact_type}
        attached: Artifact = Artifact.from_wire(await self._transport.post_again(path, sent))
        return attached
