"""The Makefile makes `.venv` with the Python that is named, else with the best one that it finds, else with one that uv brings."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.processes import ROOT

TOOLS = ("awk", "cat", "chmod", "cp", "dirname", "make", "mkdir", "mktemp", "rm", "sh", "touch")
LINUX, ARM_LINUX, MAC = ("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64")

PYTHON = """#!/bin/sh
# Answers as Python {version} on another platform, and writes down which one made the environment.
case "$1 $2" in
"-m venv")
    for folder in "$@"; do :; done
    mkdir -p "$folder/bin"
    cp "$0" "$folder/bin/python"
    echo "{version}" >>"$LOG" ;;
"-m pip")
    {pip}
    printf '#!/bin/sh\\nexit 0\\n' >"$(dirname "$0")/uv"
    [ ! -e "$UV_OF_PIP" ] || cp "$UV_OF_PIP" "$(dirname "$0")/uv"
    chmod +x "$(dirname "$0")/uv" ;;
*) exec {python} {prelude} "$@" ;;
esac
"""

PRELUDE = """
import platform, runpy, sys
sys.version_info, sys.version = {info}, {version!r}
platform.python_version = lambda: {version!r}
platform.system, platform.machine = lambda: {system!r}, lambda: {machine!r}
platform.libc_ver = lambda: {libc!r}
if sys.argv[1] == "-c":
    exec(sys.argv[2])
else:
    runpy.run_path(sys.argv[2], run_name="__main__")
