"""Pauses between attempts, and transfers that become too slow."""

from collections.abc import Iterator

import pytest
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.retrying import (
    BrokenOffError,
    StalledError,
    asked_to_wait,
    pause_after,
    retried,
    unless_stalled,
)


def failing(*errors: Exception) -> "object":
    left = iter(errors)

    def action() -> str:
        error = next(left, None)
        if error:
            raise error
        return "done"

    return action


def test_a_server_that_names_a_time_is_asked_again_after_it() -> None:
    pauses: list[float] = []
    errors = [asked_to_wait("busy", {"retry-after": "42"}), asked_to_wait("busy", {}), BrokenOffError("cut")]
    assert retried(failing(*errors), pauses.append) == "done"  # type: ignore[arg-type]
    assert pauses == [42, pause_after(2), pause_after(3)]


def test_a_server_that_asks_to_wait_for_an_hour_is_given_up() -> None:
    with pytest.raises(UploadError, match="busy, and asks to wait 3600 seconds"):
        retried(failing(asked_to_wait("busy", {"retry-after": "3600"})), lambda _: None)  # type: ignore[arg-type]


def test_the_sixth_failure_is_the_last() -> None:
    pauses: list[float] = []
    with pytest.raises(UploadError, match="cut, 6 times"):
        retried(failing(*[BrokenOffError("cut.")] * 6), pauses.append)  # type: ignore[arg-type]
    assert len(pauses) == 5


class Clock:
    """A clock that moves when a chunk is waited for."""

    def __init__(self) -> None:
        self.now = 0.0

    def chunks(self, *sizes_and_seconds: tuple[int, float]) -> Iterator[bytes]:
        for size, seconds in sizes_and_seconds:
            self.now += seconds
            yield b"x" * size


def test_a_transfer_that_brings_a_byte_now_and_then_is_broken_off() -> None:
    clock = Clock()
    arriving = unless_stalled(clock.chunks(*[(1, 7)] * 100), "the server", lambda: clock.now)
    received: list[bytes] = []
    with pytest.raises(StalledError, match="the server sent only 9 bytes in 63 seconds"):
        received.extend(arriving)
    assert len(received) == 8


def test_a_slow_transfer_that_moves_is_not_broken_off_and_only_waiting_counts() -> None:
    clock = Clock()
    steps = [(40_000, 20.0)] * 20
    for _ in unless_stalled(clock.chunks(*steps), "the server", lambda: clock.now):
        clock.now += 100  # writing takes long
