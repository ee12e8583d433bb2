"""Changes, failures and restarts in any order: in the end the registry says what the cluster says, and nothing hangs."""

import asyncio
import random

import pytest
from controller_support.world import FINALIZER, MODEL, NUMBER, VERSION, World, ready
from model_registry_controller.reconciling import departures

_STEPS = 40
_NAMES = ("a", "b", "c", "d", "e")


class Story:
    """A random course of events, from a seed."""

    def __init__(self, cluster: World, seed: int) -> None:
        self._cluster, self._random = cluster, random.Random(seed)  # noqa: S311
        self.expected: dict[str, tuple[str, str]] = {}
        self.was_lost = False
        self._revision = 0

    async def step(self) -> None:
        """One random event."""
        steps = (
            self._create,
            self._delete,
            self._status,
            self._version,
            self._outage,
            self._relist,
            self._other_change,
        )
        self._random.choice(steps)()
        for _ in range(self._random.choice((0, 1, 5, 20, 60))):  # events meet the controller at any point
            await asyncio.sleep(0.0005)

    async def restart(self) -> None:
        """The controller is killed and started again."""
        self.was_lost = self.was_lost or len(self._cluster.controller._departures) > 0
        await self._cluster.stop()
        await self._cluster.start_without_waiting("--deletion-timeout=200ms")

    def _create(self) -> None:
        if free := [name for name in _NAMES if not self._cluster.exists(name)]:
            name, version = self._random.choice(free), self._random.choice(self._cluster.versions)
            self._cluster.create(name, {MODEL: self._cluster.model, VERSION: version})
            self.expected[name] = (version, "")

    def _delete(self) -> None:
        if living := self._living():
            name = self._random.choice(living)
            self._cluster.delete(name)
            del self.expected[name]

    def _status(self) -> None:
        if living := self._living():
            name = self._random.choice(living)
            self._revision += 1
            url = f"http://{name}-{self._revision}"
            status = self._random.choice(("True", "False", "Unknown"))
            self._cluster.change(name, status=ready(f"r-{self._revision}", status=status, url=url))
            self.expected[name] = (self.expected[name][0], url)

    def _version(self) -> None:
        if living := self._living():
            name, version = self._random.choice(living), self._random.choice(self._cluster.versions)
            self._cluster.label(name, model_version_id=version)
            self.expected[name] = (version, self.expected[name][1])

    def _outage(self) -> None:
        self._cluster.wire.status = self._random.choice((None, None, 0, 503, 401))

    def _relist(self) -> None:
        self._cluster.api.end_watches({"type": "ERROR", "object": {"code": 410, "message": "too old"}})

    def _other_change(self) -> None:
        if living := self._living():
            notes = {"other": str(self._random.random())}
            self._cluster.change(self._random.choice(living), metadata={"annotations": notes})

    def _living(self) -> list[str]:
        return sorted(name for name in self.expected if self._cluster.exists(name))


async def play(cluster: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "_AFTERWARDS", departures.BackOff(0.02, 0.1))
    story = Story(cluster, seed)
    await cluster.start("--deletion-timeout=200ms")
    for number in range(_STEPS):
        await story.step()
        if number % 13 == 12:
            await story.restart()
    cluster.wire.status = None
    await cluster.idle()
    services = (await cluster.read("/inference_services?pageSize=1000"))["items"]
    names = [service["name"] for service in services]
    assert len(names) == len(set(names)), "an entry was made twice"
    deployed = {service["id"]: service for service in services if service["desiredState"] == "DEPLOYED"}
    for name, (version, url) in story.expected.items():
        meta = cluster.meta(name)
        entry = deployed.pop(meta["labels"][NUMBER])
        assert meta["finalizers"] == [FINALIZER]
        assert set(meta["labels"]) == {MODEL, VERSION, NUMBER}
        assert entry["name"] == f"{name}/{meta['uid']}"
        assert entry["modelVersionId"] == version
        assert entry.get("customProperties", {}).get("url", {}).get("string_value", "") == url
    assert story.was_lost or not deployed, "an entry of a deleted object stays deployed"
    assert {name for name in _NAMES if cluster.exists(name)} == set(story.expected), "an object hangs in its deletion"


@pytest.mark.parametrize("seed", range(4))
async def test_in_the_end_the_registry_says_what_the_cluster_says(
    cluster: World, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await play(cluster, seed, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
async def test_and_so_it_does_for_more_seeds(cluster: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    await play(cluster, seed, monkeypatch)
