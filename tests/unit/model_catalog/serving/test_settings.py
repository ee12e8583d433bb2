"""The settings of a process that serves only the catalog."""

from pathlib import Path

import pytest

from model_catalog.serving.settings import listed, of_catalog, paths, read_address
from model_registry_proxy.configuration.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("0.0.0.0", 8080)),  # noqa: S104 (what is listened on by default)
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        (":9000", ("0.0.0.0", 9000)),  # noqa: S104 (the same)
        ("[::1]:8081", ("::1", 8081)),
        ("catalog.test:65535", ("catalog.test", 65535)),
    ],
)
def test_an_address_has_a_host_and_a_port(text: str, expected: tuple[str, int]) -> None:
    assert read_address(text) == expected


@pytest.mark.parametrize("text", ["8080", "host", "host:", "host:x", "host:65536", "::1:80", "host:-1", "host:²"])
def test_other_texts_are_no_address(text: str) -> None:
    with pytest.raises(SettingsError, match="--listen"):
        read_address(text)


def test_values_stand_between_commas() -> None:
    assert listed(" a, ,b,") == ("a", "b")
    assert paths("x/a.yaml,b.yaml") == (Path("x/a.yaml"), Path("b.yaml"))


def test_the_catalog_needs_a_sources_file_and_knows_all_hosts() -> None:
    with pytest.raises(SettingsError, match="--catalogs-path"):
        of_catalog(Settings(catalogs_path=" , "))
    chosen = of_catalog(Settings(catalogs_path="a.yaml", listen="localhost:1", workers=3))
    assert (chosen.hostname, chosen.port, chosen.allowed_hosts, chosen.workers) == ("localhost", 1, "*", 1)
    assert of_catalog(Settings(catalogs_path="a.yaml", allowed_hosts="x.test")).allowed_hosts == "x.test"
