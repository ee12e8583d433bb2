"""Writes metrics with their histories to a server: every value that they had, in turn."""

from converters.entities import Metric
from model_registry_proxy.transfer.contents import MissingError, history_body, is_same, is_same_value
from model_registry_proxy.transfer.places import ARTIFACTS
from model_registry_proxy.transfer.rest import Json, Rest


class Histories:
    """The metrics of one import to `rest`; `kept` gets a sentence for each that is left as it is."""

    def __init__(self, rest: Rest, kept: list[str]) -> None:
        self._rest, self._kept = rest, kept

    async def write(self, path: str, history: str, body: Json, values: list[Json], id_: str | None) -> tuple[str, int]:
        """Writes the values that a run's history lacks, and then what the metric itself has besides.

        `path` is where the run's artifacts are, `id_` that of the metric where it is known. Answers it, and the number written.
        """
        name, made = body["name"], 0
        values = sorted(values, key=lambda row: int(row["id"]))

        async def go_on() -> Json:
            nonlocal id_, made
            there = await self._values_at(history, name)
            if len(there) > len(values) or not all(map(is_same_value, there, values)):
                self._kept.append(f'The target has other values of the metric "{name}" ({history}); they were left.')
                return {"id": id_ or await self._metric_at(path, name)}
            for value in values[len(there) :]:
                written = {**history_body(Metric, value), **({"id": id_} if id_ else {})}
                id_ = (await self._rest.write("POST", path, written))["id"]
                made += 1
            id_ = id_ or await self._metric_at(path, name)
            await self._settle(id_, body, values[-1])
            return {"id": id_}

        return str((await self._rest.patiently(go_on))["id"]), made

    async def _values_at(self, history: str, name: str) -> list[Json]:
        """The values that the target has, in the order in which they were written; other servers match names loosely."""
        rows = await self._rest.rows(history, name=name)
        return sorted((row for row in rows if row["name"] == name), key=lambda row: int(row["id"]))

    async def _metric_at(self, path: str, name: str) -> str:
        rows = await self._rest.rows(path, artifactType=Metric.artifact_type or "")
        found = next((row["id"] for row in rows if row.get("name") == name), None)
        if found is None:
            raise MissingError("the run has its values but not the metric")
        return str(found)

    async def _settle(self, id_: str, body: Json, last: Json) -> None:
        """Gives a metric what the last of its values did not: an externalId, a description, ..."""
        row = await self._rest.get(f"{ARTIFACTS}/{id_}") or {}
        if is_same(Metric, body, row):
            return
        if not is_same_value(row, last):
            self._kept.append(f'The target has changed the metric "{body["name"]}" (id {id_}); it was left as it is.')
            return
        change = {key: value for key, value in body.items() if key != "name"}
        await self._rest.write("PATCH", f"{ARTIFACTS}/{id_}", change)
