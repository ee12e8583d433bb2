"""Our own tools on a server with `--client-safe-integers`: the Python client, `mr` and transfers get the numbers themselves."""

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from model_registry_client import LargeIntegerWarning, Registry
from typer.testing import CliRunner

from model_registry_proxy.commands.application import app
from tests.support import processes
from tests.support.commands import environment, run
from tests.support.processes import Database, Proxy
from tests.support.stores import SHARED_STORES, on, proxy_on
from tests.support.tiers import further_referee

NUMBERS = {"trained_at": 1795766384, "largest": 2**63 - 1, "smallest": -(2**63), "small": 7}


@pytest.fixture(scope="module", params=on(SHARED_STORES))
def safe_proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, database: Callable[[], Database]
) -> Iterator[Proxy]:
    """A proxy with the setting on every store that there is, and one model with large numbers."""
    folder, flags = tmp_path_factory.mktemp(request.param), ("--client-safe-integers", *further_referee(request.config))
    with proxy_on(request.param, folder, database, *flags) as running:
        with Registry(running.url) as registry, pytest.warns(LargeIntegerWarning):
            registry.create_registered_model("numbers", custom_properties=NUMBERS)
        yield running


def test_other_clients_get_texts(safe_proxy: Proxy) -> None:
    (row,) = httpx.get(f"{safe_proxy.api}/registered_models").json()["items"]
    shown = {name: value.get("string_value") for name, value in row["customProperties"].items()}
    assert shown == {name: str(number) if name != "small" else None for name, number in NUMBERS.items()}


def test_our_client_gets_numbers_and_sends_them_back(safe_proxy: Proxy) -> None:
    with Registry(safe_proxy.url) as registry, warnings.catch_warnings():
        warnings.simplefilter("ignore", LargeIntegerWarning)
        model = registry.find_registered_model("numbers")
        assert model
        assert model.custom_properties == NUMBERS
        model.description = "changed"
        assert registry.update(model).custom_properties == NUMBERS
        assert registry.upsert_registered_model("numbers", custom_properties=NUMBERS).custom_properties == NUMBERS


def test_mr_doctor_names_the_numbers(safe_proxy: Proxy, tmp_path: Path) -> None:
    report = json.loads(run(["doctor", "-o", "json"], environment(tmp_path, safe_proxy.url)).out)
    (check,) = [check for check in report["checks"] if check["name"] == "whole numbers"]
    assert {each["property"] for each in check["values"]} == {"trained_at", "largest", "smallest"}


@pytest.mark.slow
def test_an_export_keeps_numbers_as_numbers(safe_proxy: Proxy, tmp_path: Path) -> None:
    file = str(tmp_path / "registry.jsonl")
    assert CliRunner().invoke(app, ["export", safe_proxy.url, "-o", file]).exit_code == 0
    with processes.proxy(tmp_path, "--client-safe-integers") as target:
        assert CliRunner().invoke(app, ["import", target.url, file]).exit_code == 0
        with Registry(target.url) as registry:
            model = registry.find_registered_model("numbers")
            assert model
            assert model.custom_properties == NUMBERS
