"""A scheme that is not usual is pointed out on the page of an artifact."""

import pytest
from model_registry_ui.options import Options
from model_registry_ui.uri_schemes import unusual_scheme

from companions.ui.tests.fake_backend import FakeBackend, browsing


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("s3://a/b", ""),
        ("HF://a", ""),
        ("/mnt/a", ""),
        ("C:/a", ""),
        ("", ""),
        (None, ""),
        ("s4://a", "s4"),
        ("Htps://a", "htps"),
    ],
)
def test_only_an_unknown_scheme_is_unusual(uri: str | None, expected: str) -> None:
    assert unusual_scheme(uri) == expected


@pytest.mark.parametrize(("uri", "is_shown"), [("s4://models/a", True), ("s3://models/a", False)])
async def test_the_page_of_an_artifact_has_a_hint_on_an_unusual_scheme(uri: str, is_shown: bool) -> None:
    backend = FakeBackend()
    made = backend.add("artifacts", name="a", artifactType="model-artifact", uri=uri)
    async with browsing(backend, Options(ways=())) as client:
        text = (await client.get(f"/ui/artifacts/{made['id']}")).text
    assert ("The URI begins with s4:, which is not a usual scheme." in text) == is_shown
