"""Writes a whole registry to a file of JSON lines. After an interruption it continues from the last checkpoint in the file.

The lines are in an order in which an import can create their entities: parents first. Which artifacts belong to which parent, and
which values metrics have had, come before the artifacts.
"""

import asyncio
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

from model_registry_client.entities import Artifact, ExperimentRun, InferenceService, ServeModel
from model_registry_client.transfer.journal import Journal, cut, whole_lines
from model_registry_client.transfer.rest import Json, Rest, TransferError
from model_registry_client.transfer.tables import ARTIFACT_PARENTS, LISTED, artifacts_below, history_of, serves_below

FORMAT, VERSION = "model-registry-export", 1
ATTRIBUTION, VALUE, END = "Attribution", "MetricValue", "End"
"""Kinds of lines that are no entities."""
Progress = Callable[[str, int], None]
"""Is called with a kind and the number of further lines of it that are done."""

_AT_ONCE = 8
_Lines = Callable[[str, list[Json]], list[Json]]


class Export:
    """One export to one file. `progress` is called for every line, those of an earlier run included."""

    def __init__(self, rest: Rest, path: Path, progress: Progress) -> None:
        self._rest, self._path, self._progress = rest, path, progress
        self._ids: dict[str, list[str]] = defaultdict(list)
        self._counts: dict[str, int] = defaultdict(int)
        self._next: dict[str, str | None] = {}
        self._parents_done: dict[str, int] = defaultdict(int)

    async def run(self) -> dict[str, int]:
        """Exports what the file does not have yet; returns how many lines of each kind it has. Raises `TransferError`."""
        if self._read_earlier_run():
            return dict(self._counts)
        with Journal(self._path) as journal:
            if not self._path.stat().st_size:
                header = {"format": FORMAT, "version": VERSION, "export": str(uuid.uuid4()), "source": self._rest.url}
                journal.add({**header, "startedAt": time.time_ns() // 1_000_000})
            await self._check_server()
            for entity in LISTED:
                await self._list(journal, entity.__name__, entity.collection)
            serve, service, run = ServeModel.__name__, InferenceService.__name__, ExperimentRun.__name__
            await self._below(journal, serve, service, serves_below, partial(_entities, serve, service))
            for parent in ARTIFACT_PARENTS:
                name = parent.__name__
                path = partial(artifacts_below, parent)
                await self._below(journal, ATTRIBUTION, name, path, partial(_attributions, name))
            await self._below(journal, VALUE, run, history_of, partial(_entities, VALUE, run))
            await self._list(journal, Artifact.__name__, Artifact.collection)
            journal.add({"kind": END, "counts": self._counts})
        return dict(self._counts)

    async def _check_server(self) -> None:
        first = LISTED[0].collection
        if await self._rest.get(first, pageSize="1") is None:
            raise TransferError(f"{self._rest.url} knows no {first.lstrip('/')}; is it a model registry?")

    def _read_earlier_run(self) -> bool:
        """Takes over what an earlier run has written, up to its last checkpoint; returns whether that run was complete."""
        if not self._path.exists() or not self._path.stat().st_size:
            return False
        last, waiting = 0, list[Json]()
        for number, (end, line) in enumerate(whole_lines(self._path)):
            if number == 0:
                self._check_header(line)
                last = end
            elif line.get("kind") == END:
                self._count(waiting)
                return True
            elif "checkpoint" in line:
                self._count(waiting)
                waiting, last = [], end
                if "parents" in line:
                    self._parents_done[line["checkpoint"]] = line["parents"]
                else:
                    self._next[line["checkpoint"]] = line["next"]
            else:
                waiting.append(line)
        cut(self._path, last)
        return False

    def _check_header(self, line: Json) -> None:
        if line.get("format") != FORMAT:
            raise TransferError(f"{self._path} is there already and is no export; name another file with --output.")
        if line.get("source") != self._rest.url:
            raise TransferError(
                f"{self._path} holds an export of {line.get('source')}; name another file with --output for {self._rest.url}."
            )

    def _count(self, lines: list[Json]) -> None:
        for line in lines:
            kind = line["kind"]
            self._counts[kind] += 1
            if "entity" in line and kind != VALUE:
                self._ids[kind].append(line["entity"]["id"])
            self._progress(kind, 1)

    async def _list(self, journal: Journal, kind: str, path: str) -> None:
        """Writes one list, with a checkpoint after each page."""
        token = self._next.get(kind, "")
        if kind in self._next and not token:
            return
        async for rows, after in self._rest.pages(path, token or ""):
            lines: list[Json] = [{"kind": kind, "entity": row} for row in rows]
            self._count(lines)
            journal.add(*lines, {"checkpoint": kind, "next": after})

    async def _below(
        self, journal: Journal, kind: str, parent: str, path: Callable[[str], str], lines_of: _Lines
    ) -> None:
        """Writes the lists below all entities of a kind, several at once, with a checkpoint after each group of them."""
        name, ids = f"{kind} below {parent}", self._ids[parent]
        while (done := self._parents_done[name]) < len(ids):
            some = ids[done : done + _AT_ONCE]
            lists = await asyncio.gather(*(self._rest.rows(path(id_)) for id_ in some))
            lines = [line for id_, rows in zip(some, lists, strict=True) for line in lines_of(id_, rows)]
            self._count(lines)
            self._parents_done[name] = done + len(some)
            journal.add(*lines, {"checkpoint": name, "parents": self._parents_done[name]})


def _entities(kind: str, parent: str, id_: str, rows: list[Json]) -> list[Json]:
    return [{"kind": kind, "below": {parent: id_}, "entity": row} for row in rows]


def _attributions(parent: str, id_: str, rows: list[Json]) -> list[Json]:
    return [{"kind": ATTRIBUTION, "below": {parent: id_}, "artifact": row["id"]} for row in rows]
