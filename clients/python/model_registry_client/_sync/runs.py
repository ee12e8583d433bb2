# Generated from _async/runs.py by `make client`.
"""An active run of an experiment: logs values, and records how the run ends."""

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol, Self

from model_registry_client._sync.named_methods import NamedMethods
from model_registry_client._sync.sending import Sender
from model_registry_client._sync.waiting import Worker
from model_registry_client.bodies import below, checked_new, what_exists
from model_registry_client.entities import DataSet, Experiment, ExperimentRun, ModelArtifact
from model_registry_client.errors import NotLogged, RegistryError
from model_registry_client.measurements import (
    NO_ID,
    Buffer,
    CannotBeKeptError,
    Value,
    as_json,
    metric,
    now_in_milliseconds,
    parameter,
    shown,
    status_after,
)
from model_registry_client.notices import NotLoggedWarning, warn
from model_registry_client.states import ExperimentRunStatus

logger = logging.getLogger("model_registry_client")
FLUSH_SECONDS = 2.0
FLUSH_VALUES = 500


class ExperimentOfRun(Protocol):
    """What a run needs from its experiment."""

    @property
    def registry(self) -> NamedMethods:
        """The registry that the run is recorded in."""

    def ensure(self) -> Experiment:
        """Returns the experiment as the server has it, and creates it if there is none."""


