"""Flags in the spellings of Go, the variables of Kubeflow's controller, and settings that cannot be used."""

import json
import logging
import sys
from pathlib import Path

import pytest
from model_registry_client.credentials import Token
from model_registry_controller import command, logs
from model_registry_controller.kubernetes.connection import ConfigurationError, Connection
from model_registry_controller.settings.options import OPTIONS
from model_registry_controller.settings.reading import HelpWanted, duration, read

KUBEFLOWS = (
    *("--leader-elect", "--health-probe-bind-address=:8081", "--metrics-bind-address", "0", "-enable-http2"),
    *("--metrics-secure=true", "-kubeconfig", "/x", "--zap-devel", "--zap-encoder=json", "--zap-log-level", "5"),
    *("--zap-stacktrace-level=panic", "--zap-time-encoding=iso8601"),
)


def test_all_flags_of_kubeflows_controller_are_taken() -> None:
    settings = read(KUBEFLOWS, {})
    assert settings.flag("leader-elect")
    assert settings.flag("enable-http2")
    assert (settings.text("kubeconfig"), settings.text("metrics-bind-address")) == ("/x", "0")


@pytest.mark.parametrize(
    "spelling", ["-leader-elect", "--leader-elect", "--leader-elect=true", "-leader-elect=T", "--leader-elect=1"]
)
def test_a_flag_that_is_true_may_be_written_in_several_ways(spelling: str) -> None:
    assert read([spelling], {}).flag("leader-elect")
    assert not read(["--leader-elect=false"], {}).flag("leader-elect")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--unknown"], "'--unknown' is no flag"),
        (["serve"], "'serve' is no flag"),
        (["---workers=1"], "is no flag"),
        (["--workers"], "--workers needs a value"),
        (["--workers=0"], "--workers must be a whole number from 1 on; got '0'"),
        (["--leader-elect=maybe"], "--leader-elect must be true or false; got 'maybe'"),
        (["--resync-period=ten"], "must be a duration such as 90s or 10m; got 'ten'"),
        (["--resync-period=0s"], "must be longer than nothing"),
        (["--deletion-timeout=1m"], "must be at most 15s"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(arguments: list[str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read(arguments, {})


def test_durations_are_those_of_go() -> None:
    assert [duration(text) for text in ("10m", "1h30m", "1.5s", "250ms")] == [600, 5400, 1.5, 0.25]


def test_the_variables_of_kubeflows_controller_name_labels_and_namespaces() -> None:
    names = read([], {"NAMESPACE_LABEL": "a/namespace", "FINALIZER": "a/f", "REGISTRIES_NAMESPACE": "mine"}).names
    assert (names.namespace_label, names.finalizer, names.registries_namespace) == ("a/namespace", "a/f", "mine")
    assert names.model_label == "modelregistry.kubeflow.org/registered-model-id"
    assert not read([], {"INFERENCE_SERVICE_CONTROLLER": "unmanaged"}).is_managed
    assert not read([], {"SKIP_TLS_VERIFY": "true"}).verifies


def test_the_help_has_every_flag() -> None:
    with pytest.raises(HelpWanted) as wanted:
        read(["-h"], {})
    assert all(f"--{option.name} " in str(wanted.value) for option in OPTIONS)


@pytest.mark.parametrize(
    ("arguments", "environment", "status", "words"),
    [
        (["--help"], {}, 0, ""),
        (["--foo"], {}, 2, "is no flag"),
        ([], {}, 2, "set --kubeconfig or KUBECONFIG"),
        (["--kubeconfig=/missing"], {}, 2, "The kubeconfig /missing cannot be used"),
        (["--zap-encoder=xml"], {}, 2, "--zap-encoder must be one of console, json; got 'xml'"),
        (["--zap-log-level=loud"], {}, 2, "--zap-log-level must be one of"),
    ],
)
def test_the_command_ends_with_a_message(
    arguments: list[str], environment: dict[str, str], status: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(arguments, environment) == status
    assert words in capsys.readouterr().err


def test_the_token_for_registries_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, projected = Token("own"), tmp_path / "token"
    monkeypatch.setattr(command, "PROJECTED_TOKEN", projected)
    connection = Connection("http://api", tls=False, token=own)
    assert command.registry_token(read([], {}), connection) is own
    projected.write_text("projected")
    assert command.registry_token(read([], {}), connection).current() == "projected"
    (tmp_path / "named").write_text("named")
    named = read([f"--registry-token-path={tmp_path / 'named'}"], {})
    assert command.registry_token(named, connection).current() == "named"
    with pytest.raises(ConfigurationError, match="must be a file that can be read"):
        command.registry_token(read(["--registry-token-path=/missing"], {}), connection)


def record() -> logging.LogRecord:
    """A record with an error and a field."""
    try:
        int("wrong")
    except ValueError:
        made = logging.LogRecord(
            "model_registry_controller.queue", logging.ERROR, "f", 1, "It is %s", ("so",), sys.exc_info()
        )
    made.created, made.object = 0.5, "team/model"
    return made


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("epoch", 0.5), ("millis", 500.0), ("iso8601", "1970-01-01T00:00:00.500Z"), ("rfc3339", "1970-01-01T00:00:00Z")],
)
def test_a_log_line_is_json_with_the_fields_of_the_record(encoding: str, expected: object) -> None:
    line = json.loads(logs.Lines(encoding, logging.ERROR).format(record()))
    assert (line["level"], line["ts"], line["logger"], line["msg"]) == ("error", expected, "queue", "It is so")
    assert (line["object"], line["error"]) == (
        "team/model",
        "ValueError(\"invalid literal for int() with base 10: 'wrong'\")",
    )
    assert "Traceback" in line["stacktrace"]
    assert "stacktrace" not in json.loads(logs.Lines(encoding, logging.CRITICAL).format(record()))


def test_a_log_line_for_people_has_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    line = logs.Lines("rfc3339", logging.CRITICAL, is_json=False).format(record())
    assert line.startswith("1970-01-01T00:00:00Z\tERROR\tqueue\tIt is so\t{")
