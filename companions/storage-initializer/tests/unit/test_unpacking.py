"""Archives from others: nothing gets out of the destination, nothing but files comes out, and there are limits."""

import io
import tarfile
import zipfile

import pytest
from initializer_support.command import Command
from initializer_support.web import Web


def tar_of(*members: tuple[str, bytes, str]) -> bytes:
    """An archive of members: name, type, and the target of a link or the content of a file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, kind, text in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            member.linkname = text if kind in {tarfile.SYMTYPE, tarfile.LNKTYPE} else ""
            member.size = 0 if member.linkname or kind != tarfile.REGTYPE else len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


def zip_of(name: str, data: bytes, mode: int = 0o100644) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        member.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(member, data)
    return out.getvalue()


FILE, LINK, HARD = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.tar.gz", tar_of(("../x", FILE, "x")), "leads out"),
        ("a.tar.gz", tar_of(("/etc/x", FILE, "x")), "leads out"),
        ("a.tar.gz", tar_of(("a/../../x", FILE, "x")), "leads out"),
        ("a.tar.gz", tar_of(("link", LINK, "/etc/passwd")), "outside"),
        ("a.tar.gz", tar_of(("link", LINK, "../x")), "outside"),
        ("a.tar.gz", tar_of(("d", LINK, ".."), ("d/x", FILE, "x")), "outside"),
        ("a.tar.gz", tar_of(("link", HARD, "../x")), "outside"),
        ("a.tar.gz", tar_of(("link", LINK, "missing")), "no file of the archive"),
        ("a.tar.gz", tar_of(("one", LINK, "two"), ("two", LINK, "one")), "no file of the archive"),
        ("a.tar.gz", tar_of(("d/x", FILE, "x"), ("folder", LINK, "d")), "no file of the archive"),
        ("a.tar.gz", tar_of(("dev", tarfile.CHRTYPE, "")), "device"),
        ("a.tar.gz", tar_of(("dev", tarfile.BLKTYPE, "")), "device"),
        ("a.tar.gz", tar_of(("pipe", tarfile.FIFOTYPE, "")), "pipe"),
        ("a.tar.gz", tar_of(("x", FILE, "x"), ("x/y", FILE, "y")), "a file and a folder"),
        ("a.tar.gz", tar_of(("x", FILE, "x"))[:-9], "damaged or cut"),
        ("a.tar.gz", b"no archive", "is no tar archive"),
        ("a.zip", zip_of("../x", b"x"), "leads out"),
        ("a.zip", zip_of("/x", b"x"), "leads out"),
        ("a.zip", zip_of("link", b"/etc/passwd", 0o120777), "outside"),
        ("a.zip", zip_of("pipe", b"", 0o010644), "pipe"),
        ("a.zip", zip_of("x", b"x" * 999)[:-30], "cannot be read"),
        ("a.zip", b"no archive", "is no zip archive"),
    ],
)
def test_a_hostile_or_damaged_archive_is_refused(command: Command, web: Web, name: str, data: bytes, said: str) -> None:
    assert said in command.fails(web.serve(f"/{name}", data))
    assert sorted(command.destination.parent.iterdir()) == [command.destination]


def test_links_become_the_files_that_they_lead_to(command: Command, web: Web) -> None:
    data = tar_of(("a/late", LINK, "../b/x"), ("b/x", FILE, "x"), ("hard", HARD, "b/x"), ("again", LINK, "a/late"))
    ended = command(web.serve("/a.tar.gz", data))
    assert ended.files == dict.fromkeys(("a/late", "b/x", "hard", "again"), b"x"), ended.log
    assert not any(path.is_symlink() for path in command.destination.rglob("*"))


@pytest.mark.parametrize(("name", "pack"), [("bomb.zip", "zip"), ("bomb.tar.gz", "tar")])
def test_an_archive_that_grows_too_much_is_refused(command: Command, web: Web, name: str, pack: str) -> None:
    zeros = "\0" * (8 * 2**20)
    command.having(MODEL_REGISTRY_MOST_UNPACKED_GIB="0.004")
    data = zip_of("x", zeros.encode()) if pack == "zip" else tar_of(("x", FILE, zeros))
    assert "too large when it is unpacked" in command.fails(web.serve(f"/{name}", data))
