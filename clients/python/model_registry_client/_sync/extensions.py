# Generated from _async/extensions.py by `make client`.
"""The extensions of Model Registry Proxy: answers to questions that Kubeflow's API cannot answer in one request."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from model_registry_client import questions
from model_registry_client._sync.transport import Transport
from model_registry_client.custom_properties import to_wire
from model_registry_client.entities import Artifact, ExperimentRun, ModelVersion, ServeModel
from model_registry_client.entity import Entity
from model_registry_client.errors import NotSupported
from model_registry_client.extended import AuditRecord, Identity, MetricCurve, audited_kind, milliseconds
from model_registry_client.lineage import Lineage, Step, ids_of

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

    def audit(
        self,
        entity: Entity | None = None,
        *,
        user: str | None = None,
        changed: str | None = None,
        outcome: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[AuditRecord]:
        """Yields audit records, newest first: of an entity, of a user, or of both. Admins may leave out both.

        Args:
            entity: The entity whose records are wanted.
            user: Only requests of this user.
            changed: Only requests with this field, such as `owner` or `customProperties.stage`.
            outcome: Only requests that ended so: `done`, `failed`, `denied` or `unanswered`.
            since: Only records from this time on.
            until: Only records up to this time.

        Raises:
            NotSupported: The server keeps no audit records in a file, or has no such operation.
            NotFound: There is no such entity.
            ApiError: The user may not read these records.
        """
        query: dict[str, Any] = {"user": user, "changed": changed, "outcome": outcome}
        query |= {"since": milliseconds(since), "until": milliseconds(until)}
        query |= {"kind": audited_kind(entity), "id": entity.id} if entity else {}
        while True:
            answer = self.get("/audit", query)
            if not answer["isKept"]:
                raise NotSupported(answer["reason"])
            for item in answer["items"]:
                yield AuditRecord.from_wire(item)
            if not answer["nextPageToken"]:
                return
            query["nextPageToken"] = answer["nextPageToken"]

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

    def record_step(
        self,
        kind: str,
        inputs: Iterable[str | Artifact] = (),
        outputs: Iterable[str | Artifact] = (),
        *,
        name: str | None = None,
        custom_properties: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Step:
        """Records that something took artifacts and made others. Returns the step.

        Args:
            kind: What was done, such as `training`, `fine-tuning`, `quantisation` or `evaluation`.
            inputs: The artifacts that it took, or their ids.
            outputs: The artifacts that it made, or their ids.
            name: A name for people.
            custom_properties: Values of the user.
            idempotency_key: With the same key, a repetition finds the first step. By default each call has a key of its own.

        Raises:
            NotFound: There is no such artifact.
            Invalid: There are no artifacts, or one would be made from itself.
        """
        body: dict[str, Any] = {"kind": kind, "inputArtifactIds": ids_of(inputs), "outputArtifactIds": ids_of(outputs)}
        body |= {"name": name} if name else {}
        body |= {"customProperties": to_wire(custom_properties)} if custom_properties else {}
        key = idempotency_key or str(uuid.uuid4())
        return Step.from_wire(self._transport.post_extension("/lineage/steps", body, key))

    def lineage(
        self,
        entity: ModelVersion | Artifact | None = None,
        *,
        digest: str | None = None,
        direction: str = "both",
        depth: int = 3,
    ) -> Lineage:
        """Returns what a version or an artifact was made from, and what came of it.

        Args:
            entity: The version or the artifact.
            digest: All data and models with this digest, instead of an entity.
            direction: `up` for what it was made from, `down` for what came of it, or `both`.
            depth: How many steps or runs to go through, 0 to 20.

        Raises:
            NotFound: There is no such entity or digest.
        """
        query: dict[str, Any] = {"digest": digest, "direction": direction, "depth": depth}
        if entity:
            query["modelVersionId" if isinstance(entity, ModelVersion) else "artifactId"] = entity.id
        return Lineage.from_wire(self.get("/lineage", query))

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Sends a GET below the base path of the extensions, for those without a method here. Returns the JSON.

        Args:
            path: The path after the base path, such as `/facets/registered_models`.
            params: The query parameters. `None` values and empty texts are left out.
        """
        sent = {key: value for key, value in (params or {}).items() if value not in (None, "")}
        return self._transport.get_extension(path, sent)
