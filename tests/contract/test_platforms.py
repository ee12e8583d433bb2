"""docs/platforms.md says what `engine/wheels.py` says."""

import re

import pytest

from model_registry_proxy.engine.wheels import SERVER, WHEELS, Platform, Wheel, way_out
from tests.support.processes import ROOT

PAGE = (ROOT / "docs" / "platforms.md").read_text("utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|")) for line in PAGE.splitlines() if line.startswith("|")
]
SYSTEMS = {"Linux": "Linux", "Darwin": "macOS 11 or newer"}
CAN_FILTER = {"1.17": "yes", "1.21": "no"}


@pytest.mark.parametrize("wheel", WHEELS, ids=str)
def test_each_wheel_has_its_row(wheel: Wheel) -> None:
    libc = "glibc {}.{} or newer".format(*wheel.glibc) if wheel.glibc else "-"
    row = (SYSTEMS[wheel.system], wheel.machine, libc, ", ".join(wheel.pythons), wheel.release)
    assert (*row, CAN_FILTER[wheel.release]) in ROWS


def test_no_other_wheel_has_a_row() -> None:
    assert len([row for row in ROWS if len(row) == 6]) == len(WHEELS) + 2


OTHERS = {
    "Linux x86-64 with Python 3.12 or 3.13 and glibc older than 2.39": Platform("Linux", "x86_64", "3.13.0", (2, 38)),
    "macOS arm64 with Python 3.14": Platform("Darwin", "arm64", "3.14.0"),
    "Linux x86-64 without glibc (Alpine)": Platform("Linux", "x86_64", "3.11.9"),
    "macOS on Intel, Windows on x86-64": Platform("Windows", "AMD64", "3.12.0"),
    "Linux arm64 and other processors": Platform("Linux", "aarch64", "3.12.0", (2, 41)),
}


@pytest.mark.parametrize("platform", OTHERS)
def test_each_platform_without_a_wheel_has_the_beginning_of_its_line(platform: str) -> None:
    [said] = [row[1] for row in ROWS if row[0] == platform]
    quoted = re.match(r"`+(.+?)…?`+(?: |\.|$)", said)
    assert quoted
    assert way_out(OTHERS[platform]).replace(f"{SERVER}.", "").startswith(quoted[1].removesuffix("…"))
