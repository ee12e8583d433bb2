"""`mr` in a terminal and in pipes: tables, closed pipes, Ctrl-C, completion, and the time until the help appears."""

import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from model_registry_cli import __main__ as entry_point
from model_registry_cli.exits import guarded
from model_registry_cli.output.rows import row_of
from model_registry_cli.output.table import SAMPLED_ROWS, show
from model_registry_client import Registry

from tests.support import commands
from tests.support.commands import environment, in_terminal, run, start
from tests.support.processes import ROOT

Unique = Callable[[str], str]
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture
def many(registry: Registry, unique: Unique) -> str:
    """The owner of twelve models, whose long descriptions have control characters."""
    owner = unique("owner")
    for number in range(12):
        registry.create_registered_model(f"{owner}-{number}", owner=owner, description="\x1b[31mred" + "long " * 40)
    return owner


def test_tables_fit_the_terminal_and_have_colours_only_there(server_url: str, tmp_path: Path, many: str) -> None:
    env = environment(tmp_path, server_url)
    arguments = ["models", "list", "-o", "wide", "-q", f'owner = "{many}"']
    shown = in_terminal(arguments, env, columns=90)
    assert shown.code == 0
    assert "\x1b[1mID" in shown.out
    assert "\x1b[31m" not in shown.out
    lines = _ESCAPE.sub("", shown.out).splitlines()
    assert len(lines) == 13
    assert max(map(len, lines)) <= 90
    assert "…" in shown.out
    plain = in_terminal(arguments, {**env, "NO_COLOR": "1"}, columns=90)
    assert "\x1b" not in plain.out
    assert "\x1b" not in run(arguments, env).out
    assert "long " * 40 in run([*arguments[:-4], "-o", "json", *arguments[-2:]], env).out


def test_later_rows_are_not_cut_to_the_width_of_the_first_ones(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row_of({}, "", str(10**number), "x" * (number % 3)) for number in range(SAMPLED_ROWS + 20)]
    show(rows, ("ID", "NAME"))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["ID", *(str(10**number) for number in range(SAMPLED_ROWS + 20))]


def test_a_change_of_several_asks_for_confirmation_and_shows_a_progress_bar(
    server_url: str, tmp_path: Path, many: str
) -> None:
    env, query = environment(tmp_path, server_url), ("-q", f'owner = "{many}"')
    refused = in_terminal(["models", "archive", *query], env, {"Go on?": "n\n"})
    assert refused.code == 1
    assert "archive 12 models" in refused.out
    assert "Nothing was changed" in refused.out
    assert in_terminal(["models", "archive", *query], env, {"Go on?": "\x04"}).code == 1
    done = in_terminal(["models", "archive", *query], env, {"Go on?": "y\n"})
    assert done.code == 0
    assert "12/12" in _ESCAPE.sub("", done.out)
    assert done.out.count("archived model") == 12


