"""The events that an observer receives from queues, shared questions, calls and retries."""

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar

import grpc
import pytest

from model_registry_proxy.mlmd import batching, events, sharing
from model_registry_proxy.mlmd.batching import Batcher
from model_registry_proxy.mlmd.port import NotFound
from model_registry_proxy.mlmd.sharing import Sharing
from model_registry_proxy.observability.watcher import Watcher
from tests.support.clock import turns
from tests.support.fake_store import FakeStore
from tests.support.serving import serving

REQUEST: ContextVar[int] = ContextVar("request")


class Recorder:
    """An observer that keeps all events."""

    def __init__(self) -> None:
        self.events: list[events.Event] = []

    def __call__(self, event: events.Event) -> None:
        self.events.append(event)

    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


async def send(items: Sequence[int]) -> Sequence[int]:
    if 3 in items:
        raise NotFound("no")
    return items


async def ask(batcher: Batcher[int, int], item: int) -> int:
    REQUEST.set(item)
    return await batcher(item)


async def test_a_queue_reports_its_depth_from_the_start() -> None:
    recorder = Recorder()
    batcher = Batcher(send, name="q", observer=recorder)
    await asyncio.gather(*(asyncio.create_task(ask(batcher, item)) for item in (1, 2)))
    depths = [event.depth for event in recorder.events if isinstance(event, events.QueueChanged)]
    assert depths == [0, 1, 2, 0]


async def test_a_batch_names_the_requests_that_it_serves() -> None:
    recorder = Recorder()
    batcher = Batcher(send, name="q", observer=recorder)
    await asyncio.gather(*(asyncio.create_task(ask(batcher, item)) for item in (1, 2)))
    (taken,) = (event for event in recorder.events if isinstance(event, events.BatchTaken))
    (started,) = (event for event in recorder.events if isinstance(event, events.BatchStarted))
    assert (taken.queue, taken.size) == ("q", 2)
    assert [request[REQUEST] for request in started.requests] == [1, 2]
    assert recorder.names()[-3:] == ["BatchFinished", "WaitFinished", "WaitFinished"]


async def test_each_half_of_a_batch_that_fails_is_a_batch_within_it() -> None:
    recorder = Recorder()
    batcher = Batcher(send, name="q", observer=recorder)
    await asyncio.gather(*(asyncio.create_task(ask(batcher, item)) for item in (1, 3)), return_exceptions=True)
    batches = [name for name in recorder.names() if name in ("BatchTaken", "BatchStarted", "BatchFinished")]
    assert batches == ["BatchTaken", "BatchStarted", *["BatchStarted", "BatchFinished"] * 2, "BatchFinished"]


async def test_a_shared_question_names_the_requests_that_wait_for_it() -> None:
    recorder = Recorder()
    sharing = Sharing(recorder)

    async def answer() -> int:
        return 7

    async def request(number: int) -> int:
        REQUEST.set(number)
        answer_: int = await sharing("key", answer)
        return answer_

    assert await asyncio.gather(*(asyncio.create_task(request(number)) for number in (1, 2))) == [7, 7]
    (started,) = (event for event in recorder.events if isinstance(event, events.QuestionStarted))
    assert [context[REQUEST] for context in started.requests] == [1, 2]
    assert recorder.names() == ["WaitStarted", "WaitStarted", "QuestionStarted", "QuestionFinished"]


async def test_a_request_that_leaves_before_its_question_starts_ends_its_wait() -> None:
    recorder = Recorder()
    sharing = Sharing(recorder)
    may_answer = asyncio.Event()

    async def answer() -> None:
        await may_answer.wait()

    first = asyncio.create_task(sharing("key", answer))
    await turns()
    second = asyncio.create_task(sharing("key", answer))
    await turns()
    second.cancel()
    may_answer.set()
    await asyncio.wait([first, second])
    assert recorder.names().count("QuestionStarted") == 1
    assert recorder.names().count("WaitFinished") == 1


async def test_a_failed_question_reports_its_error() -> None:
    recorder, error = Recorder(), NotFound("no")

    async def fail() -> None:
        raise error

    with pytest.raises(NotFound):
        await Sharing(recorder)("key", fail)
    (finished,) = (event for event in recorder.events if isinstance(event, events.QuestionFinished))
    assert finished.error is error


async def test_a_call_reports_its_code_and_its_retry() -> None:
    recorder, store = Recorder(), FakeStore()
    async with serving(store, watcher=Watcher(recorder), outlasts=5) as served:
        recorder.events.clear()
        store.fail("PutContexts", grpc.StatusCode.UNAVAILABLE)
        await served.make("/registered_models", name="m")
    codes = [event.code for event in recorder.events if isinstance(event, events.CallFinished)]
    assert codes[:2] == [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.OK]
    (retried,) = (event for event in recorder.events if isinstance(event, events.Retried))
    assert retried.is_made


async def test_a_call_that_is_cancelled_has_no_code() -> None:
    recorder, store = Recorder(), FakeStore()
    async with serving(store, watcher=Watcher(recorder)) as served:
        gate = store.hold("GetParentContextsByContext")
        call = asyncio.create_task(served.registry.store.parents(1))
        await gate.arrived.wait()
        call.cancel()
        await asyncio.wait([call])
    finished = recorder.events[-2]
    assert isinstance(finished, events.CallFinished)
    assert finished.code is None
    assert isinstance(recorder.events[-1], events.WaitFinished)


async def test_several_observers_receive_each_event_in_their_order() -> None:
    received: list[tuple[str, events.Event]] = []
    both = events.all_of([lambda event: received.append(("one", event)), lambda event: received.append(("two", event))])
    assert both
    event = events.BatchTaken("q", 1)
    both(event)
    assert received == [("one", event), ("two", event)]
    assert events.all_of([]) is None


@pytest.mark.parametrize("is_with_another", [False, True])
async def test_an_observer_of_only_queues_costs_no_copy_of_a_context(
    is_with_another: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (batching, sharing):
        monkeypatch.delattr(module, "copy_context")
    received: list[events.Event] = []
    queues = events.by_type({events.BatchTaken: received.append})
    observer = events.all_of([queues, queues]) if is_with_another else queues
    assert await Batcher(send, name="q", observer=observer)(1) == 1
    assert await Sharing(observer)("question", lambda: send([2])) == [2]
    assert set(received) == {events.BatchTaken("q", 1)}


async def test_an_observer_of_requests_receives_its_events_next_to_one_of_queues() -> None:
    received: list[events.Event] = []
    requests = events.by_type({events.WaitStarted: received.append})
    both = events.all_of([events.by_type({events.BatchTaken: received.append}), requests])
    assert events.of_requests(both) is requests
    await Batcher(send, name="q", observer=both)(1)
    assert received == [events.WaitStarted(), events.BatchTaken("q", 1)]


def test_an_observer_that_takes_any_event_receives_those_of_requests() -> None:
    recorder = Recorder()
    assert events.of_requests(recorder) is recorder
    assert events.of_requests(None) is None
