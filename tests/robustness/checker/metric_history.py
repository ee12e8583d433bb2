"""Every value that a metric was given is in the history of its run, once and whole."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tests.robustness.checker.facts import Facts
from tests.robustness.checker.violation import Violation, violation
from tests.robustness.families import HISTORY_TYPE, Row
from tests.robustness.history import HISTORY, UPSERT, Call, State

Steps = Counter[int]


def metric_history(facts: Facts) -> Iterator[Violation]:
    """In every answer during the run and in the states at the end."""
    upserts = [call for call in facts.history.calls if call.verb == UPSERT and "step" in call.wrote]
    seen: list[Call] = []
    for call in sorted(facts.history.calls, key=lambda each: each.end):
        if call.verb == HISTORY and call.is_acknowledged:
            steps = Counter(row.get("step", -1) for row in call.rows)
            due = [u for u in upserts if u.is_acknowledged and u.end < call.start and _is_about(call, u)]
            yield from _rows(facts, call.rows, call.parent, "a history", [call])
            yield from _complete(due, steps, "a history", [call])
            before = [s for s in seen if (s.parent, s.name) == (call.parent, call.name) and s.end < call.start]
            if before and (gone := {row.get("step") for row in before[-1].rows} - steps.keys()):
                yield violation("vanished", f"steps {sorted(gone)[:5]} are gone from a history", [before[-1], call])
            seen.append(call)
    for state in facts.history.states:
        yield from _in_state(facts, state, upserts)


def _is_about(call: Call, upsert: Call) -> bool:
    return upsert.parent == call.parent and call.name in (None, upsert.name)


def _in_state(facts: Facts, state: State, upserts: list[Call]) -> Iterator[Violation]:
    for run, rows in state.history.items():
        yield from _rows(facts, rows, run, f"the history of run {run} at the end", [])
    by_rest: Steps = Counter(row.get("step", -1) for rows in state.history.values() for row in rows)
    rows_there = [n for n in state.nodes if n.type_name == HISTORY_TYPE and (n.owners or state.is_repaired)]
    by_grpc: Steps = Counter(n.properties.get("step", -1) for n in rows_there)
    acknowledged = [call for call in upserts if call.is_acknowledged]
    yield from _complete(acknowledged, by_rest, "the history at the end", [])
    yield from _complete(acknowledged, by_grpc, "the history rows in MLMD", [])
    for run, metrics in state.below.get("metric", {}).items():
        steps = {row.get("step") for row in state.history.get(run, [])}
        for row in metrics:
            if row.get("step") not in steps:
                what = f"metric {row.get('name')!r} of run {run} shows step {row.get('step')}, which its history lacks"
                yield violation("half a write", what, _calls(facts, row))
    if by_rest != by_grpc:
        difference = sorted((by_rest - by_grpc) + (by_grpc - by_rest))
        yield violation("disagreement", f"REST and MLMD show different histories: steps {difference[:5]}")


def _complete(due: Iterable[Call], steps: Steps, what: str, calls: list[Call]) -> Iterator[Violation]:
    for upsert in due:
        if not steps[upsert.wrote["step"]]:
            text = f"{what} lacks step {upsert.wrote['step']} of metric {upsert.name!r} of run {upsert.parent}"
            yield violation("lost history", text, [*calls, upsert])


def _rows(facts: Facts, rows: list[Row], run: str | None, what: str, calls: list[Call]) -> Iterator[Violation]:
    for step, count in Counter(row.get("step", -1) for row in rows).items():
        if count > 1:
            yield violation("twice", f"{what} has step {step} {count} times", [*calls, *_calls(facts, {"step": step})])
    for row in rows:
        upsert = facts.by_step.get(row.get("step", -1))
        if upsert is None or upsert.parent != run or upsert.name != row.get("name"):
            yield violation("phantom", f"{what} of run {run} has a row that no client wrote there: {row}", calls)
        elif upsert.is_refused:
            yield violation("refused", f"{what} has step {row['step']}, whose write was refused", [*calls, upsert])
        elif any(row.get(field) != upsert.wrote[field] for field in ("value", "timestamp")):
            yield violation("half a write", f"{what} has step {row['step']} with another value", [*calls, upsert])


def _calls(facts: Facts, row: Row) -> list[Call]:
    upsert = facts.by_step.get(row.get("step", -1))
    return [upsert] if upsert else []
