"""Archives of strangers."""

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.sources import archives

FILES = {"config.json": b"{}", "onnx/model with space.onnx": b"onnx" * 1000, "model..v2.bin": b"", "ü%20.bin": b"u"}


def tar(names: dict[str, bytes], mode: str = "w") -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return output.getvalue()


def zipped(names: dict[str, bytes]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return output.getvalue()


def special(kind: bytes) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as archive:
        info = tarfile.TarInfo("special")
        info.type, info.linkname = kind, "../../etc/passwd"
        archive.addfile(info)
    return output.getvalue()


def zip_link() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return output.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "data", [tar(FILES), tar(FILES, "w:gz"), tar(FILES, "w:bz2"), tar(FILES, "w:xz"), zipped(FILES)]
)
def test_every_file_is_unpacked(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "model.archive"
    file.write_bytes(data)
    assert archives.is_archive(file)
    archives.unpack(file, tmp_path / "out")
    assert contents(tmp_path / "out") == FILES


def test_only_what_lies_below_a_folder_may_be_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "layer.tar"
    file.write_bytes(tar({"bin/sh": b"x", "models/a/b": b"y", "./models/c": b"z"}))
    archives.unpack(file, tmp_path / "out", "models")
    assert contents(tmp_path / "out") == {"a/b": b"y", "c": b"z"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (tar({"ok": b"", "../x": b"x"}), "would be written outside the folder"),
        (zipped({"ok": b"", "../x": b"x"}), "would be written outside the folder"),
        (zipped({"..\\x": b"x"}), "would be written outside the folder"),
        (tar({"/etc/x": b"x"}), "would be written outside the folder"),
        (tar({"a": b"x", "a/b": b"y"}), "is a file and a folder at once"),
        (special(tarfile.SYMTYPE), "is a link"),
        (special(tarfile.LNKTYPE), "is a link"),
        (special(tarfile.CHRTYPE), "is a device"),
        (special(tarfile.FIFOTYPE), "is a device"),
        (zip_link(), "is a link or a device"),
        (tar(FILES, "w:gz")[:-200], "is damaged"),
        (zipped(FILES)[:-60] + b"\0" * 60, "is damaged"),
    ],
)
def test_an_archive_that_would_do_harm_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(data)
    with pytest.raises(UploadError, match=reason):
        archives.unpack(file, tmp_path / "deep" / "out")
    assert not (tmp_path / "x").exists()
    assert not (tmp_path / "deep" / "x").exists()


def test_an_archive_that_would_fill_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bomb.zip"
    file.write_bytes(zipped({"zeros": b"\0" * 20_000_000}))
    free = archives._KEPT_FREE + 1_000_000
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    with pytest.raises(UploadError, match="do not fit on the disk"):
        archives.unpack(file, tmp_path / "out")


def test_an_archive_that_becomes_500_times_as_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 1_000_000)
    file = tmp_path / "bomb.tar.bz2"
    file.write_bytes(tar({"zeros": b"\0" * 10_000_000}, "w:bz2"))
    with pytest.raises(UploadError, match="more than 500 times its size"):
        archives.unpack(file, tmp_path / "out")


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 2)
    file = tmp_path / "many.tar"
    file.write_bytes(tar(FILES))
    with pytest.raises(UploadError, match="more than 2 files"):
        archives.unpack(file, tmp_path / "out")


@pytest.mark.parametrize("name", ["model.pt", "model.keras", "arrays.npz"])
def test_a_model_file_that_is_a_zip_by_nature_stays_as_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(zipped(FILES))
    assert not archives.is_archive(tmp_path / name)
