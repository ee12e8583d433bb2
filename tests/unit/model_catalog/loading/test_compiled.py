"""Compiled files: what was written comes back, and a file that was cut or is of another form counts as none."""

import zlib
from pathlib import Path

import pytest

from model_catalog.entries import Entry
from model_catalog.loading.compiled import Header, file_of, line_of, read, write

ENTRIES = [
    Entry({"name": "a", "n": 1}, [{"uri": "s3://b/a"}]),
    Entry({"name": "größe\n"}, filtered={"externalId": "x"}),
    Entry({"name": "c"}, [{}, {}]),
]
HEADER = Header("print", 1_700_000_000_000, 3, ("models.yaml: line 3: no name",))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "a.catalog"


def test_what_is_written_comes_back(path: Path) -> None:
    write(path, HEADER, map(line_of, ENTRIES))
    found = read(path)
    assert found
    header, content = found
    assert (header, content.failures) == (HEADER, HEADER.failures)
    assert len(content.entries) == 3
    assert [(each.item, list(each.parts), each.filtered) for each in content.entries] == [
        (each.item, list(each.parts), each.filtered) for each in ENTRIES
    ]
    assert content.entries[2].parts == [{}, {}]


def test_entries_can_be_gone_through_twice_and_after_another_file_took_the_place(path: Path) -> None:
    write(path, HEADER, map(line_of, ENTRIES))
    found = read(path)
    assert found
    write(path, Header("other", 0, 0), [])
    assert [entry.item["name"] for entry in found[1].entries] == ["a", "größe\n", "c"]
    assert [entry.item["name"] for entry in found[1].entries] == ["a", "größe\n", "c"]


def test_an_empty_source_comes_back(path: Path) -> None:
    write(path, Header("print", 5, 0), [])
    found = read(path)
    assert found
    assert list(found[1].entries) == []


@pytest.mark.parametrize("kept", [0.0, 0.2, 0.5, 0.99])
def test_a_file_that_was_cut_counts_as_none(path: Path, kept: float) -> None:
    write(path, HEADER, map(line_of, ENTRIES))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert read(path) is None


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[]", b"nonsense", b'{"form": 0, "fingerprint": "", "read_at": 0, "count": 0, "failures": []}'],
)
def test_a_file_of_another_form_counts_as_none(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "a.catalog"
    content = line + b"\n"
    path.write_bytes(content + b"end %08x" % zlib.crc32(content))
    assert read(path) is None


@pytest.mark.parametrize("place", [0, 5, 40, 150, -1])
def test_a_file_with_one_damaged_byte_counts_as_none(path: Path, place: int) -> None:
    write(path, HEADER, map(line_of, ENTRIES))
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert read(path) is None


def test_no_file_counts_as_none(tmp_path: Path) -> None:
    assert read(tmp_path / "a.catalog") is None


def test_a_failed_writing_leaves_the_former_file_and_nothing_else(path: Path) -> None:
    write(path, HEADER, map(line_of, ENTRIES))
    with pytest.raises(TypeError):
        write(path, HEADER, map(line_of, [Entry({"name": object()})]))
    found = read(path)
    assert found
    assert found[0] == HEADER
    assert list(path.parent.iterdir()) == [path]


def test_each_source_has_a_file_of_its_own(tmp_path: Path) -> None:
    assert file_of(tmp_path, "a", "bc") != file_of(tmp_path, "ab", "c")
    assert file_of(tmp_path, "../x").parent == tmp_path
