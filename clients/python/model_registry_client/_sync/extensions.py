# Generated from _async/extensions.py by `make client`.
"""The extensions of Model Registry Proxy: answers to questions that Kubeflow's API cannot answer in one request."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from model_registry_client import questions
from model_registry_client._sync.transport import Transport
from model_registry_client.entities import ExperimentRun, ServeModel
from model_registry_client.extended import Identity, MetricCurve

_MOST_IDS = 200
"""The server takes so many ids in one request."""


class Extensions:
    """What only Model Registry Proxy answers. Each method raises `NotSupported` with another server."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def whoami(self, model_ids: Iterable[str] = ()) -> Identity:
        """Returns the user of this client, with roles.

        Args:
            model_ids: Ids of registered models, at most 200, whose roles are wanted too.
        """
        return Identity.from_wire(self.get("/whoami", {"model": ",".join(model_ids)}))

    def newest_serves(self, inference_service_ids: Iterable[str]) -> dict[str, ServeModel]:
        """Returns the newest serve of each inference service that has one, by the id of the service."""
        found: dict[str, ServeModel] = {}
        ids = iter(inference_service_ids)
        while some := list(islice(ids, _MOST_IDS)):
            answer = self.get("/inference_services/newest_serves", {"ids": ",".join(some)})
            for item in answer["items"]:
                found[item["inferenceServiceId"]] = ServeModel.from_wire(item["serve"])
        return found

    def metric_curves(
        self, experiment_run_id: str, names: Iterable[str], *, max_points: int = 1000
    ) -> dict[str, MetricCurve]:
        """Returns curves of metrics of a run, by name. A metric that the run does not have gets an empty curve.

        Args:
            experiment_run_id: The id of the run.
            names: The names of the metrics, at most 50. A name with a comma cannot be asked for.
            max_points: The largest number of points of each curve. The first, the last and all extremes stay.

        Raises:
            NotFound: There is no such run.
        """
        path = f"/experiment_runs/{questions.id_in_path(ExperimentRun, experiment_run_id)}/metric_history"
        answer = self.get(path, {"names": ",".join(names), "maxPoints": max_points})
        return {each["name"]: MetricCurve.from_wire(each) for each in answer["metrics"]}

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Sends a GET below the base path of the extensions, for those without a method here. Returns the JSON.

        Args:
            path: The path after the base path, such as `/facets/registered_models`.
            params: The query parameters. `None` values and empty texts are left out.
        """
        sent = {key: value for key, value in (params or {}).items() if value not in (None, "")}
        return self._transport.get_extension(path, sent)
