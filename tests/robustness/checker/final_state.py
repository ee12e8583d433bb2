"""When all is quiet: what was acknowledged is there once with its links, and every way to look at the store agrees."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tests.robustness.checker.existence import doubles
from tests.robustness.checker.facts import Facts, text_of
from tests.robustness.checker.violation import Violation, violation
from tests.robustness.families import CONTEXT, FAMILIES, FAMILY_OF_TYPE, HISTORY_TYPE, MARKER, Family, Row
from tests.robustness.history import CREATE, UPSERT, Call, Node, State

KEPT_DECIMALS = 1e-6
"""MLMD rounds doubles to six decimals; the exact number is stored in addition, and only REST shows it."""
SNAKE = {"storagePath": "storage_path"}
"""How MLMD names properties whose REST name differs."""


def final_states(facts: Facts) -> Iterator[Violation]:
    """All states at the end."""
    for state in facts.history.states:
        nodes: dict[str, dict[str, Node]] = defaultdict(dict)
        for node in state.nodes:
            if family := FAMILY_OF_TYPE.get(node.type_name):
                nodes[family.name][str(node.id)] = node
        for family in FAMILIES.values():
            yield from _writes(facts, family, nodes[family.name])
            yield from _links(facts, state, family, nodes[family.name])
            yield from _lists(state, family, nodes[family.name])
            yield from _values(state, family, nodes[family.name])
        yield from _history_links(facts, state)


def _writes(facts: Facts, family: Family, nodes: dict[str, Node]) -> Iterator[Violation]:
    """Acknowledged: once; refused: not at all; unknown: at most once."""
    by_marker, by_key = defaultdict(list), defaultdict(list)
    for id_, node in nodes.items():
        by_marker[node.custom_properties.get(MARKER)].append(id_)
        by_key[_owner_in_name(family, node), _own_name(family, node)].append(id_)
    for call in facts.history.calls:
        if call.family != family.name or call.verb not in (CREATE, UPSERT):
            continue
        there = by_key[call.parent, call.name] if family.is_upserted else by_marker[call.marker]
        what = f"{call.verb} of {family.name} {call.name!r} below {call.parent}"
        if call.made_id and call.made_id not in there:
            yield violation("lost", f"the acknowledged {what} (id {call.made_id}) is not in MLMD", [call])
        if len(there) > 1:
            yield violation("twice", f"the {what} is in MLMD as ids {there}", [call])
        if call.verb == CREATE and call.is_refused and there:
            yield violation("refused", f"the refused {what} is in MLMD as id {there[0]}", [call])
        if call.status == 409 and not by_key[call.parent, call.name]:
            yield violation("lost", f"the {what} was refused for a namesake, which is not in MLMD", [call])


def _links(facts: Facts, state: State, family: Family, nodes: dict[str, Node]) -> Iterator[Violation]:
    """All below a parent is linked to it and to no other; only nodes that no answer named may lack the link until the repair."""
    for id_, node in nodes.items():
        owner = _owner_in_name(family, node)
        wanted = [int(owner)] if owner else []
        if sorted(node.owners) == wanted:
            continue
        creates = facts.by_key[family.name, owner, _own_name(family, node)]
        if not node.owners and not state.is_repaired and not _is_answered(creates):
            continue
        when = "after the repair" if state.is_repaired else "before the repair"
        what = f"{when} {family.name} {id_} ({node.name!r}) is linked to {node.owners}, not to {wanted}"
        yield violation("links", what, creates)


def _is_answered(creates: list[Call]) -> bool:
    """Whether some answer said that it is there."""
    return any(call.is_acknowledged or call.status == 409 for call in creates)


def _lists(state: State, family: Family, nodes: dict[str, Node]) -> Iterator[Violation]:
    """The list of all, the lists below parents, gets, finds and MLMD show the same entities with the same content."""
    unlinked = {id_ for id_, node in nodes.items() if family.parent and not node.owners}
    linked = nodes.keys() - unlinked
    rows: dict[str, Row] = {str(row.get("id")): row for row in state.lists.get(family.name, [])}
    if family.collection:
        what = f"the list of all of {family.name}"
        yield from doubles(state.lists.get(family.name, []), what, (family.name, None))
        yield from _same_ids(what, rows.keys(), linked, nodes.keys())
    if family.parent:
        below = state.below.get(family.name, {})
        for parent, members in below.items():
            what = f"the list of {family.name} below {parent}"
            here = {id_ for id_ in linked if int(parent) in nodes[id_].owners}
            yield from doubles(members, what, (family.name, parent))
            yield from _same_ids(what, {str(row.get("id")) for row in members}, here, here)
            for row in members:
                yield from _same(f"{what} and the list of all", rows.setdefault(str(row.get("id")), row), row)
    for id_, found in state.gets.get(family.name, {}).items():
        if id_ in nodes and id_ in rows:
            yield from _same(f"GET of {family.name} {id_} and its list", rows[id_], found)
    for owner, by_name in state.found.get(family.name, {}).items():
        for name, found in by_name.items():
            here = [
                id_
                for id_ in linked
                if (_owner_in_name(family, nodes[id_]) or "", _own_name(family, nodes[id_])) == (owner, name)
            ]
            what = f"find of {family.name} {name!r} below {owner or None} and its list"
            yield from _same(what, rows.get(here[0]) if here else None, found if here or not found else None)


def _same_ids(what: str, shown: Any, least: Any, most: Any) -> Iterator[Violation]:
    if missing := sorted(least - shown, key=int):
        yield violation("disagreement", f"{what} lacks {missing[:5]}, which MLMD has ({len(missing)} in all)")
    if extra := sorted(shown - most, key=int):
        yield violation("disagreement", f"{what} shows {extra[:5]}, which MLMD does not have there")


def _same(what: str, one: Row | None, other: Row | None) -> Iterator[Violation]:
    if text_of(one) != text_of(other):
        yield violation("disagreement", f"{what} differ: {one} and {other}")


def _values(state: State, family: Family, nodes: dict[str, Node]) -> Iterator[Violation]:
    """REST and MLMD show the same values."""
    rows = list(state.lists.get(family.name, []))
    rows += [row for members in state.below.get(family.name, {}).values() for row in members]
    for row in rows:
        node = nodes.get(str(row.get("id")))
        for register in family.registers if node else ():
            stored = _stored(node, register) if node else None
            shown = _plain(row.get(register))
            is_close = isinstance(shown, float) and isinstance(stored, float) and abs(shown - stored) <= KEPT_DECIMALS
            if shown != stored and not is_close:
                what = f"{register} of {family.name} {row.get('id')} is {shown!r} by REST and {stored!r} in MLMD"
                yield violation("disagreement", what)


def _stored(node: Node, register: str) -> Any:
    if register == "customProperties":
        return node.custom_properties
    return node.properties.get(SNAKE.get(register, register))


def _plain(value: Any) -> Any:
    return {key: inner["string_value"] for key, inner in value.items()} if isinstance(value, dict) else value


def _history_links(facts: Facts, state: State) -> Iterator[Violation]:
    """Rows of history are linked to their run; those that no client got an answer for may lack the link until the repair."""
    for node in state.nodes:
        run = node.name.partition(":")[0]
        if node.type_name != HISTORY_TYPE or [str(owner) for owner in node.owners] == [run]:
            continue
        upsert = facts.by_step.get(node.properties.get("step", -1))
        if node.owners or state.is_repaired or upsert is None or upsert.is_acknowledged:
            yield violation("links", f"history row {node.id} ({node.name!r}) is attributed to {node.owners}")


def _owner_in_name(family: Family, node: Node) -> str | None:
    return node.name.partition(":")[0] if family.parent else None


def _own_name(family: Family, node: Node) -> str:
    """The REST name: all but the prefix, which children have, and artifacts and executions without a parent as well."""
    return node.name.partition(":")[2] if family.parent or family.kind != CONTEXT else node.name