def test_a_closed_pipe_is_not_an_error(server_url: str, tmp_path: Path, many: str) -> None:
    command = f"{sys.executable} -m model_registry_cli models list | head -1; echo ${{PIPESTATUS[0]}}"
    ended = subprocess.run(
        ["bash", "-c", command],
        env=environment(tmp_path, server_url),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ended.stderr == ""
    assert ended.stdout.startswith("ID")

    with start(["models", "list", "-o", "json"], environment(tmp_path, server_url)) as child:
        assert child.stdout
        child.stdout.close()
        assert child.communicate(timeout=60)[1] == ""
        assert child.returncode == 141


def test_ctrl_c_ends_with_130_and_without_a_traceback(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        # Children inherit an ignored or blocked signal.
        former = signal.signal(signal.SIGINT, signal.default_int_handler)
        blocked = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        with start(["models", "list"], environment(tmp_path, address)) as child:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
            signal.signal(signal.SIGINT, former)
            connection, _ = silent.accept()
            with connection:
                connection.recv(10)  # the request is sent, and mr waits
                child.send_signal(signal.SIGINT)
                out, err = child.communicate(timeout=60)
    assert (child.returncode, out, err) == (130, "", "")


@pytest.mark.parametrize(
    ("closed", "arguments", "code"),
    [
        ("<&-", "context set x --server http://x --token-stdin", 2),
        ("<&-", "models archive --filter 'owner = \"{many}\"'", 2),
        (">&- </dev/null", "models list --limit 1", 0),
        ("2>&- </dev/null", "models get nothing", 3),
        ("<&- >&- 2>&-", "models get nothing", 3),
    ],
)
def test_closed_streams_are_not_an_error(
    server_url: str, tmp_path: Path, many: str, closed: str, arguments: str, code: int
) -> None:
    command = f"{sys.executable} -m model_registry_cli {arguments.format(many=many)} {closed}"
    env = environment(tmp_path, server_url)
    ended = subprocess.run(["bash", "-c", command], env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, "Traceback" in ended.stderr) == (code, False), ended


def test_a_command_that_does_not_end_fails_only_its_own_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = environment(tmp_path, None)
    assert run(["context", "list"], env).code == 0
    stuck = commands._fork_server()
    stuck.send_signal(signal.SIGSTOP)
    with monkeypatch.context() as patched:
        patched.setattr(commands, "SECONDS", 0.05)
        with pytest.raises(AssertionError, match="No end"):
            run(["--help"], env)
    assert stuck.poll() is not None
    assert run(["models", "nothing"], env).code == 2


@pytest.mark.parametrize(("key", "code"), [(KeyboardInterrupt, 130), (EOFError, None)], ids=["Ctrl-C", "Ctrl-D"])
def test_ctrl_c_at_a_prompt_exits_with_130(key: type[BaseException], code: int | None) -> None:
    def prompt() -> None:
        end = typer.Abort()
        end.__context__ = key()  # as typer.confirm sets it
        raise end

    with pytest.raises((typer.Exit, typer.Abort)) as end:
        guarded(prompt)()
    assert getattr(end.value, "exit_code", None) == code


def test_completion_offers_commands_flags_and_names(
    server_url: str, tmp_path: Path, registry: Registry, unique: Unique
) -> None:
    name = unique("complete")
    model = registry.create_registered_model(name)
    registry.create_model_version(model.id, "1.0")

    def offered(*words: str) -> list[str]:
        line = {"_MR_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(["mr", *words]), "COMP_CWORD": str(len(words))}
        return run([], environment(tmp_path, server_url, line)).out.split()

    assert {"models", "doctor", "tree"} <= set(offered(""))
    assert offered("models", "arch") == ["archive"]
    assert offered("models", "list", "--sort", "") == ["id", "created", "updated"]
    assert "--owner" in offered("models", "create", "--o")
    assert offered("models", "get", name[:-2]) == [name]
    assert offered("versions", "get", f"{name}/") == [f"{name}/1.0"]
    assert offered("versions", "get", name[:-2]) == [f"{name}/"]
    assert offered("tree", name[:-2]) == [name]

    script = run(
        ["--show-completion", "bash"],
        environment(tmp_path, server_url, {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}),
    )
    assert "_MR_COMPLETE=complete_bash" in script.out
    checked = subprocess.run(["bash", "-n"], input=script.out, text=True, capture_output=True, check=True, timeout=60)
    assert checked.stderr == ""


def test_help_does_not_import_slow_modules() -> None:
    program = (
        "import sys; from model_registry_cli import application; application.command();"
        "print([name for name in ('httpx', 'pydantic', 'model_registry_client', 'yaml', 'rich.console') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout == "[]\n"
    program = (
        "import sys; from model_registry_cli.application import built; from model_registry_cli.catalogue import SINGLE;"
    )
    program += "[built(each) for each in SINGLE]; print([name for name in ('yaml', 'pygments', 'click') if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout == "[]\n"


def test_the_server_s_command_has_the_same_sub_commands_where_the_client_is_installed(
    server_url: str, tmp_path: Path, many: str
) -> None:
    env = {**environment(tmp_path, server_url), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "model_registry_proxy", "models", "list", "-o", "name", "-q", f'owner = "{many}"']
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60)
    assert len(ended.stdout.splitlines()) == 12
    missing = tmp_path / "without"
    missing.mkdir()
    (missing / "sitecustomize.py").write_text(
        "import importlib.util as u; f = u.find_spec; u.find_spec = lambda n: None if n == 'model_registry_cli' else f(n)"
    )
    env["PYTHONPATH"] = os.pathsep.join([str(missing), str(ROOT)])
    shown = subprocess.run(
        [*command[:3], "--help"], env=env, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert "repair" in shown
    assert "doctor" not in shown


def test_without_its_extra_mr_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(
        SystemExit, match=r"plotille must be installed .* pip install '\./clients/python\[cli\]' in a checkout"
    ):
        entry_point.main()
