"""Signatures: equal while nothing changes, another one after each kind of change, links of Kubernetes included."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from model_catalog.loading.signatures import signature_below, signature_of


def mounted(folder: Path, text: str) -> Path:
    """A file as Kubernetes mounts a ConfigMap: a link to a link to a folder with the present content."""
    data = folder / f"..{text}"
    data.mkdir(parents=True)
    (data / "models.yaml").write_text(text)
    link = folder / "..new"
    link.symlink_to(data.name)
    link.replace(folder / "..data")
    path = folder / "models.yaml"
    if not path.is_symlink():
        path.symlink_to("..data/models.yaml")
    return path


def test_a_swap_of_links_is_seen(tmp_path: Path) -> None:
    path = mounted(tmp_path, "one")
    before = signature_of([path])
    assert signature_of([path]) == before
    mounted(tmp_path, "two")
    assert path.read_text() == "two"
    assert signature_of([path]) != before


def changed(path: Path) -> None:
    path.write_text("other text")


def touched(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def locked(path: Path) -> None:
    path.chmod(0)


def removed(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [changed, touched, locked, removed])
def test_each_change_of_a_file_is_seen(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = tmp_path / "deep" / "er" / "metadata.json"
    path.parent.mkdir(parents=True)
    path.write_text("text")
    before = signature_of([path]), signature_below([tmp_path])
    assert (signature_of([path]), signature_below([tmp_path])) == before
    change(path)
    assert signature_of([path]) != before[0]
    assert signature_below([tmp_path]) != before[1]


def test_a_new_file_in_any_depth_is_seen(tmp_path: Path) -> None:
    before = signature_below([tmp_path])
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert signature_below([tmp_path]) == before
    (tmp_path / "a" / "b" / "performance.ndjson").write_text("")
    assert signature_below([tmp_path]) != before


def test_folders_in_a_circle_and_missing_ones_end(tmp_path: Path) -> None:
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "file").write_text("")
    assert [Path(name).name for name, *_ in signature_below([tmp_path, tmp_path / "missing"])] == ["file"]
