"""What the MLMD wing reports to an observer: metrics, traces and `Server-Timing` are made from these events only.

An observer is called in the task in which the event happens, so it may read and set context variables there. Events that
start and end something come in pairs; the end refers to the start. Without an observer no event is made. Events about single
requests, which cost most, are made only for an observer that handles them (`of_requests`).
"""

from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from typing import TYPE_CHECKING, Any, NamedTuple

from model_registry_proxy.errors import RegistryError

if TYPE_CHECKING:
    import grpc


class QueueChanged(NamedTuple):
    """A queue was made, or items were added to it or taken out of it. `depth`: the number of items that wait now."""

    queue: str
    depth: int


class BatchTaken(NamedTuple):
    """`size` items of a queue go to MLMD together."""

    queue: str
    size: int


class BatchStarted(NamedTuple):
    """The calls that follow in this task serve the requests with these contexts.

    A batch that fails is halved: each half starts as a batch within it.
    """

    queue: str
    requests: Sequence[Context]


class BatchFinished(NamedTuple):
    """All items of the batch have a result or an error."""

    batch: BatchStarted


class WaitStarted(NamedTuple):
    """The request of this task waits: for a result from a queue, for a free call, or for an equal question."""


class WaitFinished(NamedTuple):
    """The request of this task has what it waited for, or has given up."""


class QuestionStarted(NamedTuple):
    """A question begins. From now on the calls of this task serve the requests with these contexts; their wait is over."""

    requests: Sequence[Context]


class QuestionFinished(NamedTuple):
    """The question has an answer, or has failed with `error`."""

    question: QuestionStarted
    error: BaseException | None


class CallStarted(NamedTuple):
    """A gRPC call of a method of `service`. An observer may add to its `metadata`, which MLMD receives: names in lower case."""

    service: str
    method: str
    metadata: list[tuple[str, str]]


class CallFinished(NamedTuple):
    """`code` is MLMD's answer, `None` if the call was cancelled before it; `seconds` is the duration of the call."""

    call: CallStarted
    code: "grpc.StatusCode | None"
    seconds: float


class Retried(NamedTuple):
    """A call failed with `error`. `is_made`: it is made again now; else it is given up."""

    error: RegistryError
    is_made: bool


Event = (
    QueueChanged
    | BatchTaken
    | BatchStarted
    | BatchFinished
    | WaitStarted
    | WaitFinished
    | QuestionStarted
    | QuestionFinished
    | CallStarted
    | CallFinished
    | Retried
)
Observer = Callable[[Event], None]
_ABOUT_REQUESTS = {BatchStarted, BatchFinished, WaitStarted, WaitFinished, QuestionStarted, QuestionFinished}


class _ByType:
    def __init__(self, handlers: Mapping[type, Callable[[Any], None]]) -> None:
        self.handlers = handlers

    def __call__(self, event: Event) -> None:
        if handle := self.handlers.get(type(event)):
            handle(event)


class _AllOf:
    def __init__(self, observers: Sequence[Observer]) -> None:
        self.observers = observers

    def __call__(self, event: Event) -> None:
        for observer in self.observers:
            observer(event)


def by_type(handlers: Mapping[type, Callable[[Any], None]]) -> Observer:
    """An observer that passes each event to the handler of its type, and ignores events without a handler."""
    return _ByType(handlers)


def all_of(observers: Sequence[Observer]) -> Observer | None:
    """One observer that passes each event to all of these in order; `None` if there are none."""
    if len(observers) < 2:  # noqa: PLR2004 (nothing to combine)
        return observers[0] if observers else None
    return _AllOf(observers)


def of_requests(observer: Observer | None) -> Observer | None:
    """The part of an observer that handles waits, batches or questions; `None` if it ignores these.

    They are events about single requests: with `None` no context is copied and none of these events is made.
    """
    match observer:
        case _ByType():
            return observer if _ABOUT_REQUESTS & observer.handlers.keys() else None
        case _AllOf():
            return all_of([part for part in map(of_requests, observer.observers) if part])
        case _:
            return observer
