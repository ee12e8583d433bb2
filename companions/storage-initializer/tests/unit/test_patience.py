"""How long a transfer is tried that brings little, or nothing."""

import itertools

import pytest
from initializer_support.command import Command
from initializer_support.web import Web
from model_registry_storage_initializer.environment import Environment
from model_registry_storage_initializer.errors import Failure, Interrupted
from model_registry_storage_initializer.patience import Patience
from model_registry_storage_initializer.settings import MIB, settings

CHOSEN = settings(Environment({"MODEL_REGISTRY_RETRIES": "2", "MODEL_REGISTRY_STALL_SECONDS": "10"}))
CUT = Interrupted("it broke off")


def test_each_mib_renews_the_attempts() -> None:
    patience = Patience("x", CHOSEN)
    for _ in range(5):
        assert [patience.failed(CUT), patience.failed(CUT)] == [1, 2]
        patience.brought(MIB)
    patience.brought(MIB - 1)
    assert [patience.failed(CUT), patience.failed(CUT)] == [1, 2]
    with pytest.raises(Failure, match="it broke off"):
        patience.failed(CUT)


def test_what_begins_again_from_the_start_gets_no_further_attempts() -> None:
    patience = Patience("x", CHOSEN, is_continued=False)
    for _ in range(2):
        patience.failed(CUT)
        patience.brought(MIB)
    with pytest.raises(Failure) as raised:
        patience.failed(CUT)
    assert not raised.value.may_pass


def test_a_mib_that_takes_too_long_is_an_error() -> None:
    seconds = itertools.count(0, 20)
    patience = Patience("x", CHOSEN, clock=lambda: float(next(seconds)))
    patience.brought(1)
    patience.brought(MIB)
    patience.brought(1)
    patience.brought(1)
    with pytest.raises(Failure, match="3 bytes came in 50 seconds"):
        patience.brought(1)


def test_a_server_that_brings_some_bytes_at_a_time_is_given_up(command: Command, web: Web) -> None:
    ended = command(web.serve("/model.bin", b"m" * 1000, has_ranges=True, cuts=[0, *([1] * 900)]))
    assert (ended.status, ended.files) == (1, {})
    assert '"model.bin" cannot be fetched' in ended.last
    assert len(web.seen) < 10
