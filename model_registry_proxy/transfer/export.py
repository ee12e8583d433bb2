"""Reads a whole registry into a file of JSON lines. Interrupted, it goes on from the last checkpoint that was written.

Lines come in an order in which they can be written again: parents first; before the artifacts, which of them belong where and
what values metrics have had.
"""

import asyncio
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from converters.entities import ExperimentRun, InferenceService, ServeModel
from model_registry_proxy.transfer.journal import Journal, cut, whole_lines
from model_registry_proxy.transfer.places import (
    ARTIFACT_PARENTS,
    ARTIFACTS,
    PLACES,
    artifacts_below,
    history_of,
    serves_below,
)
from model_registry_proxy.transfer.rest import Json, Rest, TransferError

FORMAT, VERSION = "model-registry-export", 1
ATTRIBUTION, VALUE, END = "Attribution", "MetricValue", "End"
Told = Callable[[str, int], None]
"""Is told a kind and how many more lines of it there are."""

_AT_A_TIME = 8
_Lines = Callable[[str, list[Json]], list[Json]]


class Export:
    """One export to one file. `told` hears of every line, those of an earlier run included."""

    def __init__(self, rest: Rest, path: Path, told: Told) -> None:
        self._rest, self._path, self._told = rest, path, told
        self._ids: dict[str, list[str]] = defaultdict(list)
        self._counts: dict[str, int] = defaultdict(int)
        self._next: dict[str, str | None] = {}
        self._parents_done: dict[str, int] = defaultdict(int)

    async def run(self) -> dict[str, int]:
        """Exports what is missing in the file; answers how many lines of each kind it has."""
        if self._read_what_is_there():
            return dict(self._counts)
        with Journal(self._path) as journal:
            if not self._path.stat().st_size:
                header = {"format": FORMAT, "version": VERSION, "export": str(uuid.uuid4()), "source": self._rest.url}
                journal.add({**header, "startedAt": time.time_ns() // 1_000_000})
            if await self._rest.get(PLACES[0].list, pageSize="1") is None:
                raise TransferError(f"{self._rest.url} knows no {PLACES[0].list}; is it a model registry?")
            for place in PLACES:
                await self._list(journal, place.entity.__name__, place.list)
            serve = ServeModel.__name__
            await self._below(
                journal, serve, InferenceService.__name__, serves_below, _entities(serve, InferenceService)
            )
            for parent in ARTIFACT_PARENTS:
                await self._below(
                    journal,
                    ATTRIBUTION,
                    parent.__name__,
                    lambda id_, parent=parent: artifacts_below(parent, id_),  # type: ignore[misc]
                    lambda id_, rows, parent=parent: [_attribution(parent.__name__, id_, row) for row in rows],  # type: ignore[misc]
                )
            await self._below(journal, VALUE, ExperimentRun.__name__, history_of, _entities(VALUE, ExperimentRun))
            await self._list(journal, "Artifact", ARTIFACTS)
            journal.add({"kind": END, "counts": self._counts})
        return dict(self._counts)

    def _read_what_is_there(self) -> bool:
        """Takes over what an earlier run has written, up to its last checkpoint; answers whether it had come to its end."""
        if not self._path.exists() or not self._path.stat().st_size:
            return False
        last, waiting = 0, list[Json]()
        for number, (end, line) in enumerate(whole_lines(self._path)):
            if number == 0:
                self._check_header(line)
                last = end
            elif line.get("kind") == END:
                self._take(waiting)
                return True
            elif "checkpoint" in line:
                self._take(waiting)
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

    def _take(self, lines: list[Json]) -> None:
        for line in lines:
            kind = line["kind"]
            self._counts[kind] += 1
            if "entity" in line and kind != VALUE:
                self._ids[kind].append(line["entity"]["id"])
            self._told(kind, 1)

    async def _list(self, journal: Journal, kind: str, path: str) -> None:
        """One list, with a checkpoint after each page."""
        token = self._next.get(kind, "")
        if kind in self._next and not token:
            return
        async for rows, after in self._rest.pages(path, token or ""):
            lines: list[Json] = [{"kind": kind, "entity": row} for row in rows]
            self._take(lines)
            journal.add(*lines, {"checkpoint": kind, "next": after})

    async def _below(
        self, journal: Journal, kind: str, parent: str, path: Callable[[str], str], lines_of: _Lines
    ) -> None:
        """The lists below all entities of a kind, some at a time, with a checkpoint after each lot."""
        name, ids = f"{kind} below {parent}", self._ids[parent]
        while (done := self._parents_done[name]) < len(ids):
            some = ids[done : done + _AT_A_TIME]
            families = await asyncio.gather(*(self._rest.rows(path(id_)) for id_ in some))
            lines = [line for id_, rows in zip(some, families, strict=True) for line in lines_of(id_, rows)]
            self._take(lines)
            self._parents_done[name] = done + len(some)
            journal.add(*lines, {"checkpoint": name, "parents": self._parents_done[name]})


def _entities(kind: str, parent: type) -> _Lines:
    below = parent.__name__
    return lambda id_, rows: [{"kind": kind, "below": {below: id_}, "entity": row} for row in rows]


def _attribution(parent: str, id_: str, row: Json) -> Json:
    return {"kind": ATTRIBUTION, "below": {parent: id_}, "artifact": row["id"]}
