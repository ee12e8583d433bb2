"""One run: servers, clients and faults for a while; then quiet, and the state of the store before and after the repair."""

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
"""After a call without an answer; what proxies and servers have under way has ended by then."""

NUMBERS = {"clients": 8, "strikes": 12, "calls": 600}
"""Of a plan, those that are rarely chosen, as the command has them: a round with fewer faults or calls shows little."""
LONGEST_STORM_SECONDS = 150.0


@dataclass(frozen=True)
class Plan:
    """What to run.

    Clients and faults go on for `seconds`, and on a slow machine until there were `strikes` faults (none where the run is
    calm) and `calls` calls. `faults` limits the kinds, `plant` names a bug.
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
        """What runs the same again."""
        words = f"make robustness STORE={self.store} SEED={self.seed} SECONDS={self.seconds:g} ROUNDS=1"
        rest = [f"--{name} {getattr(self, name)}" for name, usual in NUMBERS.items() if getattr(self, name) != usual]
        rest += [f"--fault '{fault}'" for fault in self.faults]
        rest += ["--calm"] if self.is_calm else []
        rest += [f"--plant {self.plant}"] if self.plant else []
        return words + (f' ARGS="{" ".join(rest)}"' if rest else "")


@dataclass(frozen=True)
class Outcome:
    """A run's history and what the checker says of it."""

    plan: Plan
    history: History
    violations: list[Violation]


async def run(plan: Plan, folder: Path) -> Outcome:
    """Runs a plan in an empty folder, where logs and `history.jsonl` are left; judges it."""
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
    """Clients and faults at the same time. Clients end after the call that they are in."""
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
