"""The election: one replica has the lease, another takes over when it is not renewed or given back."""

import asyncio
from typing import Any

import pytest
from controller_support.fake_api import FakeApi
from model_registry_controller.kubernetes.lease import NAME, Lease, LeaseLost, Times

PATH = f"/apis/coordination.k8s.io/v1/namespaces/kubeflow/leases/{NAME}"
FAST = Times(lasts=15.0, renews_for=0.05, retries=0.01)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def fake() -> FakeApi:
    return FakeApi()


def holder(fake: FakeApi) -> Any:
    return fake.objects[PATH]["spec"]["holderIdentity"]


async def test_the_first_replica_makes_the_lease_and_the_second_one_waits(fake: FakeApi) -> None:
    clock = Clock()
    first, second = (Lease(fake.api(), "kubeflow", name, FAST, clock) for name in ("a", "b"))
    await first.acquire()
    assert holder(fake) == "a"
    assert not await second._try()
    clock.now += 14.9
    assert not await second._try()
    assert await first._try()  # renewed
    clock.now += 14.9
    assert not await second._try()
    clock.now += 15.0
    assert await second._try()  # not renewed for 15 s
    assert (holder(fake), fake.objects[PATH]["spec"]["leaseTransitions"]) == ("b", 1)
    assert not await first._try()


async def test_the_clock_of_the_holder_does_not_count(fake: FakeApi) -> None:
    clock = Clock()
    await Lease(fake.api(), "kubeflow", "a", FAST, clock).acquire()
    fake.objects[PATH]["spec"]["renewTime"] = "2001-01-01T00:00:00.000000Z"
    assert not await Lease(fake.api(), "kubeflow", "b", FAST, clock)._try()


async def test_a_lease_that_is_given_back_is_taken_at_once(fake: FakeApi) -> None:
    first, second = (Lease(fake.api(), "kubeflow", name, FAST) for name in ("a", "b"))
    await first.acquire()
    await first.give_back()
    assert holder(fake) == ""
    await second.acquire()
    assert holder(fake) == "b"
    await first.give_back()  # it has none any more
    assert holder(fake) == "b"


async def test_two_replicas_that_take_it_at_the_same_time_do_not_both_get_it(fake: FakeApi) -> None:
    fake.refuse[f"POST {PATH.rpartition('/')[0]}"] = [409]
    lease = Lease(fake.api(), "kubeflow", "a", FAST)
    assert not await lease._try()
    assert await lease._try()
    fake.refuse[f"PUT {PATH}"] = [409]
    assert not await lease._try()


@pytest.mark.parametrize("status", [0, 500, 403])
async def test_a_leader_that_cannot_renew_stops(fake: FakeApi, status: int) -> None:
    lease = Lease(fake.api(), "kubeflow", "a", FAST)
    await lease.acquire()
    fake.refuse["GET"] = [status] * 1000
    with pytest.raises(LeaseLost, match="was not renewed"):
        async with asyncio.timeout(20):
            await lease.keep()


async def test_a_leader_whose_lease_another_one_has_stops(fake: FakeApi) -> None:
    lease = Lease(fake.api(), "kubeflow", "a", FAST)
    await lease.acquire()
    fake.objects[PATH]["spec"]["holderIdentity"] = "b"
    with pytest.raises(LeaseLost, match="Another replica has the lease"):
        async with asyncio.timeout(20):
            await lease.keep()
