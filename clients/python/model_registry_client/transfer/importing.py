"""Writes an exported registry to a server. Interrupted or repeated, it creates nothing twice.

What was created is noted in the state file, id for id.
"""

import asyncio
from pathlib import Path

from model_registry_client.entities import Artifact, InferenceService, ServeModel
from model_registry_client.entity import Entity
from model_registry_client.transfer import parts
from model_registry_client.transfer.artifacts import Artifacts
from model_registry_client.transfer.contents import MissingError, body_of, is_within
from model_registry_client.transfer.export import ATTRIBUTION, VALUE, Progress
from model_registry_client.transfer.exported import Exported
from model_registry_client.transfer.journal import Journal
from model_registry_client.transfer.report import Left, Report
from model_registry_client.transfer.rest import Json, NothingTakenError, RefusedError, Rest, TransferError
from model_registry_client.transfer.state import State
from model_registry_client.transfer.tables import NAMED, artifact_entity, serves_below, words_of
from model_registry_client.transfer.target import Existing, Target

_AT_ONCE = 8
_LINES_AT_ONCE = 64
_PART = "Part"
"""How the report counts a field or a custom property that the target refused of an entity."""


class Import:
    """One import of one file to one server.

    Args:
        rest: The server.
        path: The file of the export.
        state: The file that notes what was created.
        progress: Is called with the kind of each entity that is done.
        existing: What to do where the target has another entity of the same name; "keep" leaves it as it is.
        with_origin: Keep ids and times of the source as custom properties.
    """

    def __init__(
        self,
        rest: Rest,
        path: Path,
        state: Path,
        progress: Progress,
        *,
        existing: Existing = "keep",
        with_origin: bool = False,
    ) -> None:
        self._rest, self._exported, self._state, self._progress = rest, Exported(path), State(state), progress
        self._with_origin = with_origin
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self.report = Report()
        self._target = Target(rest, self.report, existing)
        self._artifacts = Artifacts(rest, self._exported, self._target, self.report, self._translate)

    async def run(self) -> Report:
        """Imports what is missing. Raises `TransferError` if it cannot continue."""
        header = self._exported.open()
        self._target.taken |= self._state.read(header["export"], self._rest.url)
        with Journal(self._state.path) as journal:
            if not self._state.path.stat().st_size:
                journal.add({"import": header["export"], "target": self._rest.url})
            kind, group = "", list[Json]()
            for line in self._exported.in_order():
                # Entities of one kind do not refer to each other, so several are created at once.
                if line["kind"] != kind or len(group) == _LINES_AT_ONCE:
                    await self._import_all(journal, group)
                    kind, group = line["kind"], []
                group.append(line)
            await self._import_all(journal, group)
        orphans = [(VALUE, sentence) for sentence in self._exported.orphans()]
        for kind, sentence in orphans + self._exported.unreadable:
            self.report.refuse(kind, sentence)
        return self.report

    async def _import_all(self, journal: Journal, lines: list[Json]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for line in lines:
                    group.create_task(self._import(journal, line))
        except* TransferError as errors:
            raise errors.exceptions[0] from None

    async def _import(self, journal: Journal, line: Json) -> None:
        """Imports one entity, and reports what of it the target does not have."""
        kind, row = line["kind"], line["entity"]
        key = kind, row["id"]
        entity = artifact_entity(row) if kind == Artifact.__name__ else NAMED[kind]
        async with self._gate:
            left = self._state.left.get(key) or Left()
            named = f'{words_of(entity)} {row["id"]} "{row.get("name", "")}"'
            if key in self._state.ids:
                self.report.found[kind] += 1
            else:
                try:
                    self._state.ids[key] = await self._create(entity, row, line, left)
                except (RefusedError, MissingError) as error:
                    self.report.refuse(kind, f"{named}: {error}")
                else:
                    self._state.note(journal, key, left)
        refusals = {ATTRIBUTION: left.links, _PART: left.parts, VALUE: [*left.values, *left.unreached]}
        for refused, phrases in refusals.items():
            for phrase in phrases:
                self.report.refuse(refused, f"{named}: {phrase}")
        self._progress(kind, 1)

    async def _create(self, entity: type[Entity], row: Json, line: Json, left: Left) -> str:
        """Creates an entity without those of its parts that the target refuses; returns its id.

        Raises `RefusedError` or `MissingError` where it cannot be created.
        """
        body = body_of(entity, row, self._translate, with_origin=self._with_origin)
        refused, id_ = list[str](), ""
        while not id_:
            try:
                id_ = await self._create_whole(entity, row, line, body, left)
            except NothingTakenError:
                raise
            except RefusedError as error:
                name = parts.named_in(str(error), entity, body)
                if name is None:
                    id_ = await self._create_then_add(entity, row, line, body, left, error)
                else:
                    refused.append(f"{name}: {error}")
                    body = parts.without(entity, body, name)
        left.parts += refused
        return id_

    async def _create_then_add(
        self, entity: type[Entity], row: Json, line: Json, body: Json, left: Left, refusal: RefusedError
    ) -> str:
        """Creates an entity where the refusal names no part of it, and then adds those parts that the target accepts."""
        needed, optional = parts.split(entity, body)
        if not optional or entity is ServeModel:  # which the API cannot change
            raise refusal
        try:
            id_ = await self._create_whole(entity, row, line, needed, left)
        except RefusedError:
            raise refusal from None
        collection = Artifact.collection if issubclass(entity, Artifact) else entity.collection
        path = f"{collection}/{id_}"
        if is_within(entity, await self._rest.get(path) or {}, body):  # else it is a namesake, which is left as it is
            left.parts += await parts.add(self._rest, path, entity, needed, optional)
        return id_

    async def _create_whole(self, entity: type[Entity], row: Json, line: Json, body: Json, left: Left) -> str:
        if issubclass(entity, Artifact):
            return await self._artifacts.create(entity, row, body, self._state.unlinked.get(row["id"]), left)
        if entity is ServeModel:
            (service,) = line["below"].values()
            path = serves_below(self._translate(InferenceService, service))
            return await self._target.create(entity, body, path, self._target.in_list(path, entity, body))
        return await self._target.create(entity, body, entity.collection, self._target.namesake(entity, body))

    def _translate(self, entity: type[Entity], id_: str) -> str:
        """The id at the target. Raises `MissingError`."""
        try:
            return self._state.ids[entity.__name__, id_]
        except KeyError:
            raise MissingError(f"the {words_of(entity)} {id_} that it refers to is not there") from None
