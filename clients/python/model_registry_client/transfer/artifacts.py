"""Creates artifacts: each below the first of its parents, and attached to the others."""

from model_registry_client.entities import Artifact, ExperimentRun, Metric, Parameter
from model_registry_client.entity import Entity
from model_registry_client.transfer.contents import MissingError, TranslateId
from model_registry_client.transfer.export import VALUE
from model_registry_client.transfer.exported import Exported
from model_registry_client.transfer.histories import Histories, shown
from model_registry_client.transfer.parts import PARAMETER
from model_registry_client.transfer.report import Left, Report
from model_registry_client.transfer.rest import Json, NothingTakenError, RefusedError, Rest
from model_registry_client.transfer.tables import artifacts_below, history_of, words_of
from model_registry_client.transfer.target import Target

_CONFLICT = 409


class Artifacts:
    """The artifacts of one import. `translate` gives the ids of the target."""

    def __init__(self, rest: Rest, exported: Exported, target: Target, report: Report, translate: TranslateId) -> None:
        self._rest, self._exported, self._target, self._report = rest, exported, target, report
        self._translate = translate
        self._histories = Histories(rest, report.kept)

    async def create(self, entity: type[Artifact], row: Json, body: Json, id_: str | None, left: Left) -> str:
        """Creates an artifact below all its parents that are at the target, and returns its id.

        `id_` is its id, where it was created before and some links are missing. `left` gets a phrase for each link and each value
        of a metric that is missing afterwards. Raises the last failure where the target has none of the parents.
        """
        parents = self._exported.parents.get(row["id"], ())
        links, unreached = list[str](), list[str]()
        failure: RefusedError | MissingError | None = None
        for parent, source in parents:
            try:
                id_ = await self._put_below(entity, row, body, (parent, source), id_, left)
            except (RefusedError, MissingError) as error:
                failure = error
                where = f"not below the {words_of(parent)} {source}"
                links.append(f"{where}: {error}")
                if not isinstance(error, NothingTakenError):  # which has named each value already
                    values = self._values(entity, row, parent, source)
                    unreached += [f"{shown(value)}: {where}" for value in values]
        left.unreached = unreached
        if not parents:
            return await self._create_standalone(entity, body)
        if id_ is None:
            raise failure or MissingError("no parent of it is there")
        left.links += links
        return id_

    async def _put_below(
        self,
        entity: type[Artifact],
        row: Json,
        body: Json,
        parent: tuple[type[Entity], str],
        id_: str | None,
        left: Left,
    ) -> str:
        """Creates an artifact below one parent, or attaches it where it exists. `parent` has its id at the source."""
        kind, source = parent
        below = self._translate(kind, source)
        path = artifacts_below(kind, below)
        if values := self._values(entity, row, kind, source):
            return await self._write_values(path, history_of(below), body, values, id_, left)
        if id_ is None:
            return await self._create_below(entity, path, body)
        await self._attach(path, body, id_)
        return id_

    def _values(self, entity: type[Artifact], row: Json, parent: type[Entity], source: str) -> list[Json]:
        """The values that an artifact has had below a parent; none unless it is a metric of a run."""
        is_measured = parent is ExperimentRun and entity is Metric
        return self._exported.values.get((source, row.get("name", "")), []) if is_measured else []

    async def _create_below(self, entity: type[Artifact], path: str, body: Json) -> str:
        find = self._target.in_list(path, entity, body)
        try:
            return await self._target.create(entity, body, path, find, look_first=entity.is_upserted)
        except RefusedError as error:
            if error.status != _CONFLICT:
                raise
        # A second artifact of the name below the same parent: only attaching makes that possible.
        id_ = await self._create_standalone(entity, body)
        await self._attach(path, body, id_)
        return id_

    async def _create_standalone(self, entity: type[Artifact], body: Json) -> str:
        """Names of standalone artifacts are not unique, so each is looked for before it is created."""
        path = Artifact.collection
        find = self._target.in_list(path, entity, body)
        return await self._target.create(entity, body, path, find, look_first=True)

    async def _attach(self, path: str, body: Json, id_: str) -> None:
        needed = ["artifactType"]
        if body["artifactType"] == Parameter.artifact_type:
            needed += PARAMETER
        await self._rest.attach(path, {"id": id_, **{name: body[name] for name in needed if name in body}})

    async def _write_values(
        self, path: str, history: str, body: Json, values: list[Json], id_: str | None, left: Left
    ) -> str:
        before = len(left.values)
        id_, made = await self._histories.write(path, history, body, values, id_, left)
        is_new = made + len(left.values) - before == len(values)
        kind = Artifact.__name__
        if (kind, id_) not in self._target.taken:
            self._target.taken.add((kind, id_))
            (self._report.made if is_new else self._report.found)[kind] += 1
        self._report.made[VALUE] += made
        return id_
