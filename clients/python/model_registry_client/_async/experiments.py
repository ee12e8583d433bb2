"""An experiment by name: starts runs and compares them."""

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
    """An experiment by its name. No request is sent before it is needed."""

    def __init__(self, registry: AsyncNamedMethods, name: str, fields: Mapping[str, Any]) -> None:
        self.registry, self.name, self._fields = registry, name, fields
        self._info: Experiment | None = None

    async def ensure(self) -> Experiment:
        """Returns the experiment, and creates it if there is none. Raises `InvalidValue` for a value that cannot be stored."""
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
        """Returns a run to use as a context manager. The run is created on entering.

        Args:
            name: The name of the run, new in the experiment. Without one, a name is generated.
            resume: Whether to continue the run of this name, if there is one.
            description: The description of the run.
            owner: The owner of the run.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name.
        """
        fields = {
            "name": name,
            "description": description,
            "owner": owner,
            "external_id": external_id,
            "custom_properties": custom_properties,
        }
        return AsyncRun(self, fields, resume=resume)

    async def runs(self, **options: Any) -> AsyncIterator[ExperimentRun]:
        """Iterates over its runs. `options`: `filter_query`, `order_by`, `descending` and `page_size`, as for lists."""
        if experiment := await self.registry.find(Experiment, self.name):
            async for run in self.registry.list(
                ExperimentRun, below(ExperimentRun, experiment_id=experiment.id), **options
            ):
                yield run

    async def compare(self, *names: str, **options: Any) -> list[dict[str, Any]]:
        """Returns its runs as rows of a table: name, id, status, `params.*` and the last values of `metrics.*`.

        Args:
            names: Only runs of these names.
            options: `filter_query`, `order_by`, `descending` and `page_size`, as for lists.

        Returns:
            A dict for each run, in the order of the list. `pandas.DataFrame(rows)` makes a table of them.
        """
        runs = [run async for run in self.runs(**options) if not names or run.name in names]
        rows: list[dict[str, Any]] = [{} for _ in runs]
        works = [partial(self._fill, found, run) for found, run in zip(rows, runs, strict=True)]
        await all_at_once(works, CONCURRENTLY)
        return rows

    async def _fill(self, found: dict[str, Any], run: ExperimentRun) -> None:
        under = below(Artifact, experiment_run_id=run.id)
        artifacts = [artifact async for artifact in self.registry.list(Artifact, under)]
        status = run.status.value if run.status else None
        found.update(row({"name": run.name, "id": run.id, "status": status}, artifacts))
