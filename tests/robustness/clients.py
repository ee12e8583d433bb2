"""The clients of a run. A seed decides which calls each client makes and to which proxy; each client remembers the answers."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.robustness.families import ALIAS, FAMILIES, MARKER, TOKEN, Family, Row, text_property
from tests.robustness.history import CREATE, FIND, GET, HISTORY, LIST, MOVE, PATCH, SETTLER, Call
from tests.robustness.recorder import Recorder, creating_verb

HOT = 5
"""The number of newest entities of a family that most calls use."""
LIMELIGHT = 15
"""The number of changes and gets in a row of which most go to one entity, so that they overlap."""
NAMESAKES = 4
"""The number of creates that try one contended name before the next name."""
PATIENCE = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
"""Seconds that hasty clients give to a write: on a fast machine as on a slow one some are over between two calls to MLMD."""
STEM, CHILD_STEM = "n", "child"
"""Prefixes of names. They make the contexts below a parent recognizable in the bytes of a request."""
SHARED = "shared"
"""The name of a metric that is upserted through all proxies and never patched."""
UPSERTED_NAMES = {"metric": ("loss", "accuracy", SHARED), "parameter": ("depth", "rate")}
EPOCH_MS = 1_790_000_000_000
_PAUSE_SECONDS = 0.3
_FINAL_TRIES = 40

CREATES = (
    ("registered model", 3), ("model version", 12), ("model artifact", 6), ("standalone document", 6),
    ("serving environment", 1), ("inference service", 4), ("serve", 2), ("experiment", 1), ("experiment run", 6),
    ("dataset", 2), ("metric", 10), ("parameter", 3),
)  # fmt: skip
"""Families, each with its weight in the choice of creates and upserts."""
ACTIONS = {"create": 46, "patch": 26, "get": 12, "find": 6, "list below": 6, "list all": 1, "history": 3, "move": 8}
FIRST = (
    "registered model",
    "serving environment",
    "experiment",
    "model version",
    "inference service",
    "experiment run",
)
"""The families that are created before the first fault, so that parents exist."""


@dataclass(frozen=True)
class Known:
    """An entity that a client knows from an answer. `needs` are the ids of other entities in its create."""

    family: str
    id: str
    parent: str | None
    name: str
    marker: str | None
    needs: Mapping[str, str] = field(default_factory=dict, compare=False)


class Clients:
    """All clients of a run, with the entities that they know and the names that several of them try to create."""

    def __init__(self, recorder: Recorder, seed: str, *, count: int, proxies: int) -> None:
        self._recorder, self._seed, self.count, self._proxies = recorder, seed, count, proxies
        self._known: dict[str, list[Known]] = defaultdict(list)
        self._contended: dict[tuple[str, str | None], tuple[str, int]] = {}
        self._limelight: tuple[Known | None, int] = (None, 0)

    async def prepare(self) -> None:
        """Creates two entities of each family that is a parent of others."""
        chance = random.Random(f"{self._seed} first")  # noqa: S311 (no secret)
        for family in FIRST * 2:
            await self._create(-1, chance, FAMILIES[family])

    async def run(self, number: int, over: asyncio.Event) -> None:
        """Runs one client until `over` is set; its last call ends normally."""
        chance = random.Random(f"{self._seed} client {number}")  # noqa: S311
        actions, weights = list(ACTIONS), list(ACTIONS.values())
        while not over.is_set():
            (action,) = chance.choices(actions, weights)
            call = await self._act(number, chance, action)
            if call and call.status is None:
                await asyncio.sleep(_PAUSE_SECONDS)
                if call.verb == CREATE and call.is_unknown and chance.random() < 0.25:
                    await self._again(number, chance, call)

    async def finish(self) -> None:
        """Repeats half of the creates with unknown outcome until there is an answer, as careful clients do."""
        chance = random.Random(f"{self._seed} finish")  # noqa: S311
        unknown = [call for call in self._recorder.calls if call.verb == CREATE and call.is_unknown]
        for call in unknown[chance.randrange(2) :: 2]:
            for _ in range(_FINAL_TRIES):
                if (await self._again(SETTLER, chance, call)).status not in (None, 503):
                    break
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _act(self, number: int, chance: random.Random, action: str) -> Call | None:
        if action == "create":
            families, weights = zip(*CREATES, strict=True)
            return await self._create(number, chance, FAMILIES[chance.choices(families, weights)[0]])
        if action == "history":
            return await self._history(number, chance)
        if action == "move":
            return await self._move(number, chance)
        families_with = {
            "patch": [f for f in FAMILIES.values() if f.patched],
            "get": [f for f in FAMILIES.values() if f.collection],
            "find": [f for f in FAMILIES.values() if f.find],
            "list below": [f for f in FAMILIES.values() if f.parent],
            "list all": [f for f in FAMILIES.values() if f.collection],
        }
        family = chance.choice(families_with[action])
        verb = {"patch": self._patch, "get": self._get, "find": self._find}.get(action)
        if verb:
            is_shared = action != "find" and chance.random() < 0.6
            known = self._in_limelight(chance) if is_shared else self._pick(chance, family.name)
            return await verb(number, chance, known) if known else None
        return await self._list(number, chance, family, is_below=action == "list below")

    async def _create(
        self, number: int, chance: random.Random, family: Family, name: str = "", parent: str | None = None
    ) -> Call | None:
        if family.parent and parent is None:
            owner = self._pick(chance, family.parent)
            if owner is None:
                return None
            parent = owner.id
        needs = {}
        owner_needs = next(
            (known.needs for known in self._known.get(family.parent or "", ()) if known.id == parent), {}
        )
        for name_of_id, needed in family.needs.items():
            target = self._pick(chance, needed, owner_needs.get(FAMILIES[needed].parent_field or ""))
            if target is None:
                return None
            needs[name_of_id] = target.id
        call = self._recorder.call(number, 0, creating_verb(family), family.name, parent=parent)
        call.patience = _patience(number, chance, 0.4 if family.is_child_context else 0.15)
        call.name = name or self._name(chance, family, parent, call)
        call.proxy = self._proxy(chance, family, parent, call.name)
        body = {**family.extra, **needs, "name": call.name, **self._written(family, call, family.registers, new=True)}
        if family.parent_field:
            body[family.parent_field] = parent
        if call.marker and chance.random() < 0.5:
            body["externalId"] = call.marker
        await self._recorder.create(call, body, flat=family.flat and chance.random() < 0.5)
        if call.made_id:
            self._remember(Known(family.name, call.made_id, parent, call.name, call.marker, needs))
        return call

    async def _again(self, number: int, chance: random.Random, call: Call) -> Call:
        """Sends a create again: of the same name, or of the same content where names are not unique."""
        again = await self._create(number, chance, FAMILIES[call.family], call.name or "", call.parent)
        assert again  # the entities that it needs were known before
        return again

    async def _patch(self, number: int, chance: random.Random, known: Known) -> Call:
        family = FAMILIES[known.family]
        if known.name == SHARED:
            return await self._get(number, chance, known)
        fields = chance.sample(family.patched, min(len(family.patched), chance.choice((1, 1, 2))))
        proxy = self._proxy(chance, family, known.parent, known.name)
        call = self._recorder.call(number, proxy, PATCH, family.name, parent=known.parent, id=known.id)
        call.patience = _patience(number, chance, 0.15)
        body = self._written(family, call, fields, marker=known.marker)
        kind = {"artifactType": family.extra["artifactType"]} if family.extra else {}
        return await self._recorder.patch(call, {**kind, **body})

    async def _get(self, number: int, chance: random.Random, known: Known) -> Call:
        call = self._recorder.call(number, chance.randrange(self._proxies), GET, known.family, id=known.id)
        return await self._recorder.get(call)

    async def _find(self, number: int, chance: random.Random, known: Known) -> Call:
        proxy = chance.randrange(self._proxies)
        call = self._recorder.call(number, proxy, FIND, known.family, name=known.name, parent=known.parent)
        return await self._recorder.find(call)

    async def _list(self, number: int, chance: random.Random, family: Family, *, is_below: bool) -> Call | None:
        owner = self._pick(chance, family.parent) if is_below and family.parent else None
        if is_below and owner is None:
            return None
        proxy, parent = chance.randrange(self._proxies), owner.id if owner else None
        call = self._recorder.call(number, proxy, LIST, family.name, parent=parent)
        return await self._recorder.list(call, chance.choice((None, None, 7)))

    async def _history(self, number: int, chance: random.Random) -> Call | None:
        run = self._pick(chance, "experiment run")
        if run is None:
            return None
        name = chance.choice((None, *UPSERTED_NAMES["metric"]))
        call = self._recorder.call(number, chance.randrange(self._proxies), HISTORY, "metric", parent=run.id, name=name)
        return await self._recorder.history(call, chance.choice((None, 7)))

    async def _move(self, number: int, chance: random.Random) -> Call | None:
        """Moves the alias of one of a few models, so that moves meet."""
        models = self._known["registered model"][:2]
        version = self._pick(chance, "model version", chance.choice(models).id) if models else None
        if version is None:
            return None
        call = self._recorder.call(number, chance.randrange(self._proxies), MOVE, "alias", parent=version.parent)
        call.patience = _patience(number, chance, 0.3)
        call.name, call.wrote = ALIAS, {"version": version.id}
        return await self._recorder.move(call, ALIAS, {"modelVersionId": version.id, "reason": f"c{call.number}"})

    def _name(self, chance: random.Random, family: Family, parent: str | None, call: Call) -> str:
        if family.is_upserted:
            return chance.choice(UPSERTED_NAMES[family.name])
        stem = CHILD_STEM if family.is_child_context else STEM
        if chance.random() < 0.6:
            return f"{stem}{call.number}"
        name, left = self._contended.get((family.name, parent), ("", 0))
        if not left:
            name, left = f"{stem}{call.number}-contended", NAMESAKES
        self._contended[family.name, parent] = (name, left - 1)
        return name

    def _written(
        self,
        family: Family,
        call: Call,
        registers: tuple[str, ...] | list[str],
        *,
        new: bool = False,
        marker: str | None = None,
    ) -> Row:
        """The values that a call writes; no other call writes the same. A create also writes its marker."""
        if new and not family.is_upserted:
            marker = call.marker = f"m{call.number}"
        written: Row = {}
        for register in registers:
            if family.is_upserted and new and register in family.patched:
                continue
            if register == "customProperties":
                written[register] = {MARKER: text_property(marker or ""), TOKEN: text_property(f"t{call.number}")}
            else:
                written[register] = _value(family, register, call.number)
        call.wrote = written
        return written

    def _remember(self, known: Known) -> None:
        if known not in self._known[known.family]:
            self._known[known.family].append(known)

    def _pick(self, chance: random.Random, family: str, below: str | None = None) -> Known | None:
        known = [known for known in self._known[family] if below in (None, known.parent)]
        if not known:
            return None
        return chance.choice(known[-HOT:] if chance.random() < 0.8 else known)

    def _in_limelight(self, chance: random.Random) -> Known | None:
        """The entity that most clients read and change at the moment."""
        known, left = self._limelight
        if not left:
            family = chance.choice([family for family in FAMILIES.values() if family.patched])
            known, left = self._pick(chance, family.name), LIMELIGHT
        self._limelight = (known, left - 1) if known else (None, 0)
        return known

    def _proxy(self, chance: random.Random, family: Family, parent: str | None, name: str) -> int:
        """Any proxy. But all writes of a metric that is patched go through one.

        An upsert through another proxy can undo a PATCH, as the documentation says.
        """
        if family.name == "metric" and parent and name != SHARED:
            return int(parent) % self._proxies
        return chance.randrange(self._proxies)


def _patience(number: int, chance: random.Random, hasty: float) -> float:
    """The time limit of a write in seconds; 0 for the limit of the proxy.

    A share `hasty` of the writes gets a limit so short that it may end between two calls to MLMD.
    """
    return chance.choice(PATIENCE) if number >= 0 and chance.random() < hasty else 0.0


def _value(family: Family, register: str, number: int) -> str | int | float:
    """A value that contains the number of the call. Metrics get doubles with more decimals than MLMD stores."""
    if family.name == "metric" and register in ("value", "step", "timestamp"):
        return {"value": number + 0.123456789012, "step": number, "timestamp": str(EPOCH_MS + number)}[register]
    return f"{register} {number}"
