"""Reading the audit log from its end: pages, bounds, broken lines, and files that are rotated between pages."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from model_registry_proxy.registry.trail import LinePosition, TrailPage, UnknownPlaceError, Wanted
from model_registry_proxy.security.audit_trail import AuditTrail, trail

SMALL_BLOCK = 300
"""Bytes: one or two lines."""


def line(number: int, user: str = "ann", **more: Any) -> str:
    """A record that was written `number` seconds after the epoch."""
    time = f"1970-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000Z"
    content = {"time": time, "user": user, "method": "PATCH", "id": str(number), "changed": ["owner"], **more}
    return json.dumps(content, separators=(",", ":")) + "\n"


def write(path: Path, numbers: Iterable[int]) -> None:
    with path.open("a") as file:
        file.writelines(line(number) for number in numbers)


def put(path: Path, text: str) -> None:
    path.write_text(text, "latin-1")


def everything(since: int = 0) -> Wanted:
    return Wanted(lambda _: True, since=since)


def ids(page: TrailPage) -> list[int]:
    return [int(record.content["id"]) for record in page.records]


async def all_pages(read: AuditTrail, size: int, wanted: Wanted | None = None) -> list[list[int]]:
    pages: list[list[int]] = []
    behind: LinePosition | None = None
    while behind or not pages:
        page = await read.read(wanted or everything(), size, behind)
        pages.append(ids(page))
        behind = page.last
    return pages


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.log"


@pytest.mark.parametrize("block", [SMALL_BLOCK, 1000, 2**20])
async def test_pages_have_all_records_once_newest_first(path: Path, block: int) -> None:
    write(path, range(10))
    pages = await all_pages(AuditTrail(path, block_bytes=block), 4)
    assert pages == [[9, 8, 7, 6], [5, 4, 3, 2], [1, 0]]


async def test_a_page_that_is_just_full_is_the_last_one(path: Path) -> None:
    write(path, range(4))
    assert await all_pages(AuditTrail(path), 4) == [[3, 2, 1, 0]]


@pytest.mark.parametrize("content", ["", "\n\n", '{"time"', '{"time": "1970-01-01T00:00:00Z"}\n'])
async def test_a_log_without_a_whole_record_is_empty(path: Path, content: str) -> None:
    put(path, content)
    assert await AuditTrail(path).read(everything(), 4, None) == ([], None)


BROKEN = [
    "half of a li\n",
    "[]\n",
    "null\n",
    '{"time": 7}\n',
    '{"time": "soon"}\n',
    "\xff\xfe\n",
    "x" * 1000 + "\n",
    line(5, changed=[7]),
    line(5, status="200"),
]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("block", [SMALL_BLOCK, 2**20])
async def test_broken_lines_are_skipped(path: Path, broken: str, block: int) -> None:
    put(path, line(0) + broken + line(1) + line(2)[:40])
    assert await all_pages(AuditTrail(path, block_bytes=block), 1) == [[1], [0]]


async def test_records_that_arrive_between_pages_do_not_move_the_next_page(path: Path) -> None:
    write(path, range(6))
    read = AuditTrail(path)
    first = await read.read(everything(), 2, None)
    write(path, range(6, 20))
    second = await read.read(everything(), 2, first.last)
    assert (ids(first), ids(second)) == ([5, 4], [3, 2])


async def test_only_lines_that_hold_the_facts_are_decoded_and_the_test_decides(path: Path) -> None:
    put(path, "".join(line(number, user="bob" if number % 3 else "ann") for number in range(30)))
    seen = []

    def matches(record: Any) -> bool:
        seen.append(record.content["user"])
        return int(record.content["id"]) % 2 == 0

    wanted = Wanted(matches, {"user": "ann"})
    pages = await all_pages(AuditTrail(path, block_bytes=SMALL_BLOCK), 50, wanted)
    assert pages == [[24, 18, 12, 6, 0]]
    assert set(seen) == {"ann"}


@pytest.mark.parametrize("bounds", [{"most_bytes": 500}, {"most_lines": 4}])
async def test_a_request_reads_a_bounded_part_and_the_next_page_goes_on_behind_it(
    path: Path, bounds: dict[str, int]
) -> None:
    write(path, range(40))
    oldest = Wanted(lambda record: record.content["id"] in ("0", "1"))
    pages = await all_pages(AuditTrail(path, block_bytes=SMALL_BLOCK, **bounds), 5, oldest)
    assert len(pages) > 5
    assert [id_ for page in pages for id_ in page] == [1, 0]


async def test_rotated_files_follow_and_compressed_ones_do_not(path: Path) -> None:
    for name, number in [("audit.log-20270101", 0), ("audit.log.2", 2), ("audit.log.1", 4), ("audit.log", 6)]:
        write(path.with_name(name), [number, number + 1])
        if name != path.name:
            os.utime(path.with_name(name), (number, number))
    for name in ("audit.log.3.gz", "audit.log.old", "audit.logs", "other"):
        write(path.with_name(name), [99])
    assert await all_pages(AuditTrail(path), 3) == [[7, 6, 5], [4, 3, 2], [1, 0]]


def rename(path: Path) -> None:
    path.with_name("audit.log.1").rename(path.with_name("audit.log.2"))
    path.rename(path.with_name("audit.log.1"))


def copy_and_truncate(path: Path) -> None:
    path.with_name("audit.log-20270131").write_bytes(path.read_bytes())
    os.truncate(path, 0)


@pytest.mark.parametrize("rotate", [rename, copy_and_truncate])
async def test_a_page_goes_on_where_it_was_after_the_file_was_rotated(path: Path, rotate: Any) -> None:
    write(path.with_name("audit.log.1"), range(4))
    os.utime(path.with_name("audit.log.1"), (1, 1))
    write(path, range(4, 8))
    read = AuditTrail(path)
    first = await read.read(everything(), 3, None)
    rotate(path)
    write(path, range(8, 30))
    second = await read.read(everything(), 3, first.last)
    third = await read.read(everything(), 3, second.last)
    assert (ids(first), ids(second), ids(third)) == ([7, 6, 5], [4, 3, 2], [1, 0])


async def test_a_place_that_is_in_no_file_any_more_is_an_error(path: Path) -> None:
    write(path, range(4))
    read = AuditTrail(path)
    first = await read.read(everything(), 2, None)
    put(path, line(50))
    with pytest.raises(UnknownPlaceError):
        await read.read(everything(), 2, first.last)


async def test_reading_ends_at_a_time_but_not_before_records_that_workers_wrote_out_of_order(path: Path) -> None:
    write(path, [10, 200, 170, 199, 201])
    assert ids(await AuditTrail(path).read(everything(since=199_000), 9, None)) == [201, 199, 200]
    write(path, [300, 20, 301])
    assert ids(await AuditTrail(path).read(everything(since=199_000), 9, None)) == [301]


async def test_a_part_of_the_log_that_is_too_old_is_not_read_for_a_record_that_is_rare(path: Path) -> None:
    write(path, range(500))
    rare = Wanted(lambda record: record.content["id"] == "0", {"id": "none"}, since=490_000)
    page = await AuditTrail(path, block_bytes=SMALL_BLOCK, most_bytes=20_000).read(rare, 5, None)
    assert page == ([], None)


def test_nothing_is_kept_without_a_file(path: Path) -> None:
    os.mkfifo(path)
    assert [trail(""), trail("-"), trail(str(path)), trail("/dev/null")] == [None] * 4
