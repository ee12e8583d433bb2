"""Compiled files: what was written comes back, and a file that was cut or is of another form counts as none."""

import os
import zlib
from pathlib import Path

import pytest

from model_catalog.loading.compiled import Header, file_of, read, write

PIECES = [b"one\ntwo", b"", bytes(range(256)), "größe\n".encode()]
HEADER = Header("print", 1_700_000_000_000, 3, ("models.yaml: line 3: no name",))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "a.catalog"


def test_what_is_written_comes_back(path: Path) -> None:
    write(path, HEADER, PIECES)
    found = read(path)
    assert found
    assert (found.header, list(found.pieces)) == (HEADER, PIECES)


def test_a_file_can_be_read_after_another_one_took_its_place(path: Path) -> None:
    write(path, HEADER, PIECES)
    found = read(path)
    assert found
    write(path, Header("other", 0, 0), [])
    assert list(found.pieces) == PIECES


def test_a_file_without_pieces_comes_back(path: Path) -> None:
    write(path, Header("print", 5, 0), [])
    found = read(path)
    assert found
    assert list(found.pieces) == []


@pytest.mark.parametrize("kept", [0.0, 0.2, 0.5, 0.99])
def test_a_file_that_was_cut_counts_as_none(path: Path, kept: float) -> None:
    write(path, HEADER, PIECES)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert read(path) is None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"nonsense",
        b'{"form": "0", "fingerprint": "", "read_at": 0, "count": 0, "failures": [], "lengths": []}',
        b'{"form": 1, "fingerprint": "", "read_at": 0, "count": 0, "failures": []}',
    ],
)
def test_a_file_of_another_form_counts_as_none(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "a.catalog"
    content = line + b"\n"
    path.write_bytes(content + b"end %08x" % zlib.crc32(content))
    assert read(path) is None


@pytest.mark.parametrize("place", [0, 5, 40, 150, -1])
def test_a_file_with_one_damaged_byte_counts_as_none(path: Path, place: int) -> None:
    write(path, HEADER, PIECES)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert read(path) is None


def test_no_file_counts_as_none(tmp_path: Path) -> None:
    assert read(tmp_path / "a.catalog") is None


def test_a_pipe_in_place_of_the_file_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "a.catalog"
    os.mkfifo(path)
    assert read(path) is None


def test_a_failed_writing_leaves_the_former_file_and_nothing_else(path: Path) -> None:
    write(path, HEADER, PIECES)
    with pytest.raises(TypeError):
        write(path, HEADER, [b"a", ["b"]])  # type: ignore[list-item]
    found = read(path)
    assert found
    assert found.header == HEADER
    assert list(path.parent.iterdir()) == [path]


def test_each_source_has_a_file_of_its_own(tmp_path: Path) -> None:
    assert file_of(tmp_path, "a", "bc") != file_of(tmp_path, "ab", "c")
    assert file_of(tmp_path, "../x").parent == tmp_path
