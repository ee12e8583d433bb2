"""Each field of each entity is a register: writes take effect at one instant within their call, and reads see the newest.

Values are never written twice, so a value names its writer, and whether some order of instants explains all reads can be
decided exactly (Gibbons and Korach, 'Testing shared memories', 1997). All calls about one value make a cluster. Where its first
end lies before its last start, the register must hold the value from there to there; otherwise the value needs an
instant between that last start and first end. No two such stretches may overlap, and no instant's room may lie within the
stretch of another value. That finds lost updates, stale reads, reads that go back in time, and values that come back.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tests.robustness.checker.facts import Facts, Sight, text_of, value_in
from tests.robustness.checker.violation import Violation, violation
from tests.robustness.families import FAMILIES
from tests.robustness.history import WRITES, Call

NOTHING = text_of(None)


@dataclass
class Cluster:
    """All that is known of one value in one register."""

    value: str
    first_end: float = math.inf
    last_start: float = -math.inf
    first: Call | None = None
    last: Call | None = None
    seen: set[str] = field(default_factory=set)

    def add(self, start: float, end: float, call: Call | None) -> None:
        """A write or a read of the value."""
        if end < self.first_end:
            self.first_end, self.first = end, call
        if start > self.last_start:
            self.last_start, self.last = start, call

    @property
    def must_last(self) -> bool:
        """Whether the value must be there for a stretch of time."""
        return self.first_end < self.last_start

    def calls(self) -> list[Call]:
        """The calls that bound it."""
        return [call for call in (self.first, self.last) if call]


def registers(facts: Facts) -> Iterator[Violation]:
    """Every value that was seen was written there, not refused, and some order explains all reads."""
    clusters: dict[tuple[str, str, str], dict[str, Cluster]] = defaultdict(dict)

    def cluster(place: tuple[str, str, str], value: str) -> Cluster:
        return clusters[place].setdefault(value, Cluster(value))

    for call in facts.history.calls:
        target = call.id if call.verb == "patch" else call.made_id
        if call.verb in WRITES and call.is_acknowledged and target:
            for register, value in call.wrote.items():
                cluster((call.family, target, register), text_of(value)).add(call.start, call.latest, call)
    reported: set[tuple[str, str, str, str]] = set()
    for sight in facts.sights:
        for register in FAMILIES[sight.family].registers:
            value, place = value_in(sight.row, register), (sight.family, sight.id, register)
            writer = facts.writer(sight.family, register, value)
            complaint = _origin(facts, sight, register, value, writer)
            if complaint:
                if (*place, value) not in reported:
                    reported.add((*place, value))
                    yield complaint
                continue
            entry = cluster(place, value)
            entry.add(sight.start, sight.end, sight.call)
            if writer:
                entry.add(writer.start, writer.latest, writer)
            else:
                entry.add(-math.inf, -math.inf, None)  # nothing was there to begin with
    for (family, id_, register), values in clusters.items():
        yield from _no_order(f"{register} of {family} {id_}", list(values.values()))


def _origin(facts: Facts, sight: Sight, register: str, value: str, writer: Call | None) -> Violation | None:
    """What is wrong with the origin of a value, if anything."""
    family, place = FAMILIES[sight.family], f"{register} of {sight.family} {sight.id}"
    reader = [sight.call] if sight.call else []
    if writer is None:
        if family.is_upserted and value == NOTHING and register in family.patched:
            return None
        return violation("phantom", f"{sight} saw {value} in {place}, which no client wrote", reader)
    both = [*reader, writer]
    if writer.is_refused and (sight.call is None or not facts.is_taken_over(writer)):
        return violation("refused", f"{sight} saw {value} in {place}, whose write was refused", both)
    if sight.end < writer.start:
        return violation("phantom", f"{sight} saw {value} in {place} before it was asked for", both)
    target = writer.id if writer.verb == "patch" else writer.made_id
    if target is not None and target != sight.id:
        return violation("misplaced", f"{sight} saw {value} in {place}, written to {target}", both)
    if target is None and writer.name is not None and sight.row.get("name") != writer.name:
        return violation("misplaced", f"{sight} saw {value} in {place}, written to {writer.name!r}", both)
    return None


def _no_order(place: str, clusters: list[Cluster]) -> Iterator[Violation]:
    """Values of one register whose reads and writes no order explains."""
    lasting = sorted((entry for entry in clusters if entry.must_last), key=lambda entry: entry.first_end)
    for before, after in pairwise(lasting):
        if after.first_end < before.last_start:
            yield violation(
                "back in time",
                f"{place} was {before.value}, then {after.value}, then {before.value} again",
                before.calls() + after.calls(),
            )
    for short in clusters:
        if short.must_last or short.first_end == math.inf:
            continue
        for long in lasting:
            if long.first_end < short.last_start and short.first_end < long.last_start:
                yield violation(
                    "lost update" if short.first and short.first.verb in WRITES else "back in time",
                    f"{place} became {short.value} while it was {long.value}, which was read afterwards",
                    short.calls() + long.calls(),
                )


def whole_writes(facts: Facts) -> Iterator[Violation]:
    """Of a write of several fields all or none is seen, and the answer to a write shows it."""
    for sight in facts.sights:
        names = FAMILIES[sight.family].registers
        writers = {name: facts.writer(sight.family, name, value_in(sight.row, name)) for name in names}
        own = sight.call if sight.call and sight.call.verb in WRITES else None
        for write in {id(call): call for call in [*writers.values(), own] if call}.values():
            for register in write.wrote:
                other = writers.get(register)
                if other and other is not write and other.latest < write.start:
                    text = "does not show its own write" if write is own else "saw half of a write"
                    yield violation(
                        "half a write",
                        f"{sight} {text}: {register} of {sight.family} {sight.id} is older",
                        [call for call in (sight.call, write, other) if call],
                    )
