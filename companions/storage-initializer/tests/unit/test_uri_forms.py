"""Which registry, model and version a `model-registry://` URI means."""

import pytest
from initializer_support.command import Command
from initializer_support.registry import TestRegistry
from initializer_support.web import Web
from model_registry_storage_initializer.environment import Environment
from model_registry_storage_initializer.registry.uris import guesses
from model_registry_storage_initializer.settings import Settings, settings


def configured(**variables: str) -> Settings:
    return settings(Environment(variables))


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("M", [("http://localhost:8080", "M", None)]),
        ("M/", [("http://localhost:8080", "M", None)]),
        ("M/V", [("http://localhost:8080", "M", "V"), ("http://M:80", "V", None)]),
        (
            "my model/1.0 beta",
            [("http://localhost:8080", "my model", "1.0 beta"), ("http://my model:80", "1.0 beta", None)],
        ),
        ("h.example/M", [("http://h.example:80", "M", None), ("http://localhost:8080", "h.example", "M")]),
        ("h:1/M/V", [("http://h:1", "M", "V")]),
        ("h:1/M/", [("http://h:1", "M", None), ("http://localhost:8080", "h:1", "M")]),
        ("h:1/M/a/b", [("http://h:1", "M", "a/b")]),
        ("M/V?namespace=ns", [("http://model-registry-service.ns.svc.cluster.local:8080", "M", "V")]),
        (
            "h:1/M/V?namespace=ns",
            [
                ("http://model-registry-service.ns.svc.cluster.local:8080", "M", "V"),
                ("http://model-registry-service.ns.svc.cluster.local:8080", "h:1", "M/V"),
            ],
        ),
        ("M?namespace=a.b", [("http://localhost:8080", "M", None)]),
    ],
)
def test_a_uri_has_these_meanings_in_this_order(uri: str, expected: list[tuple[str, str, str | None]]) -> None:
    found, _ = guesses(f"model-registry://{uri}", configured())
    assert [(guess.url, guess.model, guess.version) for guess in found] == expected


def test_only_the_own_registry_gets_the_token_and_those_that_are_named() -> None:
    chosen = configured(MODEL_REGISTRY_TOKEN_HOSTS="good:1")
    assert [guess.gets_token for guess in guesses("model-registry://bad:1/M/V", chosen)[0]] == [False]
    assert [guess.gets_token for guess in guesses("model-registry://good:1/M/V", chosen)[0]] == [True]
    assert [guess.gets_token for guess in guesses("model-registry://M", chosen)[0]] == [True]


def test_each_form_leads_to_the_files(command: Command, registry_server: TestRegistry, web: Web) -> None:
    web.serve("/one", b"1")
    web.serve("/two", b"2")
    registry_server.model("forms 1", {"v 1": [{"uri": f"{web.url}/one"}], "a/b": [{"uri": f"{web.url}/two"}]})
    base = registry_server.base
    for uri, name in [
        ("forms 1", "two"), ("forms 1/", "two"), ("forms 1/v 1", "one"), ("forms%201/v%201", "one"),
        (f"{base}/forms 1", "two"), (f"{base}/forms 1/v 1", "one"), (f"{base}/forms 1/a/b", "two"),
        ("forms 1/v 1?namespace=not.valid", "one"),
    ]:  # fmt: skip
        ended = command(f"model-registry://{uri}")
        assert (ended.status, name in ended.files) == (0, True), (uri, ended)


def test_a_part_without_dot_is_a_host_only_if_there_is_no_such_model(
    command: Command, registry_server: TestRegistry
) -> None:
    registry_server.model("localmodel", {"1": []})
    assert 'no version "2"' in command.fails("model-registry://localmodel/2").lower()


def test_unknown_names_are_named_with_the_registry(command: Command, registry_server: TestRegistry) -> None:
    assert f'no registered model "none" at http://{registry_server.base}' in command.fails("model-registry://none")
    registry_server.model("known", {"1": [], "2": []})
    said = command.fails("model-registry://known/9")
    assert f'no version "9" of the registered model "known" at http://{registry_server.base}' in said
    assert 'Its newest versions are: "2", "1".' in said


def test_a_registry_that_is_down_is_said_after_the_time_limit(command: Command) -> None:
    command.having(MODEL_REGISTRY_BASE_URL="127.0.0.1:1")
    assert "http://127.0.0.1:1 cannot be reached" in command.fails("model-registry://any")


@pytest.mark.parametrize("arguments", [[], ["one"], ["one", "two", "three"]])
def test_arguments_come_in_pairs(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from model_registry_storage_initializer.__main__ import run  # noqa: PLC0415

    assert run(arguments) == 1
    assert "A source and a destination are needed" in capsys.readouterr().err.splitlines()[-1]


def test_a_setting_that_is_not_valid_is_named(command: Command) -> None:
    command.having(MODEL_REGISTRY_THREADS="many")
    assert "MODEL_REGISTRY_THREADS" in command.fails("model-registry://any")
