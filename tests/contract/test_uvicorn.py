"""The names of uvicorn that the server overrides or uses, which uvicorn does not promise to keep.

After an upgrade of uvicorn these tests say in one sentence what has changed. Read the class named there before you raise the limit
of the version in pyproject.toml.
"""

import asyncio
import inspect
import re
import tomllib
from typing import Any

import pytest
import uvicorn
import uvicorn.config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState
from uvicorn.supervisors import Multiprocess, multiprocess

from model_registry_proxy.serving.connections import GuardedProtocol
from model_registry_proxy.serving.graceful import GracefulServer, GracefulWorkers, _GracefulProcess
from model_registry_proxy.serving.one_write import OneWriteProtocol
from tests.support.processes import ROOT

OVERRIDDEN: dict[type, dict[str, str]] = {
    GuardedProtocol: {
        "connection_made": "(self, transport)",
        "connection_lost": "(self, exc)",
        "data_received": "(self, data)",
        "pause_writing": "(self)",
        "resume_writing": "(self)",
        "on_message_begin": "(self)",
        "on_message_complete": "(self)",
        "on_headers_complete": "(self)",
        "on_body": "(self, body)",
        "on_response_complete": "(self)",
        "timeout_keep_alive_handler": "(self)",
        "shutdown": "(self)",
    },
    OneWriteProtocol: {"connection_made": "(self, transport)"},
    GracefulServer: {"startup": "(self, sockets)", "shutdown": "(self, sockets)"},
    GracefulWorkers: {"terminate_all": "(self)"},
}
"""Our classes, and the methods of uvicorn that they replace, with their parameters."""

USED: dict[type, tuple[str, ...]] = {
    HttpToolsProtocol: ("_unset_keepalive_if_required",),
    uvicorn.Server: ("run",),
    Multiprocess: ("run",),
}
"""Methods of uvicorn that the server calls."""

OF_A_CONNECTION = {
    *("app_state", "client", "config", "connections", "cycle", "headers", "loop", "parser", "pipeline", "server_state"),
    *("timeout_keep_alive", "timeout_keep_alive_task", "transport", "url"),
}
OF_A_REQUEST = {"disconnected", "keep_alive", "message_event", "response_complete", "response_started", "scope"}
OF_A_SERVER = {"config", "lifespan", "server_state", "servers", "started", "should_exit"}
SETTINGS = {
    *("access_log", "app", "backlog", "factory", "http", "lifespan", "log_config", "loop", "proxy_headers", "workers"),
    *("server_header", "ssl_context_factory", "timeout_graceful_shutdown", "timeout_keep_alive", "ws"),
}


async def an_app(scope: Any, receive: Any, send: Any) -> None:
    """An application that does nothing."""


def a_config() -> uvicorn.Config:
    """A configuration that is loaded."""
    config = uvicorn.Config(an_app, http=HttpToolsProtocol, lifespan="off", log_config=None)
    config.load()
    return config


def parameters(method: Any) -> str:
    """The names of a method's parameters."""
    return f"({', '.join(inspect.signature(method).parameters)})"


@pytest.mark.parametrize(
    ("own", "name", "wanted"),
    [(own, name, wanted) for own, methods in OVERRIDDEN.items() for name, wanted in methods.items()],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value),
)
def test_an_overridden_method_is_still_one_of_uvicorn(own: type, name: str, wanted: str) -> None:
    base = next(one for one in own.__mro__ if one.__module__.startswith("uvicorn") and one is not own)
    assert hasattr(base, name), (
        f"uvicorn's {base.__name__} has no {name} any more: {own.__name__}.{name} is never called"
    )
    assert parameters(getattr(base, name)) == wanted, f"uvicorn's {base.__name__}.{name} has other parameters"
    assert name in own.__dict__


def test_no_method_of_uvicorn_is_overridden_that_the_table_lacks() -> None:
    for own, methods in OVERRIDDEN.items():
        base = next(one for one in own.__mro__ if one.__module__.startswith("uvicorn"))
        shared = {name for name in own.__dict__ if name in dir(base) and not re.fullmatch("__.*__", name)}
        assert shared == set(methods), own


@pytest.mark.parametrize(("base", "name"), [(base, name) for base, names in USED.items() for name in names])
def test_a_used_method_is_there(base: type, name: str) -> None:
    assert callable(getattr(base, name, None)), f"uvicorn's {base.__name__} has no {name} any more"


async def test_a_connection_has_the_attributes_that_the_limits_use() -> None:
    protocol = HttpToolsProtocol(config=a_config(), server_state=ServerState(), app_state={"key": "value"})
    source = inspect.getsource(HttpToolsProtocol)
    assert {name for name in OF_A_CONNECTION if not hasattr(protocol, name) and f"self.{name}" not in source} == set()
    assert protocol.app_state == {"key": "value"}
    assert protocol.cycle is protocol.timeout_keep_alive_task is None
    assert protocol.loop is asyncio.get_running_loop()


def test_a_request_has_the_attributes_that_the_limits_use() -> None:
    source = inspect.getsource(RequestResponseCycle.__init__)
    assert {name for name in OF_A_REQUEST if f"self.{name}" not in source} == set()


def test_a_server_has_the_attributes_that_a_graceful_stop_uses() -> None:
    server = uvicorn.Server(a_config())
    source = inspect.getsource(uvicorn.Server)
    assert {name for name in OF_A_SERVER if not hasattr(server, name) and f"self.{name}" not in source} == set()
    assert uvicorn.config.STARTUP_FAILURE > 0


def test_the_settings_that_the_server_gives_are_known() -> None:
    known = inspect.signature(uvicorn.Config).parameters
    assert known.keys() >= SETTINGS


def test_workers_run_our_server() -> None:
    assert multiprocess.Process is _GracefulProcess
    process = _GracefulProcess(a_config(), [])
    assert isinstance(process.server, GracefulServer)
    assert {"_server", "config"} <= vars(process).keys()
    source = inspect.getsource(Multiprocess)
    assert "Process(" in source, "Multiprocess makes its workers in another way: they would not run GracefulServer"
    for name in ("self.sockets", "self.processes"):
        assert name in source


def test_the_version_of_uvicorn_is_limited_to_the_tested_minor_version() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (limit,) = [line for line in needed if line.startswith("uvicorn")]
    major, minor, *_ = uvicorn.__version__.split(".")
    assert limit == f"uvicorn>={major}.{minor},<{major}.{int(minor) + 1}"
