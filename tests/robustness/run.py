"""One run: servers, clients and faults for some time; then the state of the store before and after the repair."""

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.robustness.checker import Violation, check
from tests.robustness.clients import Clients
from tests.robustness.faults import Injector
from tests.robustness.history import History
from tests.robustness.reading import read_state
from tests.robustness.recorder import Recorder
from tests.robustness.world import REQUEST_SECONDS, World

QUIET_NS = (REQUEST_SECONDS + 1) * 10**9
"""The wait after the last call without an answer. All requests in the proxies and servers have ended by then."""

NUMBERS = {"clients": 8, "strikes": 12, "calls": 600}
"""The usual numbers of a plan. A run with fewer faults or calls shows little."""
LONGEST_STORM_SECONDS = 150.0


@dataclass(frozen=True)
class Plan:
    """What to run.

    Clients and faults go on for `seconds`, and on a slow machine until there were `strikes` faults (none if `is_calm`)
    and `calls` calls. `faults` limits the kinds of faults, `plant` names a bug.
    """

    store: str
    seed: int
    seconds: float = 20.0
    clients: int = 8
    strikes: int = 0
    calls: int = 0
    faults: tuple[str, ...] = ()
    is_calm: bool = False
    plant: str = ""

    @property
    def command(self) -> str:
        """The shell command that makes the same run again."""
        words = f"make robustness STORE={self.store} SEED={self.seed} SECONDS={self.seconds:g} ROUNDS=1"
        rest = [f"--{name} {getattr(self, name)}" for name, usual in NUMBERS.items() if getattr(self, name) != usual]
        rest += [f"--fault '{fault}'" for fault in self.faults]
        rest += ["--calm"] if self.is_calm else []
        rest += [f"--plant {self.plant}"] if self.plant else []
        return words + (f' ARGS="{" ".join(rest)}"' if rest else "")


@dataclass(frozen=True)
class Outcome:
    """The history of a run and the violations that the checker found."""

    plan: Plan
    history: History
    violations: list[Violation]


async def run(plan: Plan, folder: Path) -> Outcome:
    """Runs a plan in an empty folder, leaves the logs and `history.jsonl` there, and checks the history."""
    history = History(about={**asdict(plan), "again": plan.command})
    try:
        async with World(plan.store, folder, plan.plant) as world:
            await _play(plan, world, history)
    finally:
        history.save(folder / "history.jsonl")
    return Outcome(plan, history, await asyncio.to_thread(check, history))


async def _play(plan: Plan, world: World, history: History) -> None:
    seed = f"{plan.store} {plan.seed}"
    recorder = Recorder(world.urls, history.calls)
    try:
        clients = Clients(recorder, seed, count=plan.clients, proxies=len(world.proxies))
        await clients.prepare()
        await _storm(plan, world, history, clients, seed)
        await world.ready()
        await clients.finish()
    finally:
        await recorder.close()
    last = max((call.end for call in history.calls if call.is_unknown), default=0)
    await asyncio.sleep(max(0.0, (last + QUIET_NS - time.monotonic_ns()) / 1e9))
    url = random.Random(seed).choice(world.urls)  # noqa: S311 (no secret)
    history.states.append(await read_state(url, world.mlmd_port, is_repaired=False))
    history.about["repaired"] = await world.repair()
    history.states.append(await read_state(world.urls[-1], world.mlmd_port, is_repaired=True))


async def _storm(plan: Plan, world: World, history: History, clients: Clients, seed: str) -> None:
    """Runs clients and faults at the same time. Each client ends after its current call."""
    over = asyncio.Event()
    tasks = [asyncio.ensure_future(clients.run(number, over)) for number in range(clients.count)]
    injector = Injector(world, seed, history.faults, plan.faults)
    striking = None if plan.is_calm else asyncio.ensure_future(injector.run())
    try:
        await asyncio.wait(tasks, timeout=plan.seconds, return_when=asyncio.FIRST_EXCEPTION)
        end = time.monotonic() + LONGEST_STORM_SECONDS
        while not _is_enough(plan, history) and time.monotonic() < end and not any(task.done() for task in tasks):
            await asyncio.wait(tasks, timeout=0.2, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        over.set()
        if striking:
            striking.cancel()
            with suppress(asyncio.CancelledError):
                await striking
        world.heal()
        await asyncio.gather(*tasks)


def _is_enough(plan: Plan, history: History) -> bool:
    struck = sum(1 for fault in history.faults if fault.end)
    return (plan.is_calm or struck >= plan.strikes) and len(history.calls) >= plan.calls
