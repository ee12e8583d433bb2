"""The extra `embedded` and the lock file install the wheels of `engine/wheels.py`, each with a protobuf that it accepts."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from model_registry_proxy.engine.wheels import WHEELS, Platform, wheel_for
from tests.support.processes import ROOT

EXTRA = [
    Requirement(text)
    for text in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"][
        "embedded"
    ]
]
LOCKED = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
SYSTEMS = [("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64"), ("Darwin", "x86_64"), ("Windows", "AMD64")]
SYS_PLATFORMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}
NEWEST_GLIBC = (9, 9)
"""The markers of packages know nothing of the C library: pip looks at the name of the wheel for that."""


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14", "3.15"])
@pytest.mark.parametrize(("system", "machine"), SYSTEMS)
def test_the_extra_asks_for_the_wheel_of_the_table(system: str, machine: str, python: str) -> None:
    environment = {
        "sys_platform": SYS_PLATFORMS[system],
        "platform_machine": machine,
        "python_version": python,
        "extra": "embedded",
    }
    asked = [each for each in EXTRA if each.name == "ml-metadata" and each.marker and each.marker.evaluate(environment)]
    wheel = wheel_for(Platform(system, machine, f"{python}.0", NEWEST_GLIBC))
    releases = [each for each in ("1.17.1", "1.21.0") if asked and asked[0].specifier.contains(each)]
    assert len(asked) <= 1
    assert [".".join(each.split(".")[:2]) for each in releases] == ([wheel.release] if wheel else [])


def locked(name: str) -> dict[str, str]:
    """The locked versions of a package, by their first two numbers."""
    return {".".join(each["version"].split(".")[:2]): each["version"] for each in LOCKED if each["name"] == name}


def test_the_lock_file_has_each_wheel_of_the_table() -> None:
    files = [
        wheel["url"].rpartition("/")[2] for each in LOCKED if each["name"] == "ml-metadata" for wheel in each["wheels"]
    ]
    for wheel in WHEELS:
        system = "macosx_[0-9_]+" if wheel.glibc is None else "manylinux_{}_{}".format(*wheel.glibc)
        for python in wheel.pythons:
            tag = "cp" + python.replace(".", "")
            pattern = rf"ml_metadata-{locked('ml-metadata')[wheel.release]}-{tag}-{tag}-{system}_{wheel.machine}\..*"
            assert any(re.match(pattern, file) for file in files), pattern


def test_the_lock_file_has_a_protobuf_for_each_release_of_ml_metadata() -> None:
    protobufs = {
        each["version"]: {needed["version"] for needed in each["dependencies"] if needed["name"] == "protobuf"}
        for each in LOCKED
        if each["name"] == "ml-metadata"
    }
    assert {version: {Version(each).major for each in needed} for version, needed in protobufs.items()} == {
        locked("ml-metadata")["1.17"]: {4},
        locked("ml-metadata")["1.21"]: {6},
    }
