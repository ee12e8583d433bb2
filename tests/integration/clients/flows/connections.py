"""How `model_registry` reaches the server: addresses, tokens, TLS and headers."""

import asyncio
import os
import tempfile
import warnings
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from model_registry import ModelRegistry
from mr_openapi.exceptions import ApiException
from steps import connect, register, run, unique


def a_port_may_be_in_the_address_or_a_separate_argument(address: str) -> None:
    port = urlsplit(address).port
    host = f"http://{urlsplit(address).hostname}"
    for registry in (
        ModelRegistry(address, author="a"),
        ModelRegistry(address, 1, author="a", is_secure=False),
        ModelRegistry(host, port, author="a"),
        ModelRegistry(host, port, author="a", is_secure=False),
    ):
        assert register(registry, unique("model")).id


def a_server_that_is_not_there_is_an_error_at_once(address: str) -> None:
    with pytest.raises(Exception, match="Cannot connect"):
        ModelRegistry("http://127.0.0.1", 1, author="a")


def a_token_is_accepted_whatever_it_says(address: str) -> None:
    assert register(ModelRegistry(address, author="a", user_token="any"), unique("model")).id
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "token"
        file.write_text("from-a-file")
        os.environ["MY_TOKEN_FILE"] = str(file)
        registry = ModelRegistry(address, author="a", user_token_envvar="MY_TOKEN_FILE")
        assert register(registry, unique("model")).id


def a_client_without_a_token_is_only_warned(address: str) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        connect(address)
    assert any("token is missing" in str(warning.message) for warning in warned)


def headers_that_the_server_does_not_know_change_nothing(address: str) -> None:
    registry, name = connect(address), unique("model")
    model = register(registry, name)

    async def find(**headers: str) -> object:
        async with registry._api.get_client() as client:
            return await client.find_registered_model(name=name, _headers=headers)

    plain = run(registry, find())
    assert plain.id == model.id
    for headers in (
        {"Accept": "text/html"},
        {"Accept": "*/*;q=0"},
        {"Accept-Encoding": "br"},
        {"Content-Type": "text/plain"},
        {"X-Request-Id": "7", "Kubeflow-Userid": "ada"},
        {"If-None-Match": '"another"'},
        {"Origin": "https://dashboard.example"},
    ):
        assert run(registry, find(**headers)) == plain


def an_answer_says_that_it_is_json(address: str) -> None:
    registry, name = connect(address), unique("model")
    register(registry, name)

    async def info(name: str) -> object:
        async with registry._api.get_client() as client:
            return await client.find_registered_model_with_http_info(name=name)

    answer = run(registry, info(name))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    with pytest.raises(ApiException) as missing:
        run(registry, info(unique("missing")))
    assert missing.value.headers["Content-Type"].startswith("application/json")


def a_runner_of_the_callers_own_is_used(address: str) -> None:
    ran = []

    def runner(coroutine: object) -> object:
        ran.append(coroutine)
        return asyncio.new_event_loop().run_until_complete(coroutine)

    registry = ModelRegistry(address, author="a", async_runner=runner)
    register(registry, unique("model"))
    assert len(ran) >= 4
