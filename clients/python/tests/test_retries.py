"""Retries: requests are retried, and nothing takes effect twice."""

import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from model_registry_client import (
    Conflict,
    Registry,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnknownOutcome,
    Unreachable,
)
from model_registry_client.retries import RetryPolicy, RetryState, retry_after

from clients.python.tests.faults import QUICK, Faults, through

Unique = Callable[[str], str]
LOST = [["answer lost"], ["request lost"], ["refused"], [429], [503], ["request lost", "answer lost"], [503, "refused"]]


@pytest.mark.parametrize("faults", LOST, ids=str)
def test_a_create_happens_once(server_url: str, unique: Unique, faults: list[str | int]) -> None:
    transport, name = Faults(faults), unique("m")
    with through(transport, server_url) as registry:
        model = registry.create_registered_model(name, owner="ann", custom_properties={"s": {"b": 1, "a": 2}})
        assert model.owner == "ann"
        assert [m.id for m in registry.list_registered_models(filter_query=f'name = "{name}"')] == [model.id]
        creates = transport.sent.count("POST registered_models")
        assert creates == len(faults) + (0 if faults[-1] == "answer lost" else 1)


@pytest.mark.parametrize("faults", LOST, ids=str)
def test_a_metric_is_recorded_once(
    server_url: str, registry: Registry, unique: Unique, faults: list[str | int]
) -> None:
    experiment = registry.create_experiment(unique("e"))
    run = registry.create_experiment_run(experiment.id)
    fields = {"experiment_run_id": run.id, "step": 3, "timestamp": "1700000000001"}
    registry.create_metric("loss", 0.25, experiment_run_id=run.id, step=3, timestamp="1600000000000")
    with through(Faults(faults), server_url) as shaky:
        metric = shaky.create_metric("loss", 0.5, **fields)  # type: ignore[arg-type]
    assert (metric.name, metric.value) == ("loss", 0.5)
    assert [row.value for row in registry.list_metric_history(run.id)] == [0.25, 0.5]


@pytest.mark.parametrize("faults", LOST, ids=str)
def test_a_standalone_artifact_without_a_name_is_created_once(
    server_url: str, unique: Unique, faults: list[str | int]
) -> None:
    with through(Faults(faults), server_url) as registry:
        artifact = registry.create_doc_artifact(uri=f"s3://{unique('x')}")
        found = registry.list_doc_artifacts(filter_query=f'uri = "{artifact.uri}"')
        assert [item.id for item in found] == [artifact.id]


def test_a_named_standalone_artifact_says_that_its_outcome_is_unknown(server_url: str, unique: Unique) -> None:
    with through(Faults(["answer lost", "answer lost"]), server_url) as registry:
        with pytest.raises(UnknownOutcome, match="external_id"):
            registry.create_doc_artifact(unique("x"))
        assert registry.create_doc_artifact(unique("x"), external_id=unique("e")).id


def test_an_entity_of_another_client_with_the_same_name_is_a_conflict(
    server_url: str, registry: Registry, unique: Unique
) -> None:
    transport, name = Faults(["request lost"]), unique("m")
    transport.before = lambda: registry.create_registered_model(name, owner="someone else")  # type: ignore[assignment,return-value]
    with through(transport, server_url) as shaky, pytest.raises(Conflict):
        shaky.create_registered_model(name, owner="ann")
    found = registry.find_registered_model(name)
    assert found
    assert found.owner == "someone else"


def test_two_concurrent_upserts_create_one_entity(server_url: str, registry: Registry, unique: Unique) -> None:
    transport, name = Faults([409]), unique("m")
    first = registry.create_registered_model(name)
    transport_finds_nothing_at_first = iter([None])
    with through(transport, server_url) as shaky:
        find = shaky.find
        shaky.find = lambda *a, **k: next(transport_finds_nothing_at_first, None) or find(*a, **k)  # type: ignore[method-assign,assignment]
        assert shaky.upsert_registered_model(name, owner="ann").id == first.id


