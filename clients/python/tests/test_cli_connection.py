"""The server and the token that `mr` uses, and its messages and exit codes after an error."""

import json
import stat
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from tests.support.commands import Ended, environment, run
from tests.support.processes import free_port


class Answers(BaseHTTPRequestHandler):
    """Sends the response that a test has set, and records the tokens of the requests."""

    def do_GET(self) -> None:
        self.server.tokens.append(self.headers.get("Authorization"))  # type: ignore[attr-defined]
        status, body = self.server.answer  # type: ignore[attr-defined]
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Request-Id", "r-1")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name in the base class)
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """A server whose response a test sets."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.tokens, server.answer = [], (200, {"items": [], "size": 0, "pageSize": 1})  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def url(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def mr(folder: Path, *arguments: str, address: str | None = None, stdin: str = "", **more: str) -> Ended:
    return run(arguments, environment(folder, address, more), stdin)


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [
        (400, 1, ""),
        (401, 6, "MODEL_REGISTRY_TOKEN"),
        (403, 6, "Ask who runs it"),
        (404, 3, ""),
        (409, 4, "--or-update"),
        (500, 7, "log"),
        (503, 7, "mr doctor"),
    ],
)
def test_an_error_of_the_server_is_one_line_with_a_hint_and_an_exit_code(
    server: ThreadingHTTPServer, tmp_path: Path, status: int, code: int, hint: str
) -> None:
    server.answer = (status, {"code": "Some Words", "message": "the server's\nreason"})  # type: ignore[attr-defined]
    ended = mr(tmp_path, "models", "list", address=url(server))
    assert (ended.code, ended.out) == (code, "")
    message, *hints = ended.err.splitlines()
    assert message == "mr: the server's reason (request id r-1)"
    assert [line for line in hints if line.startswith("hint: ") and hint in line] or not hint


def test_an_unreachable_server_is_named_with_the_source_of_its_address(tmp_path: Path) -> None:
    unused = f"http://127.0.0.1:{free_port()}"
    ended = mr(tmp_path, "models", "list", address=unused)
    assert ended.code == 5
    message, hint = ended.err.splitlines()
    assert unused in message
    assert "refused. The address comes from MODEL_REGISTRY_URL." in message
    assert hint.startswith("hint: mr doctor")
    ended = mr(tmp_path, "doctor", "-o", "json", address=unused)
    assert ended.code == 5
    assert json.loads(ended.out)["status"] == "failed"


def test_a_server_that_is_not_a_registry_gets_its_own_message(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    server.answer = (404, ["nothing"])  # type: ignore[attr-defined]
    ended = mr(tmp_path, "models", "list", address=url(server))
    assert ended.code == 1
    assert "not that of a model registry" in ended.err
    server.answer = (200, "a page of another program")  # type: ignore[attr-defined]
    ended = mr(tmp_path, "models", "list", address=url(server))
    assert (ended.code, "mr doctor" in ended.err) == (1, True)
    ended = mr(tmp_path, "doctor", "-o", "json", address=url(server))
    assert ended.code == 8
    assert {check["name"]: check["status"] for check in json.loads(ended.out)["checks"]}["API v1"] == "failed"


def test_an_invalid_command_exits_with_2(tmp_path: Path) -> None:
    for arguments in (
        ["models", "nothing"],
        ["models", "list", "-o", "xml"],
        ["models", "list", "--sort", "size"],
        ["models", "list", "--state", "GONE"],
        ["models", "list", "--server", "ftp://x"],
        ["models", "update", "x"],
        ["models", "create", "", "--dry-run"],
        ["metrics", "create", "x", "--value", "nan"],
        ["metrics", "create", "x", "--step", "1"],
        ["deployments", "create", "x", "--environment", "y"],
        ["register", "x", "s3://x", "-v", "", "--dry-run"],
        ["models", "archive"],
        ["models", "create", "x", "-P", "novalue", "--dry-run"],
        ["models", "create", "x", "-P", "a:={", "--dry-run"],
        ["runs", "create", "x/y", "--start-time", "soon"],
        ["artifacts", "create", "x", "--type", "thing"],
        ["artifacts", "create", "x", "--digest", "abc", "--dry-run"],
        ["versions", "list", "a", "--model", "b"],
    ):
        ended = mr(tmp_path, *arguments, address="http://127.0.0.1:1")
        assert (ended.code, ended.out) == (2, ""), (arguments, ended)
        assert "Traceback" not in ended.err


def test_contexts_are_stored_selected_and_removed(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    file = tmp_path / "model-registry" / "config.yaml"
    assert "There are no contexts" in mr(tmp_path, "context", "list").err
    assert mr(tmp_path, "context", "set", "here").code == 2
    assert mr(tmp_path, "context", "set", "here", "--server", url(server), "--token-stdin", stdin="secret\n").code == 0
    assert mr(tmp_path, "context", "set", "there", "--server", "http://127.0.0.1:1", "--insecure").code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert yaml.safe_load(file.read_text()) == {
        "current": "here",
        "contexts": {
            "here": {"server": url(server), "token": "secret"},
            "there": {"server": "http://127.0.0.1:1", "insecure": True},
        },
    }
    listed = mr(tmp_path, "context", "list")
    assert listed.out.splitlines()[1].split()[:3] == ["*", "here", url(server)]
    assert "secret" not in listed.out + mr(tmp_path, "context", "list", "-o", "json").out
    assert json.loads(mr(tmp_path, "context", "show", "-o", "json").out)["source"] == "the context in use, 'here'"

    assert mr(tmp_path, "models", "list").code == 0
    assert server.tokens == ["Bearer secret"]  # type: ignore[attr-defined]
    assert mr(tmp_path, "context", "use", "there").code == 0
    assert mr(tmp_path, "models", "list").code == 5
    assert mr(tmp_path, "--context", "here", "models", "list").code == 0
    assert mr(tmp_path, "models", "list", "--context", "here").code == 0

    missing = mr(tmp_path, "context", "use", "nowhere")
    assert missing.code == 3
    assert "here, there" in missing.err
    assert mr(tmp_path, "context", "remove", "there").code == 0
    assert yaml.safe_load(file.read_text())["current"] is None

    file.chmod(0o644)
    assert "chmod 600" in mr(tmp_path, "models", "list", "--context", "here").err
    for text in ("contexts: {a: [token: secret", "contexts: [secret]", "contexts: {a: secret}"):
        file.write_text(text)
        broken = mr(tmp_path, "context", "list")
        assert (broken.code, "is no file of contexts" in broken.err) == (2, True)
        assert "secret" not in broken.err


def test_a_token_of_a_context_goes_to_no_other_server(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    token: Mapping[str, str] = {"MODEL_REGISTRY_TOKEN": "of-environment"}
    mr(tmp_path, "context", "set", "other", "--server", "http://127.0.0.1:1", "--token-stdin", stdin="secret")
    assert mr(tmp_path, "models", "list", "--server", url(server)).code == 0
    assert mr(tmp_path, "models", "list", address=url(server), **token).code == 0
    file = tmp_path / "token"
    file.write_text("of-file\n")
    assert mr(tmp_path, "models", "list", "--token-file", str(file), address=url(server), **token).code == 0
    assert server.tokens == [None, "Bearer of-environment", "Bearer of-file"]  # type: ignore[attr-defined]


def test_the_flag_has_precedence_over_the_environment_and_the_environment_over_the_context(tmp_path: Path) -> None:
    mr(tmp_path, "context", "set", "one", "--server", "http://one:1")

    def chosen(*flags: str, address: str | None = None) -> str:
        return mr(tmp_path, "context", "show", "-o", "name", *flags, address=address).out.strip()

    assert chosen("--server", "http://flag:1", address="http://variable:1") == "http://flag:1"
    assert chosen("--context", "one", address="http://variable:1") == "http://one:1"
    assert chosen(address="http://variable:1") == "http://variable:1"
    assert chosen() == "http://one:1"
    mr(tmp_path, "context", "remove", "one")
    assert chosen() == "http://localhost:8080"
