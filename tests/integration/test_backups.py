"""The commands of docs/operations.md that back up and restore, exactly as written there, on a registry that serves."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.support import processes
from tests.support.processes import ROOT, Database

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def commands(heading: str) -> list[str]:
    """The blocks of commands below a heading: first how to back up, then how to restore."""
    section = PAGE.partition(f"\n### {heading}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def paste(text: str, folder: Path, **env: str) -> str:
    done = subprocess.run(
        ["sh", "-e", "-c", text], check=False, cwd=folder, capture_output=True, text=True, env={**os.environ, **env}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def names(api: str) -> list[str]:
    return [item["name"] for item in httpx.get(f"{api}/registered_models").json()["items"]]


def make(api: str, name: str) -> None:
    assert httpx.post(f"{api}/registered_models", json={"name": name}).status_code == 201


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="there is no command sqlite3")
def test_a_sqlite_store_is_backed_up_while_it_serves_and_restored(tmp_path: Path) -> None:
    back_up, restore = commands("SQLite")
    with processes.proxy(tmp_path) as proxy:
        make(proxy.api, "before ä")
        assert paste(back_up, tmp_path).strip() == "ok"
        make(proxy.api, "after")
    paste(restore, tmp_path)
    with processes.proxy(tmp_path) as proxy:
        assert names(proxy.api) == ["before ä"]
        make(proxy.api, "again")


@pytest.mark.store("embedded-mysql")
def test_a_mysql_store_is_backed_up_while_it_serves_and_restored(
    tmp_path: Path, database: Callable[[], Database]
) -> None:
    server = database()
    name = server.create()
    account = f"[client]\nuser=registry\npassword=secret\nhost=127.0.0.1\nport={server.port}\n"
    (tmp_path / "backup.cnf").write_text(account)
    back_up, restore = commands("MySQL")
    with processes.proxy(tmp_path, database=server.url(name)) as proxy:
        make(proxy.api, "before ä")
        paste(back_up, tmp_path, DATABASE=name)
        make(proxy.api, "after")
    paste(restore, tmp_path, DATABASE=name)
    with processes.proxy(tmp_path, database=server.url(name)) as proxy:
        assert names(proxy.api) == ["before ä"]
        make(proxy.api, "again")
