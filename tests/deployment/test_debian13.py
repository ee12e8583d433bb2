"""`make test-debian13` says on one line what it lacks, before it makes anything."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import ROOT

LACKS = {
    "Linux": ("Darwin arm64", "0", True, "needs Linux on x86-64"),
    "debootstrap": ("Linux x86_64", "0", False, "apt-get install debootstrap"),
    "root rights": ("Linux x86_64", "1000", True, "sudo make test-debian13"),
}


@pytest.mark.parametrize(("system", "user", "has_debootstrap", "words"), LACKS.values(), ids=LACKS)
def test_what_is_missing_is_said_on_one_line(
    tmp_path: Path, system: str, user: str, words: str, *, has_debootstrap: bool
) -> None:
    path, checkout = tmp_path / "path", tmp_path / "checkout"
    (checkout / "platforms").mkdir(parents=True)
    path.mkdir()
    shutil.copy(ROOT / "platforms/debian13.sh", checkout / "platforms")
    fakes = {"uname": f"echo {system}", "id": f"echo {user}", **({"debootstrap": "exit 1"} if has_debootstrap else {})}
    for name, command in fakes.items():
        (path / name).write_text(f"#!/bin/sh\n{command}\n")
        (path / name).chmod(0o755)
    for tool in ("dirname", "sh"):
        (path / tool).symlink_to(shutil.which(tool) or pytest.skip(f"there is no {tool} here"))
    done = subprocess.run(
        ["sh", "platforms/debian13.sh"],
        cwd=checkout, env={"PATH": str(path)}, check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr
    assert not list(checkout.glob(".debian13*"))