@pytest.mark.parametrize("faults", [["answer lost"], ["request lost"], ["refused"], [503], [429], [502, 504]], ids=str)
def test_updates_and_reads_are_retried(
    server_url: str, registry: Registry, unique: Unique, faults: list[str | int]
) -> None:
    model = registry.create_registered_model(unique("m"))
    for method in ("GET", "PATCH"):
        with through(Faults(list(faults), method), server_url) as shaky:
            assert shaky.update_registered_model(model.id, owner=method).owner == method


def test_a_long_outage_is_an_error_with_its_cause(server_url: str, unique: Unique) -> None:
    with through(Faults(["refused"] * 9, "GET"), server_url) as registry:
        with pytest.raises(Unreachable, match="cannot be reached: refused") as failure:
            registry.get_registered_model("1")
        assert isinstance(failure.value.__cause__, httpx.ConnectError)
        assert registry._transport._http is not None
    with through(Faults([503] * 9, "GET"), server_url) as registry, pytest.raises(Unavailable):
        registry.get_registered_model("1")
    with through(Faults([429] * 9), server_url) as registry, pytest.raises(TooManyRequests):
        registry.create_registered_model(unique("m"))


def test_a_retry_after_that_is_too_long_ends_the_retries(server_url: str) -> None:
    faults = Faults([503] * 9, "GET", headers={"Retry-After": "3600"})
    with through(faults, server_url) as registry, pytest.raises(Unavailable):
        registry.get_registered_model("1")
    assert len(faults.sent) == 1


def test_pauses_grow_with_a_random_part_and_obey_retry_after() -> None:
    state = RetryState(RetryPolicy(attempts=6, first_pause=1, longest_pause=4))
    bounds = [(0.5, 1), (1, 2), (2, 4), (2, 4)]
    assert all(low <= (state.pause(None) or 0) <= high for low, high in bounds)
    assert state.pause(30) == 30
    assert state.pause(None) is None
    assert retry_after({"retry-after": "7"}) == 7
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after({"retry-after": "soon"}) is None


def test_a_policy_may_have_a_time_limit_instead_of_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    class Seconds(RetryPolicy):
        def pause(self, failures: int, elapsed: float, retry_after: float | None) -> float | None:
            return None if elapsed >= 120 else self.growing_pause(failures) + (retry_after or 0)

    clock = iter((1000.0, 1119.0, 1120.0))
    monkeypatch.setattr("model_registry_client.retries.time.monotonic", lambda: next(clock))
    state = RetryState(Seconds(attempts=1, longest_pause=5))
    assert (state.pause(None), state.pause(7)) != (None, None)
    assert state.pause(None) is None
    assert RetryPolicy(longest_pause=5).growing_pause(100_000) <= 5


def test_a_server_whose_certificate_is_not_trusted_gets_one_request() -> None:
    sent = []

    def refuse(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        raise httpx.ConnectError("not trusted") from ssl.SSLCertVerificationError(1, "certificate verify failed")

    with Registry("https://x", transport=httpx.MockTransport(refuse), retries=QUICK) as registry:
        with pytest.raises(Unreachable, match="not trusted"):
            list(registry.list_registered_models())
        with pytest.raises(Unreachable, match="not trusted"):
            registry.create_registered_model("m")
    assert len(sent) == 2


def test_a_replaced_token_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old\n")

    def answer(request: httpx.Request) -> httpx.Response:
        good = request.headers["authorization"] == "Bearer new"
        return httpx.Response(200 if good else 401, json={"items": []} if good else {"code": "U", "message": "expired"})

    with Registry("http://x", token_file=file, transport=httpx.MockTransport(answer), retries=QUICK) as registry:
        with pytest.raises(Unauthorized, match="expired"):
            list(registry.list_registered_models())
        file.write_text("new")
        assert list(registry.list_registered_models()) == []
