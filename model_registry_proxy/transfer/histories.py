"""Writes metrics with their histories to a server: every value that they had and that the server takes, in turn."""

from http import HTTPStatus

from converters.entities import Metric
from model_registry_proxy.transfer import parts
from model_registry_proxy.transfer.contents import HISTORY, MEASURED, MissingError, history_body, is_same, is_same_value
from model_registry_proxy.transfer.places import ARTIFACTS
from model_registry_proxy.transfer.report import Left
from model_registry_proxy.transfer.rest import Json, NothingTakenError, RefusedError, Rest

_OUT_OF_TURN = "the target has later values already, and a value can only be added at the end"


class Histories:
    """The metrics of one import to `rest`; `kept` gets a sentence for each that is left as it is."""

    def __init__(self, rest: Rest, kept: list[str]) -> None:
        self._rest, self._kept = rest, kept

    async def write(
        self, path: str, history: str, body: Json, values: list[Json], id_: str | None, left: Left
    ) -> tuple[str, int]:
        """Writes the values that a run's history lacks, and then what the metric itself has besides.

        `path` is where the run's artifacts are, `id_` that of the metric where it is known. `left` gets a phrase for each value and
        each part that the target does not take. Answers the id, and the number of values written. Raises `NothingTakenError`
        where the target takes no value at all, `MissingError` where it has values but no metric.
        """
        name, made = body["name"], 0
        values = sorted(values, key=lambda row: int(row["id"]))
        reasons: dict[int, str] = {}

        async def go_on() -> Json:
            nonlocal id_, made
            placed = aligned(await self._values_at(history, name), values)
            if placed is None:
                self._kept.append(f'The target has other values of the metric "{name}" ({history}); they were left.')
                return {"id": id_ or await self._metric_at(path, name)}
            newest = placed[-1] if placed else None
            for number in range(newest or 0):
                if number not in placed:
                    reasons.setdefault(number, _OUT_OF_TURN)
            for number in range(0 if newest is None else newest + 1, len(values)):
                written = {**history_body(Metric, values[number]), **({"id": id_} if id_ else {})}
                try:
                    id_ = (await self._rest.write("POST", path, written))["id"]
                except RefusedError as error:
                    reasons[number] = str(error)
                else:
                    newest = number
                    made += 1
            if newest is None:
                raise NothingTakenError(HTTPStatus.BAD_REQUEST, f"none of its {len(values)} values was taken")
            id_ = id_ or await self._metric_at(path, name)
            left.parts += await self._complete(id_, body, values, newest)
            return {"id": id_}

        try:
            return str((await self._rest.patiently(go_on))["id"]), made
        finally:
            left.values += [f"{shown(values[number])}: {reason}" for number, reason in sorted(reasons.items())]

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

    async def _complete(self, id_: str, body: Json, values: list[Json], newest: int) -> list[str]:
        """Gives a metric what the newest of its values did not, such as an externalId; answers what is refused of it."""
        path = f"{ARTIFACTS}/{id_}"
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
            await self._rest.write("PATCH", path, change)
        except RefusedError:
            optional = [part for part in optional if is_last or not part[1].keys() & set(HISTORY)]
            own = [name for name in sorted(MEASURED) if is_last and name in needed and needed[name] != row.get(name)]
            optional += [(name, {name: needed[name]}) for name in own]
            return await parts.add(self._rest, path, Metric, needed, optional)
        return []


def aligned(there: list[Json], values: list[Json]) -> list[int] | None:
    """Which of the values the target has, by their numbers; `None` where it has one that is none of them, or in another order."""
    placed: list[int] = []
    for number, value in enumerate(values):
        if len(placed) < len(there) and is_same_value(there[len(placed)], value):
            placed.append(number)
    return placed if len(placed) == len(there) else None


def shown(value: Json) -> str:
    """How a message names one value."""
    return ", ".join(f"{name} {value[name]}" for name in sorted(MEASURED) if name in value)
