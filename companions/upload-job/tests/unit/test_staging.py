"""Fetching files that are cut, or that come too slowly."""

import itertools
import resource
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.retrying import BrokenOffError, StalledError
from model_registry_upload_job.sources.remote import Reading, RemoteFile
from model_registry_upload_job.sources.staging import Staging

DATA = b"0123456789" * 10


class Cut:
    """A source that brings 7 bytes at a time, and then raises an error."""

    name = "the source"

    def __init__(self, error: Exception) -> None:
        self.error, self.offsets = error, list[int]()

    def files(self) -> Sequence[RemoteFile]:
        return [RemoteFile("model.bin", len(DATA), "mark")]

    def read(self, file: RemoteFile, offset: int) -> Reading:  # noqa: ARG002 (there is one file)
        self.offsets.append(offset)

        def chunks() -> Iterator[bytes]:
            yield DATA[offset : offset + 7]
            if offset + 7 < len(DATA):
                raise self.error

        return Reading(offset, chunks())

    def arrange(self, fetched: Path, folder: Path) -> Path:  # noqa: ARG002 (nothing is unpacked)
        return fetched


def test_a_file_that_is_cut_again_and_again_is_complete_in_the_end(tmp_path: Path) -> None:
    source, pauses = Cut(BrokenOffError("cut")), list[float]()
    folder = Staging(tmp_path, lambda _: None, pauses.append).fetch(source, source.files())
    assert (folder / "model.bin").read_bytes() == DATA
    assert source.offsets == list(range(0, 100, 7))
    assert len(set(pauses)) == 1


def test_a_source_that_is_too_slow_is_given_up_after_six_attempts(tmp_path: Path) -> None:
    source = Cut(StalledError("the source sent only 7 bytes in 60 seconds"))
    with pytest.raises(UploadError, match="sent only 7 bytes in 60 seconds, 6 times"):
        Staging(tmp_path, lambda _: None, lambda _: None).fetch(source, source.files())
    assert len(source.offsets) == 6


class Endless(Cut):
    """A source whose file does not end, and that does not say how large it is."""

    def files(self) -> Sequence[RemoteFile]:
        return [RemoteFile("model.bin")]

    def read(self, file: RemoteFile, offset: int) -> Reading:  # noqa: ARG002 (as above)
        return Reading(0, itertools.repeat(b"x" * 2**16))


def test_a_file_for_which_there_is_no_room_names_the_remedy_and_is_deleted(tmp_path: Path) -> None:
    source, before = Endless(OSError()), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, before[1]))  # the largest file of this process
    try:
        with pytest.raises(UploadError, match="cannot be written: File too large"):
            Staging(tmp_path, lambda _: None).fetch(source, source.files())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_source_that_asks_to_wait_gets_its_time(tmp_path: Path) -> None:
    source, pauses = Cut(BrokenOffError("busy", 42)), list[float]()
    Staging(tmp_path, lambda _: None, pauses.append).fetch(source, source.files())
    assert set(pauses) == {42}
