"""Stores that ml-metadata 1.17 and 1.21 wrote are read and continued by the release that is installed, and keep their schema."""

from pathlib import Path

import httpx
import pytest

from tests.interop.releases import FIXTURES, RELEASES, answers, copy_of_the_store, schema, write
from tests.support import processes


def test_the_releases_have_one_schema() -> None:
    first, second = (schema(FIXTURES / f"ml-metadata-{release}.sqlite") for release in RELEASES)
    assert first == second
    assert first[0] == 10


@pytest.mark.parametrize("release", RELEASES)
def test_a_store_of_each_release_is_read_and_continued(release: str, tmp_path: Path) -> None:
    fresh, opened = tmp_path / "fresh", tmp_path / "opened"
    fresh.mkdir()
    opened.mkdir()
    file = copy_of_the_store(release, opened)
    with processes.proxy(fresh) as empty, processes.proxy(opened, database=str(file)) as proxy:
        write(empty.api)
        assert answers(proxy.api) == answers(empty.api)
        changed = httpx.patch(f"{proxy.api}/registered_models/1", json={"description": "continued"})
        added = httpx.post(f"{proxy.api}/registered_models/1/versions", json={"name": "v2", "registeredModelId": "1"})
        assert (changed.status_code, added.status_code) == (200, 201)
        assert httpx.get(f"{proxy.api}/registered_models/1/versions").json()["size"] == 2
    assert schema(file) == schema(FIXTURES / f"ml-metadata-{release}.sqlite")