"""

UV = """#!/bin/sh
# Brings Python 3.11, or has no network.
case "$2" in
install) {install} ;;
find) [ -e "$BROUGHT" ] && [ "$3" != --quiet ] && echo "$BROUGHT" ;;
esac
"""


@dataclass
class Machine:
    """A checkout, with a PATH of a few tools and of interpreters that answer as on another platform."""

    folder: Path
    platform: tuple[str, str] = LINUX
    glibc: str = "2.41"
    brought: Path = field(init=False)

    def __post_init__(self) -> None:
        self.path, self.log, self.brought = self.folder / "path", self.folder / "log", self.folder / "brought"
        self.checkout = self.folder / "checkout"
        for name in (self.path, self.checkout / "model_registry_proxy/engine"):
            name.mkdir(parents=True)
        for tool in TOOLS:
            (self.path / tool).symlink_to(shutil.which(tool) or pytest.skip(f"there is no {tool} here"))
        for file in ("Makefile", "platforms/make-venv.sh", "model_registry_proxy/engine/wheels.py"):
            (self.checkout / file).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / file, self.checkout / file)
        for file in ("pyproject.toml", "uv.lock"):
            (self.checkout / file).touch()
        self.write(self.path / "uname", "#!/bin/sh\necho {} {}\n".format(*self.platform))

    def write(self, file: Path, text: str) -> None:
        file.write_text(text, "utf-8")
        file.chmod(0o755)

    def add_python(self, version: str, file: Path | str | None = None, *, has_network: bool = True) -> None:
        """Puts an interpreter into PATH, under its usual name if no other is given."""
        prelude = self.folder / f"prelude{version}.py"
        info = tuple(int(part) for part in version.split("."))
        libc = ("glibc", self.glibc) if self.platform[0] == "Linux" else ("", "")
        system, machine = self.platform
        prelude.write_text(PRELUDE.format(info=info, version=version, system=system, machine=machine, libc=libc))
        name = self.path / (file or "python{}.{}".format(*info))
        pip = ":" if has_network else "exit 1"
        self.write(name, PYTHON.format(version=version, python=sys.executable, prelude=prelude, pip=pip))

    def add_uv(self, file: str = "path/uv", *, has_network: bool = True) -> None:
        """Puts uv into PATH, or where `pip install uv` takes it from."""
        self.add_python("3.11.9", self.folder / "offered")
        install = f'cp {self.folder / "offered"} "$BROUGHT"' if has_network else "exit 1"
        self.write(self.folder / file, UV.format(install=install))

    def make(self, target: str = ".venv/bin/uv", *flags: str) -> "subprocess.CompletedProcess[str]":
        ours = {"PYTHON", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"}  # of the make that runs the tests
        inherited = {name: value for name, value in os.environ.items() if name not in ours}
        places = {"LOG": self.log, "BROUGHT": self.brought, "UV_OF_PIP": self.folder / "uv_of_pip"}
        env = {**inherited, "PATH": str(self.path), **{name: str(value) for name, value in places.items()}}
        return subprocess.run(
            ["make", target, *flags],
            cwd=self.checkout,
            env=env,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def chosen(self) -> list[str]:
        """The versions that an environment was made with, without the one that only installs uv."""
        return self.log.read_text("utf-8").split() if self.log.exists() else []


@pytest.fixture
def linux(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("platform", "glibc", "there", "chosen"),
    [
        (LINUX, "2.41", ["3.11.9", "3.12.3", "3.13.0"], "3.11.9"),
        (LINUX, "2.41", ["3.13.0", "3.12.3", "3.14.0"], "3.12.3"),
        (LINUX, "2.39", ["3.10.1", "3.13.0", "3.14.0"], "3.13.0"),
        (LINUX, "2.36", ["3.11.9", "3.12.3"], "3.11.9"),
        (MAC, "", ["3.12.3", "3.14.0"], "3.12.3"),
    ],
)
def test_the_best_python_that_is_there_is_chosen(
    tmp_path: Path, platform: tuple[str, str], glibc: str, there: list[str], chosen: str
) -> None:
    machine = Machine(tmp_path, platform, glibc)
    for version in there:
        machine.add_python(version)
    done = machine.make()
    assert done.returncode == 0, done.stderr
    assert machine.chosen() == [chosen]


def test_the_wheel_is_installed_where_there_is_one(linux: Machine) -> None:
    linux.add_python("3.13.0")
    built = linux.make("build")
    assert built.returncode == 0
    assert "--extra embedded" in built.stdout
    assert "--no-install-package" not in built.stdout


def test_a_python_under_another_name_is_found(linux: Machine) -> None:
    linux.add_python("3.13.0", "python3")
    assert linux.make().returncode == 0
    assert linux.chosen() == ["3.13.0"]


def test_a_shim_that_cannot_run_is_passed_over(linux: Machine) -> None:
    linux.write(linux.path / "python3.11", "#!/bin/sh\nexit 127\n")
    linux.add_python("3.12.3")
    assert linux.make().returncode == 0
    assert linux.chosen() == ["3.12.3"]


def test_the_python_that_is_named_is_taken(linux: Machine) -> None:
    for version in ("3.11.9", "3.13.0"):
        linux.add_python(version)
    for name in ("python3.13", "python3.13", "python3.11"):
        assert linux.make(".venv/bin/uv", f"PYTHON={name}").returncode == 0
    assert linux.chosen() == ["3.13.0", "3.11.9"]
    assert linux.make().returncode == 0
    assert linux.chosen() == ["3.13.0", "3.11.9"]


@pytest.mark.parametrize("there", [[], ["3.12.3"], ["3.14.0"]])
def test_uv_brings_a_python_where_none_fits(tmp_path: Path, there: list[str]) -> None:
    machine = Machine(tmp_path, glibc="2.36")
    machine.add_uv()
    for version in there:
        machine.add_python(version)
    assert machine.make().returncode == 0
    assert machine.chosen() == ["3.11.9"]


def test_uv_comes_from_the_package_index_if_it_is_not_there(tmp_path: Path) -> None:
    machine = Machine(tmp_path, glibc="2.36")
    machine.add_uv("uv_of_pip")
    machine.add_python("3.9.1", "python3")
    assert machine.make().returncode == 0
    assert machine.chosen() == ["3.9.1", "3.11.9"]


@pytest.mark.parametrize(
    ("platform", "line"),
    [
        (LINUX, "Linux x86_64 with Python 3.14.0 and glibc 2.36. Use Python 3.11, or point to a running MLMD server"),
        (ARM_LINUX, "Linux aarch64 with Python 3.14.0 and glibc 2.36. Point to a running MLMD server"),
        (("Darwin", "x86_64"), "Darwin x86_64 with Python 3.14.0. Run the image `embedded`, or point to"),
    ],
)
def test_without_a_wheel_make_run_ends_with_one_line_and_the_rest_is_built(
    tmp_path: Path, platform: tuple[str, str], line: str
) -> None:
    machine = Machine(tmp_path, platform, "2.36")
    machine.add_uv(has_network=False)
    machine.add_python("3.14.0")
    done = machine.make("run")
    assert done.returncode != 0
    said = [each for each in done.stderr.splitlines() if not each.startswith("make")]
    assert len(said) == 1
    assert said[0].startswith(f"ml-metadata has no wheel for {line}")
    assert machine.chosen() == []
    built = machine.make("build")
    assert built.returncode == 0
    assert built.stdout.rstrip().endswith("--no-install-package ml-metadata")
    assert machine.chosen() == ["3.14.0"]


def test_without_any_python_one_line_says_what_is_needed(linux: Machine) -> None:
    done = linux.make()
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1
    assert said[0].startswith("Python 3.11 or newer is needed, and none was found.")


@pytest.mark.parametrize("named", ["python3.10", "python3.99", "/no/python"])
def test_a_python_that_is_named_and_too_old_or_missing_is_refused_on_one_line(linux: Machine, named: str) -> None:
    linux.add_python("3.10.1")
    done = linux.make(".venv/bin/uv", f"PYTHON={named}")
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert said == [
        f"Python 3.11 or newer is needed, and {named} is none. Name another, as in: make run PYTHON=python3.11"
    ]
