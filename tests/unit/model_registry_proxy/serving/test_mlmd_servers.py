"""Names of MLMD servers: what may be said, and what is said about the rest."""

import pytest

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.serving.mlmd_servers import targets


def found(hostname: str, port: int | None = None) -> list[str]:
    return targets(Settings(mlmd_hostname=hostname, mlmd_port=port))


@pytest.mark.parametrize(
    ("hostname", "expected"),
    [
        ("", []),
        ("mlmd", ["mlmd:9090"]),
        ("mlmd:8080", ["mlmd:8080"]),
        ("10.0.0.7", ["10.0.0.7:9090"]),
        ("::1", ["[::1]:9090"]),
        ("[::1]", ["[::1]:9090"]),
        ("[fe80::1%eth0]:8080", ["[fe80::1%eth0]:8080"]),
        ("one, two:8080 ,", ["one:9090", "two:8080"]),
        ("dns:///mlmd.ns.svc", ["dns:///mlmd.ns.svc:9090"]),
        ("dns:///mlmd:8080,other", ["dns:///mlmd:8080", "other:9090"]),
    ],
)
def test_each_server_gets_its_port(hostname: str, expected: list[str]) -> None:
    assert found(hostname, 9090) == expected


def test_a_port_of_its_own_is_enough() -> None:
    assert found("one:1,two:2") == ["one:1", "two:2"]


@pytest.mark.parametrize(
    ("hostname", "words"),
    [
        ("one:1,two", "two needs a port: write two:9090, or --mlmd-port"),
        ("http://mlmd:8080", "'http://mlmd:8080' is not a host, host:port, [IPv6]:port or dns:///name"),
        ("dns://mlmd:80", "is not a host"),
        ("a b:80", "is not a host"),
        ("mlmd:0", "a port is a number from 1 to 65535"),
        ("mlmd:70000", "a port is a number from 1 to 65535"),
    ],
)
def test_a_wrong_name_is_reported_in_one_line(hostname: str, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        found(hostname)
    assert "--mlmd-hostname (MR_MLMD_HOSTNAME)" in str(refused.value)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
