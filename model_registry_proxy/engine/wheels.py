"""Which wheel of ml-metadata is made for which platform, and what to do on a platform that has none.

`engine/database.py` gives this advice when it cannot load the package. The Makefile asks before it installs: as a script, this
file ends with status 0 where a wheel fits the Python that runs it, else with status 1 and one line. So it needs only the
standard library.
"""

from __future__ import annotations

import platform
import sys
from typing import NamedTuple


class Wheel(NamedTuple):
    """A release of ml-metadata and a platform that it has wheels for, in the words of the module `platform`."""

    release: str
    system: str
    machine: str
    pythons: tuple[str, ...]
    glibc: tuple[int, int] | None
    """The oldest that the wheel runs on."""


WHEELS = (
    Wheel("1.17", "Linux", "x86_64", ("3.11",), (2, 17)),
    Wheel("1.21", "Linux", "x86_64", ("3.12", "3.13"), (2, 39)),
    Wheel("1.21", "Darwin", "arm64", ("3.11", "3.12", "3.13"), None),
)
"""The wheels that the extra `embedded` installs. 1.21 has one for 3.11 on Linux too, but cannot filter, as 1.17 can."""

RUN_AMD64_IMAGES = {("Linux", "x86_64"), ("Darwin", "x86_64"), ("Windows", "AMD64")}
"""Where containers of the image `embedded` run without emulation."""
SERVER = "point to a running MLMD server with --mlmd-hostname and --mlmd-port"


class Platform(NamedTuple):
    """What decides which wheel fits."""

    system: str
    machine: str
    python: str
    glibc: tuple[int, int] | None = None

    def __str__(self) -> str:
        """Name the platform as a reader would, such as `Linux x86_64 with Python 3.12.1 and glibc 2.36`."""
        libc = f" and glibc {self.glibc[0]}.{self.glibc[1]}" if self.glibc else ""
        return f"{self.system} {self.machine} with Python {self.python}{libc}"


def here() -> Platform:
    """The platform of this process."""
    library, version = platform.libc_ver()
    glibc = tuple(int(part) for part in version.split(".")[:2]) if library == "glibc" else None
    return Platform(
        platform.system(), platform.machine(), platform.python_version(), (glibc[0], glibc[1]) if glibc else None
    )


def wheel_for(where: Platform) -> Wheel | None:
    """The wheel that is installed on a platform; `None` where there is none."""
    minor = ".".join(where.python.split(".")[:2])
    return next((wheel for wheel in _on(where) if minor in wheel.pythons), None)


def way_out(where: Platform) -> str:
    """Say how to get an engine, or a server in its place."""
    if wheel_for(where):
        return f"Install the `embedded` extra, or {SERVER}."
    if pythons := sorted({python for wheel in _on(where) for python in wheel.pythons}):
        return f"Use Python {_either(pythons)}, or {SERVER}."
    if (where.system, where.machine) in RUN_AMD64_IMAGES:
        return f"Run the image `embedded`, or {SERVER}."
    return f"{SERVER[0].upper()}{SERVER[1:]}."


def _on(where: Platform) -> list[Wheel]:
    """The wheels for this system, processor and C library, whatever the Python."""
    return [
        wheel
        for wheel in WHEELS
        if (wheel.system, wheel.machine) == (where.system, where.machine)
        and (wheel.glibc is None or (where.glibc is not None and where.glibc >= wheel.glibc))
    ]


def _either(names: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


if __name__ == "__main__":
    sys.exit(None if wheel_for(here()) else f"ml-metadata has no wheel for {here()}. {way_out(here())}")
