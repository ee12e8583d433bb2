"""Hosts and patterns of hosts, as headers and settings write them."""

import pytest

from model_registry_proxy.http.authorities import Authority, is_loopback, read_authority, read_pattern


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("Example.ORG", "example.org", None),
        ("example.org.", "example.org", None),
        ("example.org:8080", "example.org", 8080),
        ("example.org:", "example.org", None),
        ("127.0.0.1:80", "127.0.0.1", 80),
        ("[::1]:80", "::1", 80),
        ("[0:0:0:0:0:0:0:1]", "::1", None),
        ("[::ffff:127.0.0.1]", "127.0.0.1", None),
    ],
)
def test_every_spelling_of_a_host_becomes_the_same_text(text: str, host: str, port: int | None) -> None:
    assert read_authority(text) == Authority(host, port)


@pytest.mark.parametrize(
    "text", ["", ":80", "a b", "a,b", "a/b", "user@a", "a:b", "a:123456", "::1", "[::1", "a:1:2", "a\n", "é"]
)
def test_a_text_that_is_no_host_is_refused(text: str) -> None:
    assert read_authority(text) is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.example.org", "127.0.0.1.example.org", "10.0.0.1", "0.0.0.0", "::2"])  # noqa: S104
def test_other_hosts_are_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("registry.example.org", "REGISTRY.example.org"),
        ("registry.example.org", "registry.example.org:8443"),
        ("registry.example.org:8443", "registry.example.org:8443"),
        ("*.example.org", "a.example.org"),
        ("*.EXAMPLE.org", "a.b.example.org:1"),
        ("*.example.org:80", "a.example.org:80"),
        ("10.1.2.3", "10.1.2.3:8080"),
        ("[fd00::1]", "[fd00:0::1]:8080"),
        ("*", "anything:1"),
        ("*:80", "anything:80"),
    ],
)
def test_a_pattern_matches_what_it_names(pattern: str, text: str) -> None:
    assert matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("registry.example.org", "registry.example.org.evil.example"),
        ("registry.example.org", "evilregistry.example.org"),
        ("registry.example.org:8443", "registry.example.org"),
        ("registry.example.org:8443", "registry.example.org:443"),
        ("*.example.org", "example.org"),
        ("*.example.org", ".example.org"),
        ("*.example.org", "evilexample.org"),
        ("*.example.org", "a.example.org.evil.example"),
        ("*:80", "anything"),
    ],
)
def test_a_pattern_matches_nothing_else(pattern: str, text: str) -> None:
    assert not matches(pattern, text)


@pytest.mark.parametrize("text", ["", "**", "a*.example.org", "*.*.org", "a.*", "*.", "https://a", "a/b"])
def test_a_star_is_allowed_only_at_the_start(text: str) -> None:
    assert read_pattern(text) is None


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches a host, both as texts."""
    read, authority = read_pattern(pattern), read_authority(text)
    assert read is not None
    assert authority is not None
    return read.matches(authority)
