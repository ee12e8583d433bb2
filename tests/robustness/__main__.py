"""`python -m tests.robustness`: `run` makes runs with faults from a seed, `check` judges a history file."""

import argparse
import asyncio
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.robustness.checker import check
from tests.robustness.faults import KINDS, counted
from tests.robustness.history import WRITES, History, load
from tests.robustness.planted import BUGS
from tests.robustness.run import NUMBERS, Outcome, Plan, run
from tests.support.stores import STORES, why_not

MEMORY = Path("/dev/shm")  # noqa: S108 (a folder below it is made for each run)
_MOST_SHOWN = 20
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)


def main() -> int:
    """Returns the exit status: 0 if no promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.robustness", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="run clients and faults, and check what happened")
    runs.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the first round; others count on")  # noqa: S311
    runs.add_argument("--rounds", type=int, default=3, help="rounds on each store, each with the next seed")
    runs.add_argument("--seconds", type=float, default=20.0, help="how long the faults of a round go on")
    runs.add_argument("--store", choices=STORES, action="append", help="default: all that this machine has")
    runs.add_argument("--clients", type=int, default=NUMBERS["clients"])
    for name in ("strikes", "calls"):
        words = f"a round goes on until there were so many, on a slow machine; {NUMBERS[name]}"
        runs.add_argument(f"--{name}", type=int, default=NUMBERS[name], help=words)
    runs.add_argument("--fault", choices=list(KINDS), action="append", default=[], help="only these kinds")
    runs.add_argument("--calm", action="store_true", help="no faults")
    runs.add_argument("--plant", choices=list(BUGS), default="", help="a bug for the checker to find")
    runs.add_argument("--folder", type=Path, help="where histories and logs are kept; default: those of failures only")
    checks = commands.add_parser("check", help="judge a history file")
    checks.add_argument("file", type=Path)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the servers of the run end too
    return _check(chosen.file) if chosen.command == "check" else _run_all(chosen)


def _check(file: Path) -> int:
    history = load(file)
    violations = check(history)
    for violation in violations:
        console.print(str(violation), markup=False)
    console.print(f"{len(history.calls)} calls, {len(history.faults)} faults, {len(violations)} violations")
    return 1 if violations else 0


def _run_all(chosen: argparse.Namespace) -> int:
    stores = [store for store in chosen.store or STORES if _is_here(store)]
    outcomes = []
    for store in stores:
        for seed in range(chosen.seed, chosen.seed + chosen.rounds):
            numbers = {name: getattr(chosen, name) for name in NUMBERS}
            plan = Plan(
                store,
                seed,
                chosen.seconds,
                faults=tuple(chosen.fault),
                is_calm=chosen.calm,
                plant=chosen.plant,
                **numbers,
            )
            outcomes.append(_run_one(plan, chosen.folder))
    console.print(_figures(outcomes))
    return 1 if any(outcome.violations for outcome in outcomes) else 0


def _is_here(store: str) -> bool:
    reason = why_not(store)
    if reason:
        console.print(f"{store} is left out: {reason}.")
    return reason is None


def _run_one(plan: Plan, keep: Path | None) -> Outcome:
    memory = (
        MEMORY if os.access(MEMORY, os.W_OK) else None
    )  # on a slow disk, servers make fewer calls and meet fewer faults
    folder = Path(tempfile.mkdtemp(prefix=f"robustness-{plan.store}-{plan.seed}-", dir=keep or memory))
    folder.chmod(0o755)
    outcome = asyncio.run(run(plan, folder))
    console.print(f"{plan.store}, seed {plan.seed}: {_summary(outcome.history)}, {len(outcome.violations)} violations")
    for violation in outcome.violations[:_MOST_SHOWN]:
        console.print(f"  {violation}", markup=False)
    if outcome.violations:
        console.print(f"  Run it again:   {plan.command}", markup=False)
        console.print(
            f"  Check it again: {sys.executable} -m tests.robustness check {folder}/history.jsonl", markup=False
        )
    elif keep is None:
        shutil.rmtree(folder)
    return outcome


def _summary(history: History) -> str:
    writes = [call for call in history.calls if call.verb in WRITES]
    outcomes = Counter(
        "acknowledged" if c.is_acknowledged else "refused" if c.is_refused else "unknown" for c in writes
    )
    return f"{len(history.calls)} calls, {len(writes)} writes ({dict(outcomes)}), {len(history.faults)} faults"


def _figures(outcomes: list[Outcome]) -> Table:
    """The numbers of calls, faults and violations on each store."""
    table = Table(
        "store", "rounds", "calls", "acknowledged writes", "of unknown outcome", "faults", "violations", box=None
    )
    for store in dict.fromkeys(outcome.plan.store for outcome in outcomes):
        mine = [outcome for outcome in outcomes if outcome.plan.store == store]
        writes = [call for outcome in mine for call in outcome.history.calls if call.verb in WRITES]
        faults = sum((counted(outcome.history.faults) for outcome in mine), Counter())
        table.add_row(
            store,
            str(len(mine)),
            str(sum(len(outcome.history.calls) for outcome in mine)),
            str(sum(call.is_acknowledged for call in writes)),
            str(sum(call.is_unknown for call in writes)),
            ", ".join(f"{count} {kind}" for kind, count in sorted(faults.items())),
            str(sum(len(outcome.violations) for outcome in mine)),
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
