"""Settings: every one is a flag, an environment variable and a key of the file, and they win in that order."""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from model_registry_proxy import __version__
from model_registry_proxy.commands import application
from model_registry_proxy.commands.flags import with_flags
from model_registry_proxy.configuration.settings import LogLevel, Settings, SettingsError, load

NAMES = list(Settings.model_fields)
VALUES: dict[str, tuple[Any, Any, Any]] = {
    "hostname": ("one", "two", "three"),
    "mlmd_hostname": ("one", "two", "three"),
    "database": ("one.db", "two.db", "three.db"),
    "log_level": ("debug", "warning", "error"),
    "log_format": ("text", "json", "text"),
    "datastore_type": ("mlmd", "mlmd", "mlmd"),
    **dict.fromkeys(
        ("listen", "catalogs_path", "performance_metrics", "cache_dir", "allow_hf_url", "allow_hf_key_variable"),
        ("one", "two", "three"),
    ),
    "metrics_hostname": ("one", "two", "three"),
    "extensions": ("one", "two", "three"),
    "root_path": ("/one", "/two", "/three"),
    "server_timing": (True, False, True),
    "ui": (True, False, True),
    "client_safe_integers": (True, False, True),
    "validate_responses": (True, False, True),
    **{
        name: ("one", "two", "three")
        for name, field in Settings.model_fields.items()
        if name.startswith(("tls", "mlmd_tls", "auth", "jwt", "gateway", "policy", "audit", "allowed", "cors", "ui_"))
        and field.annotation is str
    },
    "jwt_leeway": (1.5, 2.5, 3.5),
    "request_timeout": (1.5, 2.5, 3.5),
}
"""Three values of each setting; of those not named here, three numbers do."""
NUMBERS = (2001, 2002, 2003)
SMALL = (2, 3, 4)
NEEDS = {"mlmd_hostname": {"mlmd_port": "9090"}}
"""Other settings that a setting needs."""
every_setting = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of this machine, and no file in its home directory."""
    for name in NAMES:
        monkeypatch.delenv(variable(name), raising=False)
    monkeypatch.delenv("MR_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))


Run = Callable[..., Settings]


@pytest.fixture
def run() -> Run:
    """Runs a command of all flags; answers the settings that it was given."""
    seen: list[Settings] = []

    def command(settings: Settings) -> None:
        """A command."""
        seen.append(settings)

    app = typer.Typer()
    app.command()(with_flags(command, NAMES))

    def invoke(*arguments: str) -> Settings:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == 0, result.output
        return seen.pop()

    return invoke


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"MR_{name.upper()}"


def flag(name: str, value: Any) -> list[str]:
    """The flag that says a value."""
    dashed = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{dashed}" if value else f"--no-{dashed}"]
    return [f"--{dashed}", str(value)]


def three(name: str) -> tuple[Any, Any, Any]:
    """Three values of a setting."""
    return VALUES.get(name, SMALL if name == "workers" else NUMBERS)


@every_setting
def test_every_setting_is_a_flag_a_variable_and_a_key(
    name: str, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "settings.yaml"
    in_file, in_environment, on_line = three(name)
    for other, value in NEEDS.get(name, {}).items():
        monkeypatch.setenv(variable(other), value)
    file.write_text(yaml.safe_dump({name.replace("_", "-"): in_file}))
    assert getattr(run("--config", str(file)), name) == in_file
    monkeypatch.setenv(variable(name), str(in_environment))
    assert getattr(run("--config", str(file)), name) == in_environment
    assert getattr(run("--config", str(file), *flag(name, on_line)), name) == on_line
    monkeypatch.delenv(variable(name))
    assert getattr(run("--config", str(file), *flag(name, on_line)), name) == on_line
    assert getattr(run(*flag(name, on_line)), name) == on_line


@every_setting
def test_every_setting_has_a_default_and_is_explained(name: str, run: Run) -> None:
    field = Settings.model_fields[name]
    assert getattr(run(), name) == field.default
    assert (field.description or "").endswith(".")


def test_every_setting_is_in_the_help() -> None:
    runner = CliRunner(env={"COLUMNS": "300", "TERM": "dumb"})
    text = "".join(runner.invoke(application.app, [command, "--help"]).output for command in ("proxy", "catalog"))
    for name in NAMES:
        assert flag(name, "")[0] in text
        assert f"[env: {variable(name)}]" in " ".join(text.split())
    assert "--config" in text


def test_a_setting_with_several_values_may_be_given_several_times(run: Run) -> None:
    assert run("--catalogs-path", "a,b", "--catalogs-path", "c").catalogs_path == "a,b,c"


def test_keys_may_be_written_with_either_dash(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("mlmd_port: 1\nmax-page-size: 5\n")
    settings = load(file, {})
    assert (settings.mlmd_port, settings.max_page_size) == (1, 5)


def test_the_file_of_the_user_is_read_or_another_one_instead_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "user"
    folder.mkdir()
    (folder / ".model-registry.yaml").write_text("port: 1\nworkers: 2\n")
    assert load(None, {}).port == 1
    other = tmp_path / "other.yaml"
    other.write_text("port: 2\n")
    assert (load(other, {}).port, load(other, {}).workers) == (2, 1)


def test_the_file_may_be_named_in_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("port: 7\n")
    monkeypatch.setenv("MR_CONFIG", str(tmp_path / "x.yaml"))
    assert run().port == 7


def test_one_load_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("port: 7\n")
    assert load(file, {}).port == 7
    assert load(None, {}).port == 8080


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MR_PORT", "")
    assert load(None, {}).port == 8080


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").touch()
    assert load(tmp_path / "x.yaml", {}) == load(None, {})


def test_unknown_keys_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "x.yaml").write_text("porl: 7\n")
    with caplog.at_level(logging.WARNING):
        load(tmp_path / "x.yaml", {})
    assert "the key porl is not a setting and is ignored" in caplog.text


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"port": "many"}, "--port (MR_PORT): "),
        ({"port": "70000"}, "--port (MR_PORT): "),
        ({"root_path": "registry"}, "--root-path (MR_ROOT_PATH): "),
        ({"log_level": "loud"}, "--log-level (MR_LOG_LEVEL): "),
        ({"max_page_size": "0"}, "--max-page-size (MR_MAX_PAGE_SIZE): "),
        ({"datastore_type": "embedmd"}, "--datastore-type embedmd is not served here: data is kept in MLMD only"),
    ],
)
def test_a_setting_that_cannot_be_used_is_reported_in_one_line(flags: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(words)) as refused:
        load(None, flags)
    assert "\n" not in str(refused.value)


def test_no_text_of_a_broken_file_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    for line in ('"mysql://u:a-password@h/x', "mysql://u:a-password@h/x: y", "a-password\0"):
        file.write_text(f"port: 1\ndatabase: {line}\n")
        with pytest.raises(SettingsError, match="is not YAML: ") as refused:
            load(file, {})
        assert "a-password" not in str(refused.value)
    file.write_bytes(b"database: a-password\xff")
    with pytest.raises(SettingsError, match="is not YAML: it holds what is no text") as refused:
        load(file, {})


@pytest.mark.parametrize(
    ("text", "words"),
    [("a: [", "is not YAML: "), ("- a", "must hold keys and values"), ("just words", "must hold keys and values")],
)
def test_a_file_that_cannot_be_read_is_reported_in_one_line(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=words) as refused:
        load(file, {})
    assert "\n" not in str(refused.value)
    with pytest.raises(SettingsError, match="No such file"):
        load(tmp_path / "none.yaml", {})


def test_the_command_ends_with_1_and_the_line() -> None:
    result = CliRunner().invoke(application.app, ["proxy", "--port", "many"])
    assert result.exit_code == 1
    assert result.stderr.startswith("model-registry: --port (MR_PORT): ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--version"], ["proxy", "--version"], ["mlmd-server", "--version"]])
def test_the_version_is_printed(arguments: list[str]) -> None:
    result = CliRunner().invoke(application.app, arguments)
    assert (result.exit_code, result.output) == (0, f"model-registry {__version__}\n")


def test_short_flags_are_those_of_the_go_server(run: Run) -> None:
    settings = run("-n", "0.0.0.0", "-p", "9")  # noqa: S104 (nothing listens)
    assert (settings.hostname, settings.port) == ("0.0.0.0", 9)  # noqa: S104


def test_the_standalone_engine_takes_only_settings_of_ours() -> None:
    assert set(application._ENGINE_SETTINGS) <= set(NAMES)
    assert load(None, {"log_level": "debug"}).log_level is LogLevel.DEBUG
