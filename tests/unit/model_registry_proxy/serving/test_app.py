"""What the application makes of settings and of the store that it stands before."""

import pytest

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.serving.app import in_flight

ENGINE, SERVER = "frames:/run/engine.sock", "mlmd:9090"


@pytest.mark.parametrize(("target", "gets"), [(ENGINE, 2), (SERVER, 1), ("mlmd-0:9090,mlmd-1:9090", 1)])
def test_the_embedded_engine_gets_a_call_more_where_nothing_is_said(target: str, gets: int) -> None:
    assert in_flight(Settings(), target).gets == gets


@pytest.mark.parametrize("target", [ENGINE, SERVER])
def test_what_is_said_counts_before_any_store(target: str) -> None:
    most = in_flight(Settings(gets_in_flight=5, questions_in_flight=6, writes_in_flight=7), target)
    assert (most.gets, most.questions, most.writes) == (5, 6, 7)
