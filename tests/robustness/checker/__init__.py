"""Holds a history against the model: pure, so that a hand-written history can be judged like a recorded one."""

from collections.abc import Callable, Iterator, Mapping

from tests.robustness.checker.alias_moves import alias_moves
from tests.robustness.checker.existence import answers, created_once, lasting, origins, recovers, refusals
from tests.robustness.checker.facts import Facts
from tests.robustness.checker.final_state import final_states
from tests.robustness.checker.metric_history import metric_history
from tests.robustness.checker.registers import registers, whole_writes
from tests.robustness.checker.violation import Violation
from tests.robustness.history import History

CHECKS: Mapping[str, Callable[[Facts], Iterator[Violation]]] = {
    "answers are those that the call may have": answers,
    "servers recover": recovers,
    "a name is created once": created_once,
    "a create is refused with reason": refusals,
    "rows come from creates that were not refused": origins,
    "what was there stays there": lasting,
    "fields are atomic registers": registers,
    "writes are whole": whole_writes,
    "metrics keep their history": metric_history,
    "the moves of an alias are one chain": alias_moves,
    "the store holds what was acknowledged, once and linked, and all views of it agree": final_states,
}


def check(history: History) -> list[Violation]:
    """Every violation in a history, each once, in the order of the checks."""
    facts = Facts(history)
    return list(dict.fromkeys(violation for rule in CHECKS.values() for violation in rule(facts)))
