"""Writes an exported registry to a server. Interrupted or repeated, it makes nothing twice.

What was made is noted in a file beside the export, id for id. What was made but not noted, since the process or the
connection ended in between, is found at the target by its name and place, and taken for what it is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from converters.entities import Artifact, ExperimentRun, InferenceService, Metric, Parameter, ServeModel
from converters.entity import Entity
from model_registry_proxy.transfer import parts
from model_registry_proxy.transfer.contents import MissingError, body_of, is_same, is_within
from model_registry_proxy.transfer.existing import Existing
from model_registry_proxy.transfer.export import ATTRIBUTION, VALUE
from model_registry_proxy.transfer.exported import Exported
from model_registry_proxy.transfer.histories import Histories, shown
from model_registry_proxy.transfer.journal import Journal
from model_registry_proxy.transfer.places import (
    ARTIFACTS,
    NAMED,
    PLACE_OF,
    artifact_entity,
    artifacts_below,
    history_of,
    serves_below,
)
from model_registry_proxy.transfer.report import Left, Report
from model_registry_proxy.transfer.rest import Json, NothingTakenError, RefusedError, Rest, TransferError
from model_registry_proxy.transfer.state import State

Told = Callable[[str, int], None]
_AT_A_TIME = 8
_PART = "Part"
"""How the report counts a field or a custom property that an entity arrived without."""


class Find(Protocol):
    """Looks for something at the target; `anew`: what was asked before may no longer be so."""

    def __call__(self, *, anew: bool) -> Awaitable[Json | None]:
        """Answers the row, or `None`."""


class Import:
    """One import of one file to one server."""

    def __init__(
        self,
        rest: Rest,
        path: Path,
        state: Path,
        told: Told,
        *,
        existing: Existing = Existing.KEEP,
        with_origin: bool = False,
    ) -> None:
        self._rest, self._exported, self._state, self._told = rest, Exported(path), State(state), told
        self._existing, self._with_origin = existing, with_origin
        self._taken: set[tuple[str, str]] = set()
        self._families: dict[str, list[Json]] = {}
        self._turns = asyncio.Semaphore(_AT_A_TIME)
        self.report = Report()
        self._histories = Histories(rest, self.report.kept)

    async def run(self) -> Report:
        """Imports what is missing. Raises `TransferError` where it cannot go on."""
        header = self._exported.open()
        self._taken |= self._state.read(header["export"], self._rest.url)
        with Journal(self._state.path) as journal:
            if not self._state.path.stat().st_size:
                journal.add({"import": header["export"], "target": self._rest.url})
            kind, group = "", list[Json]()
            for line in self._exported.in_order():
                # Lines of one kind do not refer to each other and go side by side.
                if line["kind"] != kind or len(group) == _AT_A_TIME * 8:
                    await self._carry_all(journal, group)
                    kind, group = line["kind"], []
                group.append(line)
            await self._carry_all(journal, group)
        orphans = [(VALUE, sentence) for sentence in self._exported.orphans()]
        for kind, sentence in orphans + self._exported.unreadable:
            self.report.refuse(kind, sentence)
        return self.report

    # One entity.

    async def _carry_all(self, journal: Journal, lines: list[Json]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for line in lines:
                    group.create_task(self._carry(journal, line))
        except* TransferError as errors:
            raise errors.exceptions[0] from None

    async def _carry(self, journal: Journal, line: Json) -> None:
        kind, row = line["kind"], line["entity"]
        key = kind, row["id"]
        entity = artifact_entity(row) if kind == Artifact.__name__ else NAMED[kind]
        async with self._turns:
            left = self._state.left.get(key) or Left()
            named = f'{entity.words} {row["id"]} "{row.get("name", "")}"'
            if key in self._state.ids:
                self.report.found[kind] += 1
            else:
                try:
                    self._state.ids[key] = await self._make(entity, row, line, left)
                except (RefusedError, MissingError) as error:
                    self.report.refuse(kind, f"{named}: {error}")
                else:
                    self._state.note(journal, key, left)
        refusals = {ATTRIBUTION: left.links, _PART: left.parts, VALUE: [*left.values, *left.unreached]}
        for refused, phrases in refusals.items():
            for phrase in phrases:
                self.report.refuse(refused, f"{named}: {phrase}")
        self._told(kind, 1)

    async def _make(self, entity: type[Entity], row: Json, line: Json, left: Left) -> str:
        """Makes an entity, without those of its parts that the target refuses; raises `RefusedError` or `MissingError`."""
        body = body_of(entity, row, self._translate, with_origin=self._with_origin)
        refused, id_ = list[str](), ""
        while not id_:
            try:
                id_ = await self._make_of(entity, row, line, body, left)
            except NothingTakenError:
                raise
            except RefusedError as error:
                name = parts.named_in(str(error), entity, body)
                if name is None:
                    id_ = await self._make_then_add(entity, row, line, body, left, error)
                else:
                    refused.append(f"{name}: {error}")
                    body = parts.without(entity, body, name)
        left.parts += refused
        return id_

    async def _make_then_add(
        self, entity: type[Entity], row: Json, line: Json, body: Json, left: Left, refusal: RefusedError
    ) -> str:
        """Makes an entity of which the target does not say what is wrong, and then finds out by changes which parts it takes."""
        needed, optional = parts.split(entity, body)
        if not optional or entity is ServeModel:  # which the API cannot change
            raise refusal
        try:
            id_ = await self._make_of(entity, row, line, needed, left)
        except RefusedError:
            raise refusal from None
        path = f"{ARTIFACTS if issubclass(entity, Artifact) else PLACE_OF[entity].list}/{id_}"
        if is_within(entity, await self._rest.get(path) or {}, body):  # else it is a namesake, which is left as it is
            left.parts += await parts.add(self._rest, path, entity, needed, optional)
        return id_

    async def _make_of(self, entity: type[Entity], row: Json, line: Json, body: Json, left: Left) -> str:
        if issubclass(entity, Artifact):
            return await self._make_artifact(entity, row, body, left)
        if entity is ServeModel:
            (service,) = line["below"].values()
            path = serves_below(self._translate(InferenceService, service))
            return await self._make_once(entity, body, path, partial(self._relative, path, entity, body))
        place = PLACE_OF[entity]
        return await self._make_once(entity, body, place.list, partial(self._namesake, entity, place.find, body))

    def _translate(self, entity: type[Entity], id_: str) -> str:
        try:
            return self._state.ids[entity.__name__, id_]
        except KeyError:
            raise MissingError(f"the {entity.words} {id_} that it refers to is not there") from None

    async def _make_once(
        self,
        entity: type[Entity],
        body: Json,
        path: str,
        find: Find,
        *,
        look_first: bool = False,
    ) -> str:
        """Creates, unless `find` knows it; looks before every repetition, as the first attempt may have worked."""
        is_repeated = False

        async def attempt() -> Json:
            nonlocal is_repeated
            if (look_first or is_repeated) and (row := await find(anew=is_repeated)):
                return self._take(entity, body, row)
            is_repeated = True
            try:
                made = await self._rest.write("POST", path, body)
            except RefusedError as error:
                row = await find(anew=True) if error.status == HTTPStatus.CONFLICT else None
                if row is None:
                    raise
                return self._take(entity, body, row)
            self.report.made[_kind(entity)] += 1
            self._taken.add((_kind(entity), made["id"]))
            return made

        return str((await self._rest.patiently(attempt))["id"])

    def _take(self, entity: type[Entity], body: Json, row: Json) -> Json:
        """Takes what is at the target for what was to be made."""
        self._taken.add((_kind(entity), row["id"]))
        if is_same(entity, body, row):
            self.report.found[_kind(entity)] += 1
            return row
        sentence = f'The {entity.words} "{body.get("name", "")}" at the target (id {row["id"]}) has other content'
        if self._existing is Existing.FAIL:
            raise TransferError(
                f"{sentence}. Nothing was changed there; --existing keep leaves such entities as they are."
            )
        self.report.kept.append(f"{sentence}; it was left as it is.")
        return row

    async def _namesake(self, entity: type[Entity], path: str, body: Json, *, anew: bool) -> Json | None:
        del anew  # it always does
        asked = {"name": body.get("name", "")}
        if entity.parent_id:
            asked["parentResourceId"] = body[entity.parent_id]
        try:
            row = await self._rest.get(path, **asked)
        except RefusedError:  # a name that the Go proxy cannot ask for
            return None
        return row if row and row["name"] == asked["name"] else None

    async def _relative(self, path: str, entity: type[Entity], body: Json, *, anew: bool) -> Json | None:
        """What a list of the target holds by this name, if nothing else was taken for it; the same content first."""
        row = self._pick(path, entity, body) if path in self._families else None
        if row is None and (anew or path not in self._families):
            self._families[path] = await self._rest.rows(path)
            row = self._pick(path, entity, body)
        return row

    def _pick(self, path: str, entity: type[Entity], body: Json) -> Json | None:
        rows = [
            row
            for row in self._families[path]
            if row.get("name") == body.get("name")
            and row.get("artifactType") == body.get("artifactType")
            and (_kind(entity), row["id"]) not in self._taken
        ]
        # Names are unique below a parent, but not among standalone artifacts.
        namesake = rows[0] if rows and path != ARTIFACTS else None
        return next((row for row in rows if is_same(entity, body, row)), namesake)

    # Artifacts: below the first of their parents, attached to the others.

    async def _make_artifact(self, entity: type[Entity], row: Json, body: Json, left: Left) -> str:
        """Makes an artifact below all its parents that are there; raises the last failure where that is none."""
        parents = self._exported.parents.get(row["id"], ())
        id_, links, unreached = self._state.unlinked.get(row["id"]), list[str](), list[str]()
        failure: RefusedError | MissingError | None = None
        for parent, source in parents:
            try:
                id_ = await self._put_below(entity, row, body, (parent, source), id_, left)
            except (RefusedError, MissingError) as error:
                failure = error
                where = f"not below the {parent.words} {source}"
                links.append(f"{where}: {error}")
                if not isinstance(error, NothingTakenError):  # which has named each value already
                    values = self._values(entity, row, parent, source)
                    unreached += [f"{shown(value)}: {where}" for value in values]
        left.unreached = unreached
        if not parents:
            return await self._make_alone(entity, body)
        if id_ is None:
            raise failure or MissingError("no parent of it is there")
        left.links += links
        return id_

    async def _put_below(
        self, entity: type[Entity], row: Json, body: Json, parent: tuple[type[Entity], str], id_: str | None, left: Left
    ) -> str:
        """Puts an artifact below one parent, named by its id at the source; `id_` is the artifact's, where it is made already."""
        kind, source = parent
        below = self._translate(kind, source)
        path = artifacts_below(kind, below)
        if values := self._values(entity, row, kind, source):
            return await self._write_values(path, history_of(below), body, values, id_, left)
        if id_ is None:
            return await self._make_below(entity, path, body)
        await self._attach(path, body, id_)
        return id_

    def _values(self, entity: type[Entity], row: Json, parent: type[Entity], source: str) -> list[Json]:
        """The values that an artifact has had below a parent; none unless it is a metric of a run."""
        is_measured = parent is ExperimentRun and entity is Metric
        return self._exported.values.get((source, row.get("name", "")), []) if is_measured else []

    async def _make_below(self, entity: type[Entity], path: str, body: Json) -> str:
        try:
            return await self._make_once(
                entity, body, path, partial(self._relative, path, entity, body), look_first=entity.is_upserted
            )
        except RefusedError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
        # A namesake below the same parent, which only attaching makes possible.
        id_ = await self._make_alone(entity, body)
        await self._attach(path, body, id_)
        return id_

    async def _make_alone(self, entity: type[Entity], body: Json) -> str:
        """Names of standalone artifacts are not unique, so that none is made before it has been looked for."""
        find = partial(self._relative, ARTIFACTS, entity, body)
        return await self._make_once(entity, body, ARTIFACTS, find, look_first=True)

    async def _attach(self, path: str, body: Json, id_: str) -> None:
        needed = ["artifactType"]
        if body["artifactType"] == Parameter.artifact_type:  # the Go proxy wants these said again
            needed += Parameter.fields.keys() - Artifact.fields.keys()
        link = {"id": id_, **{name: body[name] for name in needed if name in body}}
        await self._rest.patiently(lambda: self._rest.write("POST", path, link))

    async def _write_values(
        self, path: str, history: str, body: Json, values: list[Json], id_: str | None, left: Left
    ) -> str:
        before = len(left.values)
        id_, made = await self._histories.write(path, history, body, values, id_, left)
        is_new = made + len(left.values) - before == len(values)
        if (Artifact.__name__, id_) not in self._taken:
            self._taken.add((Artifact.__name__, id_))
            (self.report.made if is_new else self.report.found)[Artifact.__name__] += 1
        self.report.made[VALUE] += made
        return id_


def _kind(entity: type[Entity]) -> str:
    return Artifact.__name__ if issubclass(entity, Artifact) else entity.__name__
