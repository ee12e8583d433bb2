"""Only plain web addresses become links."""

import pytest
from model_registry_ui.links import address, host


@pytest.mark.parametrize(
    "text", ["https://example.org", "http://example.org:8080/a?b=c#d", " HTTPS://EXAMPLE.ORG/ ", "http://[::1]/x"]
)
def test_web_addresses_become_links(text: str) -> None:
    assert address(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "s3://a/b",
        "//example.org",
        "/path",
        "https:example.org",
        "https://",
        "https://user@example.org",
        "https://google.com\\@example.org",
        "https://a b",
        "https://a\u202eb",
        "https://ex\u0430mple.org",
        "https://[::1",
        "https://example.org:99999",
        "http://a\0",
        'https://a/"x',
        "vbscript:x",
        "file:///etc/passwd",
    ],
)
def test_everything_else_stays_a_text(text: str) -> None:
    assert address(text) is None
    assert host(text) == ""


def test_the_host_of_an_address_is_named() -> None:
    assert host("https://Example.org:8080/a") == "example.org"
