"""The command `model-registry`: what it has with the client's command line and without it, and what it imports."""

import importlib
import subprocess
import sys

import pytest
import typer

from model_registry_proxy.commands.application import app
from tests.support.processes import ROOT

OF_THE_CLIENT_ONLY = ("model_registry_client", "httpx", "rich", "platformdirs", "plotille")


def test_the_client_is_not_imported_before_export_or_import_runs() -> None:
    code = "import sys, model_registry_proxy.commands.application; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert not set(done.stdout.split()) & set(OF_THE_CLIENT_ONLY)


@pytest.mark.parametrize("name", ["export", "import"])
def test_export_and_import_stay_the_server_s_own_where_the_client_s_commands_are_mounted(name: str) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    own = group.commands[name]
    importlib.import_module("model_registry_cli.application").mount(group)
    assert group.commands[name] is own
    assert own.params[0].name == "server"
    assert "models" in group.commands
