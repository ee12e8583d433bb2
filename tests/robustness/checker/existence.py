"""Entities come into being once, by a create that was not refused, and never disappear again."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from tests.robustness.checker.facts import Facts, Key, Sight, key_of
from tests.robustness.checker.violation import Violation, violation
from tests.robustness.families import FAMILIES, Row
from tests.robustness.history import CREATE, FIND, GET, LIST, MOVE, SETTLER, UPSERT, Call

Scope = tuple[str, str | None]
"""A list: the family, and the parent below which it is."""

EXPECTED = {
    CREATE: {409},
    UPSERT: {200},
    "patch": {200},
    GET: {200, 404},
    FIND: {200, 404},
    LIST: {200},
    "history": {200},
    MOVE: {200},
}
"""The statuses that each verb may have, in addition to that of a successful create and 503."""
TRY_AGAIN = {429, 503, 504}
TOO_SLOW = 408
"""For a client that gives so little time that it is over before the body has been read."""


def answers(facts: Facts) -> Iterator[Violation]:
    """Every answer is one of those that the call may have; an outage is a 503, never a 500."""
    for call in facts.history.calls:
        expected = EXPECTED[call.verb] | ({FAMILIES[call.family].made} if call.verb == CREATE else set())
        if call.patience:
            expected = expected | {TOO_SLOW}
        if call.status is not None and call.status not in expected | TRY_AGAIN:
            what = f"{call.verb} of a {call.family} was answered {call.status}: {call.error}"
            yield violation("unexpected answer", what, [call])


def recovers(facts: Facts) -> Iterator[Violation]:
    """When all faults are over, a client that keeps asking gets an answer."""
    last = {key_of(call): call for call in facts.history.calls if call.client == SETTLER}
    for call in last.values():
        if call.is_unknown:
            what = f"a create of a {call.family} got no answer though all faults were over: {call.status} {call.error}"
            yield violation("out of service", what, [call])


def created_once(facts: Facts) -> Iterator[Violation]:
    """Of creates of one name one succeeds; upserts of one name are about one entity; ids are not given twice."""
    of_id: dict[tuple[str, str], Call] = {}
    for key, calls in facts.by_key.items():
        family, parent, name = key
        made = [call for call in calls if call.made_id]
        ids = {call.made_id for call in made}
        if FAMILIES[family].is_unique and (len(ids) > 1 or (len(made) > 1 and not FAMILIES[family].is_upserted)):
            yield violation("twice", f"{family} {name!r} below {parent} was created {len(made)} times: {ids}", made)
        for call in made:
            other = of_id.setdefault((FAMILIES[family].kind, call.made_id or ""), call)
            if other is not call and key_of(other) != key:
                yield violation("twice", f"id {call.made_id} was given to two creates", [other, call])


def refusals(facts: Facts) -> Iterator[Violation]:
    """A create is refused for a namesake only where there may have been one."""
    for calls in facts.by_key.values():
        for call in calls:
            if call.verb == CREATE and call.status == 409:
                others = (o for o in calls if o is not call and not o.is_refused and o.start < call.end)
                if not any(others):
                    what = f"{call.family} {call.name!r} below {call.parent} was refused though there was no namesake"
                    yield violation("groundless refusal", what, [call])


def origins(facts: Facts) -> Iterator[Violation]:
    """Every row comes from a create that asked for it, there, and was not refused."""
    reported = set()
    for sight in facts.sights:
        if (sight.family, sight.id) not in reported:
            complaints = list(_origin(facts, sight))
            if complaints:
                reported.add((sight.family, sight.id))
            yield from complaints


def _origin(facts: Facts, sight: Sight) -> Iterator[Violation]:
    family, name = FAMILIES[sight.family], sight.row.get("name")
    reader = [sight.call] if sight.call else []
    what = f"{sight} saw {sight.family} {sight.id} ({name!r})"
    if family.is_upserted:
        asked = (c for key, calls in facts.by_key.items() if (key[0], key[2]) == (sight.family, name) for c in calls)
        if not any(not call.is_refused and sight.parent in (None, call.parent) for call in asked):
            yield violation("phantom", f"{what} below {sight.parent}, which no client wrote there", reader)
        return
    create = facts.creator(family, sight.row)
    if create is None:
        yield violation("phantom", f"{what}, which has the marker of no create", reader)
    elif create.name != name:
        yield violation("misplaced", f"{what}, created as {create.name!r}", [*reader, create])
    elif create.made_id not in (None, sight.id):
        yield violation("twice", f"{what}, created as {create.made_id}", [*reader, create])
    elif create.is_refused and (sight.call is None or not facts.is_taken_over(create)):
        yield violation("refused", f"{what}, whose create was refused", [*reader, create])
    else:
        parents = {sight.parent, sight.row.get(family.parent_field or "")} - {None}
        if parents - {create.parent}:
            yield violation("misplaced", f"{what} below {parents}, created below {create.parent}", [*reader, create])


def lasting(facts: Facts) -> Iterator[Violation]:
    """What was acknowledged or seen is there in every later get, find and list; no list shows anything twice."""
    ids, keys, members = _first_sights(facts)
    for call in facts.history.calls:
        if call.verb == GET and call.status == 404 and ids.get((call.family, call.id or ""), math.inf) < call.start:
            yield violation("vanished", f"{call.family} {call.id} was there before", [call])
        if call.verb == FIND and call.status == 404 and keys.get(key_of(call), math.inf) < call.start:
            yield violation("vanished", f"{call.family} {call.name!r} below {call.parent} was there before", [call])
        if call.verb == LIST and call.is_acknowledged:
            yield from in_list(call, members)


def in_list(call: Call, members: dict[Scope, dict[str, float]]) -> Iterator[Violation]:
    """A list holds all that was in it before it was asked for, each once."""
    scope = (call.family, call.parent)
    shown = {str(row.get("id")) for row in call.rows}
    missing = [id_ for id_, seen in members.get(scope, {}).items() if seen < call.start and id_ not in shown]
    if missing:
        what = f"the list of {call.family} below {call.parent} lacks {missing[:5]} ({len(missing)} in all)"
        yield violation("vanished", what, [call])
    yield from doubles(call.rows, f"the list of {call.family} below {call.parent}", scope, [call])


def doubles(rows: Iterable[Row], what: str, scope: Scope, calls: Iterable[Call] = ()) -> Iterator[Violation]:
    """Ids, and names where they are unique, that a list shows more than once."""
    family, parent = scope
    has_names = FAMILIES[family].is_unique and (parent is not None or FAMILIES[family].parent is None)
    for place in ("id", "name") if has_names else ("id",):
        several = [value for value, count in Counter(row.get(place) for row in rows).items() if count > 1]
        if several:
            yield violation("twice", f"{what} shows {place} {several[:5]} more than once", calls)


def _first_sights(
    facts: Facts,
) -> tuple[dict[tuple[str, str], float], dict[Key, float], dict[Scope, dict[str, float]]]:
    """Since when ids, keys and members of lists are known to be there."""
    ids: dict[tuple[str, str], float] = defaultdict(lambda: math.inf)
    keys: dict[Key, float] = defaultdict(lambda: math.inf)
    members: dict[Scope, dict[str, float]] = defaultdict(lambda: defaultdict(lambda: math.inf))
    for sight in facts.sights:
        call = sight.call
        if call is None:
            continue
        place = (sight.family, sight.id)
        ids[place] = min(ids[place], sight.end)
        scopes: list[Scope] = [(sight.family, call.parent)] if call.verb == LIST else []
        if call.verb in (CREATE, UPSERT):
            scopes = [(sight.family, call.parent), (sight.family, None)]
        for scope in scopes:
            members[scope][sight.id] = min(members[scope][sight.id], sight.end)
        if call.verb in (CREATE, UPSERT, FIND):
            keys[key_of(call)] = min(keys[key_of(call)], sight.end)
    return ids, keys, members
