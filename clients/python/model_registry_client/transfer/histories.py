"""Writes metrics with their histories to a server: every value that they have had and that the server accepts, in order."""

from model_registry_client.entities import Artifact, Metric
from model_registry_client.retries import RetryState
from model_registry_client.transfer import parts
from model_registry_client.transfer.contents import (
    HISTORY,
    MEASURED,
    MissingError,
    history_body,
    is_same,
    is_same_value,
)
from model_registry_client.transfer.report import Left
from model_registry_client.transfer.rest import Json, NothingTakenError, RefusedError, Rest

_OUT_OF_ORDER = "the target has later values already, and a value can only be added at the end"
_BAD_REQUEST = 400


class Histories:
    """The metrics of one import. `kept` gets a sentence for each metric that is left as it is."""

    def __init__(self, rest: Rest, kept: list[str]) -> None:
        self._rest, self._kept = rest, kept

    async def write(
        self, path: str, history: str, body: Json, values: list[Json], id_: str | None, left: Left
    ) -> tuple[str, int]:
        """Writes the values that a run's history does not have, and then the metric's other fields.

        Args:
            path: The path of the run's artifacts.
            history: The path of the run's history.
            body: The metric.
            values: All values that it has had, in any order.
            id_: The id of the metric at the target, where it is known.
            left: Gets a phrase for each value and each part that the target refuses.

        Returns:
            The id of the metric, and the number of values written.

        Raises:
            NothingTakenError: The target refuses every value.
            MissingError: The target has values of the metric, but not the metric.
        """
        writing = _Writing(sorted(values, key=lambda row: int(row["id"])), id_)

        async def write_missing(state: RetryState) -> str:
            """Writes what the target lacks now; returns the id of the metric."""
            await self._write_missing(path, history, body["name"], writing, state)
            found = writing.id or await self._metric_at(path, body["name"])
            if writing.newest is not None:
                left.parts += await self._complete(found, body, writing.values, writing.newest)
            return found

        try:
            return await self._rest.once_known(write_missing), writing.made
        finally:
            left.values += [
                f"{shown(writing.values[number])}: {reason}" for number, reason in sorted(writing.reasons.items())
            ]

    async def _write_missing(self, path: str, history: str, name: str, writing: "_Writing", state: RetryState) -> None:
        """Adds the values after the newest that the target has. On a second call it looks again which values are there."""
        values = writing.values
        found = aligned(await self._values_at(history, name), values)
        if found is None:
            self._kept.append(f'The target has other values of the metric "{name}" ({history}); they were left.')
            writing.newest = None
            return
        newest = found[-1] if found else None
        for number in range(newest or 0):
            if number not in found:
                writing.reasons.setdefault(number, _OUT_OF_ORDER)
        for number in range(0 if newest is None else newest + 1, len(values)):
            sent = {**history_body(Metric, values[number]), **({"id": writing.id} if writing.id else {})}
            try:
                writing.id = (await self._rest.create(path, sent, state))["id"]
            except RefusedError as error:
                writing.reasons[number] = str(error)
            else:
                newest = number
                writing.made += 1
        if newest is None:
            raise NothingTakenError(_BAD_REQUEST, f"none of its {len(values)} values was taken")
        writing.newest = newest

    async def _values_at(self, history: str, name: str) -> list[Json]:
        """The values at the target, in the order in which they were written; some servers also return similar names."""
        rows = await self._rest.rows(history, name=name)
        return sorted((row for row in rows if row["name"] == name), key=lambda row: int(row["id"]))

    async def _metric_at(self, path: str, name: str) -> str:
        rows = await self._rest.rows(path, artifactType=Metric.artifact_type or "")
        found = next((row["id"] for row in rows if row.get("name") == name), None)
        if found is None:
            raise MissingError("the run has its values but not the metric")
        return str(found)

    async def _complete(self, id_: str, body: Json, values: list[Json], newest: int) -> list[str]:
        """Writes the fields of a metric that its newest value does not have, such as externalId.

        Returns a phrase for each of them that is refused.
        """
        path = f"{Artifact.collection}/{id_}"
        row = await self._rest.get(path) or {}
        if is_same(Metric, body, row):
            return []
        if not is_same_value(row, values[newest]):
            self._kept.append(f'The target has changed the metric "{body["name"]}" (id {id_}); it was left as it is.')
            return []
        is_last = newest == len(values) - 1
        needed, optional = parts.split(Metric, body)
        change = {key: value for key, value in body.items() if key != "name" and (is_last or key not in HISTORY)}
        try:
            await self._rest.change(path, change)
        except RefusedError:
            optional = [part for part in optional if is_last or not part[1].keys() & set(HISTORY)]
            own = [name for name in sorted(MEASURED) if is_last and name in needed and needed[name] != row.get(name)]
            optional += [(name, {name: needed[name]}) for name in own]
            return await parts.add(self._rest, path, Metric, needed, optional)
        return []


class _Writing:
    """How far the values of one metric are written: `newest` is the number of the newest value at the target."""

    def __init__(self, values: list[Json], id_: str | None) -> None:
        self.values, self.id = values, id_
        self.made = 0
        self.newest: int | None = None
        self.reasons: dict[int, str] = {}


def aligned(there: list[Json], values: list[Json]) -> list[int] | None:
    """The numbers of the values that the target has.

    `None` where it has a value that is none of them, or has them in another order.
    """
    found: list[int] = []
    for number, value in enumerate(values):
        if len(found) < len(there) and is_same_value(there[len(found)], value):
            found.append(number)
    return found if len(found) == len(there) else None


def shown(value: Json) -> str:
    """What a message calls one value."""
    return ", ".join(f"{name} {value[name]}" for name in sorted(MEASURED) if name in value)
