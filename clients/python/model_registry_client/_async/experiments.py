"""Experiments as they are worked with: runs that are started, and runs that are compared."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

from model_registry_client._async.named_methods import AsyncNamedMethods
from model_registry_client._async.runs import AsyncRun
from model_registry_client._async.waiting import all_at_once
from model_registry_client.bodies import below, checked_new
from model_registry_client.custom_properties import PropertyValue
from model_registry_client.entities import Artifact, Experiment, ExperimentRun
from model_registry_client.measurements import row

CONCURRENTLY = 8


class AsyncOpenExperiment:
    """An experiment by its name. Nothing is asked or created before it is needed."""

    def __init__(self, registry: AsyncNamedMethods, name: str, fields: Mapping[str, Any]) -> None:
        self.registry, self.name, self._fields = registry, name, fields
        self._info: Experiment | None = None

    async def ensure(self) -> Experiment:
        """The experiment as the server has it; created where there is none. Raises `InvalidValue` for what cannot be kept."""
        if self._info is None:
            checked_new(Experiment, {"name": self.name, **self._fields}, None)
            self._info = await self.registry.find(Experiment, self.name) or await self.registry.upsert(
                Experiment, {"name": self.name, **self._fields}
            )
        return self._info

    def start_run(
        self,
        name: str | None = None,
        *,
        resume: bool = False,
        description: str | None = None,
        owner: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
    ) -> AsyncRun:
        """A run, to be used as a context manager. It begins on entering.

        Args:
            name: Its name, new to the experiment; one is made up when it is not given.
            resume: Whether to go on with the run of this name, where there is one.
            description: What it tries, in words.
            owner: Who answers for it.
            external_id: What another system calls it.
            custom_properties: Values of your own.
        """
        fields = {
            "name": name,
            "description": description,
            "owner": owner,
            "external_id": external_id,
            "custom_properties": custom_properties,
        }
        return AsyncRun(self, fields, resume=resume)

    async def runs(self, **question: Any) -> AsyncIterator[ExperimentRun]:
        """Goes through its runs. `question`: `filter_query`, `order_by`, `descending`, as for lists."""
        if experiment := await self.registry.find(Experiment, self.name):
            async for run in self.registry.list(
                ExperimentRun, below(ExperimentRun, experiment_id=experiment.id), **question
            ):
                yield run

    async def compare(self, *names: str, **question: Any) -> list[dict[str, Any]]:
        """Its runs as rows of a table: name, id, status, `params.*` and the last values of `metrics.*`.

        Args:
            names: The runs of these names only.
            question: `filter_query`, `order_by`, `descending`, as for lists.

        Returns:
            A dict for each run, in the order of the list; `pandas.DataFrame` takes it as it is.
        """
        runs = [run async for run in self.runs(**question) if not names or run.name in names]
        rows: list[dict[str, Any]] = [{} for _ in runs]
        works = [partial(self._fill, found, run) for found, run in zip(rows, runs, strict=True)]
        await all_at_once(works, CONCURRENTLY)
        return rows

    async def _fill(self, found: dict[str, Any], run: ExperimentRun) -> None:
        under = below(Artifact, experiment_run_id=run.id)
        artifacts = [artifact async for artifact in self.registry.list(Artifact, under)]
        status = run.status.value if run.status else None
        found.update(row({"name": run.name, "id": run.id, "status": status}, artifacts))
