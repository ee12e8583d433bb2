"""The record of each alias is one chain, which has every acknowledged move once and agrees with where the alias points."""

from collections import Counter
from collections.abc import Iterator

from tests.robustness.checker.facts import Facts
from tests.robustness.checker.violation import Violation, violation
from tests.robustness.families import ALIAS, ALIAS_TYPE, MOVE_TYPE, Row
from tests.robustness.history import MOVE, Call, State


def alias_moves(facts: Facts) -> Iterator[Violation]:
    """In the states at the end."""
    moves = {f"c{call.number}": call for call in facts.history.calls if call.verb == MOVE}
    for state in facts.history.states:
        for model, rows in state.moves.items():
            yield from _chain(model, rows, state.aliases.get(model, []))
            yield from _from_calls(model, rows, moves)
        for reason, call in moves.items():
            if call.is_acknowledged:
                yield from _acknowledged(state.moves.get(call.parent or "", []), reason, call)
        yield from _in_mlmd(state)


def _chain(model: str, rows: list[Row], aliases: list[Row]) -> Iterator[Violation]:
    serials = [row["serial"] for row in rows]
    if serials != list(range(1, len(rows) + 1)):
        yield violation("broken chain", f"the moves of model {model} have the serials {serials[:20]}")
    places = ["", *(row["toModelVersionId"] for row in rows)]
    if [row["fromModelVersionId"] for row in rows] != places[:-1]:
        yield violation("broken chain", f"a move of model {model} does not begin where the one before it ends")
    shown = [(row["alias"], row["modelVersionId"], row["serial"]) for row in aliases]
    wanted = [(ALIAS, places[-1], len(rows))] if rows else []
    if shown != wanted:
        yield violation("disagreement", f"the aliases of model {model} are {shown}, and their moves say {wanted}")


def _from_calls(model: str, rows: list[Row], moves: dict[str, Call]) -> Iterator[Violation]:
    for reason, count in Counter(row["reason"] for row in rows).items():
        if count > 1:
            yield violation("twice", f"the move {reason} of model {model} is recorded {count} times")
    for row in rows:
        call = moves.get(row["reason"])
        if call is None or call.parent != model or call.wrote["version"] != row["toModelVersionId"]:
            yield violation("phantom", f"no client made this move of model {model}: {row}", [call] if call else [])
        elif call.is_refused:
            yield violation("refused", f"the refused move {row['reason']} of model {model} is recorded", [call])


def _acknowledged(rows: list[Row], reason: str, call: Call) -> Iterator[Violation]:
    """It is recorded under the serial of its answer, or the alias was there already by the move of that serial."""
    serial, version = call.rows[0]["serial"], call.wrote["version"]
    here = rows[serial - 1] if 0 < serial <= len(rows) else None
    elsewhere = any(row["reason"] == reason for row in rows if row is not here)
    if here is None or here["toModelVersionId"] != version or elsewhere:
        what = (
            f"the acknowledged move {reason} of model {call.parent} to version {version}, serial {serial}, is not there"
        )
        yield violation("lost", what, [call])


def _in_mlmd(state: State) -> Iterator[Violation]:
    kept = [sum(node.type_name == type_name for node in state.nodes) for type_name in (ALIAS_TYPE, MOVE_TYPE)]
    shown = [sum(map(bool, state.moves.values())), sum(map(len, state.moves.values()))]
    if kept != shown:
        yield violation("disagreement", f"MLMD has {kept} aliases and moves, REST shows {shown}")