class Run:
    """A run, to use as a context manager. It is created on entering, and marked FINISHED, FAILED or KILLED on leaving.

    Parameters and metrics wait in a buffer and are sent in the background. The values of one metric are sent in order, several
    metrics at the same time. Threads may share a run.
    """

    def __init__(self, experiment: ExperimentOfRun, fields: Mapping[str, Any], *, resume: bool) -> None:
        self._experiment, self._fields, self._resume = experiment, dict(fields), resume
        self._registry = experiment.registry
        self._buffer = Buffer()
        self._sender = Sender(self._registry, self._buffer, lambda: self.id)
        self._worker = Worker(self._send_quietly, FLUSH_SECONDS)
        self._info: ExperimentRun | None = None

    @property
    def info(self) -> ExperimentRun:
        """The run as stored. Raises `RegistryError` before the run has begun."""
        if self._info is None:
            raise RegistryError("The run has not begun: use it as a context manager, or call begin().")
        return self._info

    @property
    def id(self) -> str:
        """The id of the run."""
        return self.info.id

    @property
    def name(self) -> str:
        """The name of the run."""
        return self.info.name

    def __enter__(self) -> Self:
        return self.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.end(status_after(error))
        except RegistryError as failure:
            if error is None:
                raise
            error.add_note(f"The run could not be ended in the registry: {failure}")
            logger.warning("The run %s could not be ended: %s", self.name, failure)

    def begin(self) -> Self:
        """Creates the run, and its experiment if there is none. With `resume`, it continues the run of this name if there is one.

        Raises:
            Conflict: There is a run of this name, and `resume` is not set.
            InvalidValue: A value of the experiment or the run cannot be stored. Nothing is created.
        """
        if self._info is None:
            checked_new(ExperimentRun, self._fields, below(ExperimentRun, experiment_id="1"))
            experiment = self._experiment.ensure()
            under = below(ExperimentRun, experiment_id=experiment.id)
            name = self._fields.get("name")
            found = self._registry.find(ExperimentRun, name, under) if self._resume and name else None
            if found:
                self._info = self._registry.update_experiment_run(found, status=ExperimentRunStatus.RUNNING)
            else:
                started = {"status": ExperimentRunStatus.RUNNING, "start_time_since_epoch": now_in_milliseconds()}
                try:
                    self._info = self._registry.create(ExperimentRun, {**self._fields, **started}, under)
                except RegistryError as error:
                    created = [f"the experiment {experiment.name!r} (id {experiment.id})"]
                    raise error.adding(what_exists(created)) from error.__cause__
            self._worker.start()
        return self

    def end(self, status: ExperimentRunStatus | str = ExperimentRunStatus.FINISHED) -> ExperimentRun:
        """Sends the waiting values, then records the status and the end time of the run. Returns the run.

        Args:
            status: The final status.

        Raises:
            NotLogged: Values could not be recorded. The run is marked as ended nevertheless, if the server can be reached.
        """
        self._worker.stop()
        failure: Exception | None = None
        try:
            self.flush()
        except RegistryError as error:
            failure = error
        try:
            self._info = self._registry.update_experiment_run(
                self.id, status=status, end_time_since_epoch=now_in_milliseconds()
            )
        except RegistryError as error:
            if not failure:
                raise
            failure.add_note(f"Nor could the run be marked as ended: {error}")
        if failure:
            raise failure
        return self.info

    def log_param(self, name: str, value: Any, *, description: str | None = None) -> None:
        """Logs a parameter. A later value of the same name replaces it.

        A value that the registry cannot store, such as a text with a NUL character, is left out with a `NotLoggedWarning`.

        Args:
            name: The name of the parameter.
            value: A text, number or bool; or a dict, list or tuple that JSON can hold.
            description: A description for people.

        Raises:
            InvalidValue: JSON cannot hold the value, or there is no name.
        """
        try:
            self._add(parameter(name, value, description, self._prefix))
        except CannotBeKeptError as reason:
            warn(f"The parameter {shown(name)} is {shown(value)}; this is not recorded: {reason}.", NotLoggedWarning)

    def log_params(self, values: Mapping[str, Any]) -> None:
        """Logs parameters by name. See `log_param`."""
        for name, value in values.items():
            self.log_param(name, value)

    def log_metric(
        self, name: str, value: float, step: int | None = None, *, timestamp: str | int | None = None
    ) -> None:
        """Logs a value of a metric. The history of the metric keeps every value.

        A value that the registry cannot store is left out, and the script goes on. A `NotLoggedWarning` names the metric, the step,
        the value and the reason. Examples: NaN, infinity, numbers of 1e60 and more, steps beyond 64 bits, names that are too long.

        Args:
            name: The name of the metric.
            value: The number; also a `Decimal`, or a scalar of numpy or torch.
            step: The training step, a whole number.
            timestamp: Time of the measurement, in milliseconds since 1970-01-01 UTC. The default is now.

        Raises:
            InvalidValue: The value is not a number, or the step is not a whole number. This is a mistake in the script.
        """
        try:
            self._add(metric(name, value, step, timestamp, self._prefix))
        except CannotBeKeptError as reason:
            what = f"The metric {shown(name)} is {shown(value)} at step {shown(step)}"
            warn(f"{what}; this is not recorded: {reason}.", NotLoggedWarning)

    def log_metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Logs values of metrics by name, all at the same step. See `log_metric`."""
        for name, value in values.items():
            self.log_metric(name, value, step)

    def log_dataset(
        self,
        name: str,
        uri: str | None = None,
        *,
        digest: str | None = None,
        source_type: str | None = None,
        source: str | None = None,
        schema: str | Mapping[str, Any] | None = None,
        profile: str | Mapping[str, Any] | None = None,
        description: str | None = None,
        custom_properties: Mapping[str, Any] | None = None,
    ) -> DataSet:
        """Records a dataset of the run, without the buffer. Returns it. A dataset of the same name is updated.

        Args:
            name: The name of the dataset.
            uri: The URI of the data.
            digest: A checksum of the data.
            source_type: The kind of the data's source.
            source: The source of the data, or its address.
            schema: The schema of the data. A mapping is stored as JSON.
            profile: A summary of the data. A mapping is stored as JSON.
            description: A description for people.
            custom_properties: Your own values by name.
        """
        return self._registry.upsert_dataset(
            name,
            experiment_run_id=self.id,
            uri=uri,
            digest=digest,
            source_type=source_type,
            source=source,
            schema=as_json(schema),
            profile=as_json(profile),
            description=description,
            custom_properties=custom_properties,
        )

    def log_model(self, name: str, uri: str, **fields: Any) -> ModelArtifact:
        """Records a model that the run made, without the buffer. Returns it. A model artifact of the same name is updated.

        Args:
            name: The name of the artifact.
            uri: The URI of the files.
            fields: Other fields of `ModelArtifact`.
        """
        under = below(ModelArtifact, experiment_run_id=self.id)
        return self._registry.upsert(ModelArtifact, {"name": name, "uri": uri, **fields}, under)

    def flush(self) -> None:
        """Sends the waiting values. Raises `NotLogged` if some could not be recorded. Those that may be retried still wait."""
        failure, refused = self._sender.send(), self._sender.take_refused()
        if failure or refused:
            lost = [value for value, _ in refused] + self._buffer.waiting()
            reason = failure or refused[0][1]
            raise NotLogged(f"{len(lost)} values of the run {self.name!r} are not recorded: {reason}", lost) from reason

    @property
    def _prefix(self) -> int:
        return len(self._info.id) + 1 if self._info else NO_ID

    def _add(self, value: Value) -> None:
        if self._buffer.add(value) >= FLUSH_VALUES:
            self._worker.wake()

    def _send_quietly(self) -> None:
        if failure := self._sender.send():
            logger.warning("The run %s: %d values wait: %s", self.name, len(self._buffer), failure)
