"""Creates at the target of an import what is not there yet, and finds what is there already.

What an earlier import has created without noting it, because the process or the connection ended in between, is found by its name
and its parent.
"""

from functools import partial
from typing import Literal, Protocol

from model_registry_client.entities import Artifact
from model_registry_client.entity import Entity
from model_registry_client.retries import RetryState
from model_registry_client.transfer.contents import is_same
from model_registry_client.transfer.report import Report
from model_registry_client.transfer.rest import Json, RefusedError, Rest, TransferError
from model_registry_client.transfer.tables import kind_of, parent_id_of, words_of

_CONFLICT = 409


Existing = Literal["keep", "fail"]
"""What to do where the target has another entity of the same name: leave it as it is, or end the import."""


class Find(Protocol):
    """Looks for an entity at the target. `fresh`: ask again, what was read before may have changed."""

    async def __call__(self, *, fresh: bool) -> Json | None:
        """Returns the row, or `None`."""


class Target:
    """What is at the target of one import.

    `taken`: kinds and ids of rows that stand for an entity of the export already, so that no other entity gets them.
    """

    def __init__(self, rest: Rest, report: Report, existing: Existing) -> None:
        self._rest, self._report, self._existing = rest, report, existing
        self._lists: dict[str, list[Json]] = {}
        self.taken: set[tuple[str, str]] = set()

    async def create(self, entity: type[Entity], body: Json, path: str, find: Find, *, look_first: bool = False) -> str:
        """Creates an entity, unless `find` finds it, and returns its id.

        `look_first`: look for it before the first attempt too, where the target would accept a second one of the name. Before
        every repetition it is looked for, as the first attempt may have taken effect. Raises `RefusedError`, `TransferError`.
        """
        is_repeated = False

        async def attempt(state: RetryState) -> str:
            """Finds the entity or creates it; returns its id."""
            nonlocal is_repeated
            if (look_first or is_repeated) and (row := await find(fresh=is_repeated)):
                return self._take(entity, body, row)
            is_repeated = True
            try:
                made = await self._rest.create(path, body, state)
            except RefusedError as error:
                row = await find(fresh=True) if error.status == _CONFLICT else None
                if row is None:
                    raise
                return self._take(entity, body, row)
            self._report.made[kind_of(entity)] += 1
            self.taken.add((kind_of(entity), made["id"]))
            return str(made["id"])

        return await self._rest.once_known(attempt)

    def namesake(self, entity: type[Entity], body: Json) -> Find:
        """Finds the entity of this name, below its parent where it has one, by the API's search by name."""
        return partial(self._namesake, entity, body)

    def in_list(self, path: str, entity: type[Entity], body: Json) -> Find:
        """Finds an entity in a list that is read once: one of the same content, or else of the same name below the parent."""
        return partial(self._in_list, path, entity, body)

    def _take(self, entity: type[Entity], body: Json, row: Json) -> str:
        """Takes a row of the target for what was to be created. Raises `TransferError` where it must not differ and does."""
        id_ = str(row["id"])
        self.taken.add((kind_of(entity), id_))
        if is_same(entity, body, row):
            self._report.found[kind_of(entity)] += 1
            return id_
        sentence = f'The {words_of(entity)} "{body.get("name", "")}" at the target (id {id_}) has other content'
        if self._existing == "fail":
            raise TransferError(
                f"{sentence}. Nothing was changed there; --existing keep leaves such entities as they are."
            )
        self._report.kept.append(f"{sentence}; it was left as it is.")
        return id_

    async def _namesake(self, entity: type[Entity], body: Json, *, fresh: bool) -> Json | None:
        del fresh  # it always asks
        wanted = {"name": body.get("name", "")}
        if parent_id := parent_id_of(entity):
            wanted["parentResourceId"] = body[parent_id]
        try:
            row = await self._rest.get(entity.finder or "", **wanted)
        except RefusedError:  # a name that the Go proxy cannot ask for
            return None
        return row if row and row["name"] == wanted["name"] else None

    async def _in_list(self, path: str, entity: type[Entity], body: Json, *, fresh: bool) -> Json | None:
        row = self._pick(path, entity, body) if path in self._lists else None
        if row is None and (fresh or path not in self._lists):
            self._lists[path] = await self._rest.rows(path)
            row = self._pick(path, entity, body)
        return row

    def _pick(self, path: str, entity: type[Entity], body: Json) -> Json | None:
        rows = [
            row
            for row in self._lists[path]
            if row.get("name") == body.get("name")
            and row.get("artifactType") == body.get("artifactType")
            and (kind_of(entity), row["id"]) not in self.taken
        ]
        # Names are unique below a parent, but not among standalone artifacts.
        namesake = rows[0] if rows and path != Artifact.collection else None
        return next((row for row in rows if is_same(entity, body, row)), namesake)
