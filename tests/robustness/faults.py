"""The fault injector: which fault happens, when and for how long. A seed decides all of it."""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from tests.robustness.history import Fault
from tests.robustness.wire import Wire
from tests.robustness.world import World

OWNED = re.compile(rb"[0-9a-f]:(n|child)\d+")
CHILD = re.compile(rb"\d+:child\d+")
"""In requests that put something with a prefix to its name, or a context below a parent: its stored name, made of the parent's
id or a UUID, and a name of the clients."""
_ROB_SECONDS = 5.0
_RECOVERY_SECONDS = 20.0


@dataclass
class Blow:
    """The plan of one fault.

    `where` chooses the target, `seconds` is the length of a fault that lasts, `times` is the number of answers that are lost
    in a row.
    """

    kind: str
    where: int
    seconds: float
    times: int


async def _kill_proxy(world: World, blow: Blow) -> None:
    world.kill(_proxy(world, blow))


async def _kill_mlmd(world: World, _: Blow) -> None:
    world.kill(world.mlmd_pid)


async def _kill_database(world: World, _: Blow) -> None:
    world.kill(world.database.pid if world.database else None)


async def _stop_proxy(world: World, blow: Blow) -> None:
    await _stopped(world, _proxy(world, blow), blow.seconds)


async def _stop_mlmd(world: World, blow: Blow) -> None:
    await _stopped(world, world.mlmd_pid, blow.seconds)


async def _stop_database(world: World, blow: Blow) -> None:
    await _stopped(world, world.database.pid if world.database else None, blow.seconds)


async def _cut(world: World, blow: Blow) -> None:
    _wire(world, blow).cut()


async def _delay(world: World, blow: Blow) -> None:
    wire = _wire(world, blow)
    wire.delay = blow.seconds / 20
    await asyncio.sleep(blow.seconds)
    wire.heal()


async def _block(world: World, blow: Blow) -> None:
    wire = _wire(world, blow)
    wire.block()
    await asyncio.sleep(blow.seconds)
    wire.heal()


async def _block_and_cut(world: World, blow: Blow) -> None:
    wire = _wire(world, blow)
    wire.block()
    await asyncio.sleep(blow.seconds)
    wire.cut()
    wire.heal()


async def _refuse(world: World, blow: Blow) -> None:
    wire = _wire(world, blow)
    wire.is_refusing = True
    wire.cut()
    await asyncio.sleep(blow.seconds)
    wire.heal()


async def _lose_answers(world: World, blow: Blow) -> None:
    """Requests reach MLMD, their answers are lost, and then the connection breaks."""
    await _robbed(world, blow, None)


async def _lose_answer_to_create(world: World, blow: Blow) -> None:
    """The same, for the first request that puts an entity with a parent."""
    await _robbed(world, blow, OWNED)


async def _kill_proxy_amid_create(world: World, blow: Blow) -> None:
    """The proxy is killed between two calls to MLMD that belong to one create."""
    wire = _wire(world, blow)
    await _recovered(world)  # else there is no writer to kill
    await wire.rob(_ROB_SECONDS, CHILD)
    world.kill(world.proxies[len(world.proxies) - len(world.wires) + world.wires.index(wire)].pid)
    wire.cut()
    wire.heal()


async def _robbed(world: World, blow: Blow, after: re.Pattern[bytes] | None) -> None:
    wire = _wire(world, blow)
    await _recovered(world)
    for _ in range(blow.times):
        await wire.rob(_ROB_SECONDS, after)
        wire.cut()
        wire.heal()


Action = Callable[[World, Blow], Awaitable[None]]
KINDS: Mapping[str, tuple[int, Action]] = {
    "kill proxy": (2, _kill_proxy),
    "kill MLMD": (2, _kill_mlmd),
    "kill database": (2, _kill_database),
    "stop proxy": (2, _stop_proxy),
    "stop MLMD": (2, _stop_mlmd),
    "stop database": (2, _stop_database),
    "cut": (3, _cut),
    "delay": (2, _delay),
    "block": (2, _block),
    "block and cut": (2, _block_and_cut),
    "refuse": (2, _refuse),
    "lose answers": (4, _lose_answers),
    "lose answer to create": (6, _lose_answer_to_create),
    "kill proxy amid create": (5, _kill_proxy_amid_create),
}
"""The kinds of faults, each with its weight in the choice and the function that causes it."""


class Injector:
    """Injects faults until it is cancelled. `only` names the kinds of faults that it may use; all if empty."""

    def __init__(self, world: World, seed: str, faults: list[Fault], only: tuple[str, ...] = ()) -> None:
        self._world, self._faults = world, faults
        self._random = random.Random(f"{seed} faults")  # noqa: S311 (no secret)
        kinds = [kind for kind in only or KINDS if world.database or "database" not in kind]
        self._kinds, self._weights = kinds, [KINDS[kind][0] for kind in kinds]

    async def run(self) -> None:
        """Waits, injects a fault, and in most cases waits for the servers to recover before the next one."""
        while True:
            gap, blow, lets_recover = self._next()
            await asyncio.sleep(gap)
            fault = Fault(blow.kind, str(blow.where), time.monotonic_ns())
            self._faults.append(fault)
            try:
                await KINDS[blow.kind][1](self._world, blow)
            finally:
                fault.end = time.monotonic_ns()
            if lets_recover:
                await _recovered(self._world)

    def _next(self) -> tuple[float, Blow, bool]:
        gap, seconds = self._random.uniform(0.02, 0.3), self._random.choice((0.1, 0.2, 0.5, 1.5))
        (kind,) = self._random.choices(self._kinds, self._weights)
        blow = Blow(kind, self._random.randrange(2), seconds, self._random.choice((1, 2, 4)))
        return gap, blow, self._random.random() < 0.75


def counted(faults: list[Fault]) -> Counter[str]:
    """The number of faults of each kind so far."""
    return Counter(fault.kind for fault in faults)


def _proxy(world: World, blow: Blow) -> int | None:
    return world.proxies[blow.where % len(world.proxies)].pid


def _wire(world: World, blow: Blow) -> Wire:
    return world.wires[blow.where % len(world.wires)]


async def _recovered(world: World) -> None:
    """Waits until the servers serve again, at most `_RECOVERY_SECONDS`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_RECOVERY_SECONDS):
            await world.ready()


async def _stopped(world: World, pid: int | None, seconds: float) -> None:
    world.stop(pid)
    await asyncio.sleep(seconds)
    world.resume(pid)
