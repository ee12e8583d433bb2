"""Files and archives of web servers."""

import gzip
import io
import sys
import tarfile
import zipfile

import pytest
from initializer_support.command import Command
from initializer_support.registry import TestRegistry
from initializer_support.web import Web

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FILES = {"config.json": b"{}\n", "model.bin": b"\x00\x01" * 5000, "onnx/model.onnx": b"onnx" * 100, "empty": b""}
SIZE = 5 * 2**20 + 7
LARGE = bytes(range(251)) * (SIZE // 251 + 1)


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("model.zip", zipped(FILES), "application/zip"),
        ("model.tar", tarred(FILES), "application/x-tar"),
        ("model.tar.gz", tarred(FILES, "w:gz"), "application/gzip"),
        ("model.tgz", tarred(FILES, "w:gz"), "application/octet-stream"),
        ("model.tar.xz", tarred(FILES, "w:xz"), "application/octet-stream"),
        ("model.tar.bz2", tarred(FILES, "w:bz2"), "application/octet-stream"),
        ("model.tar.zst", zstd.compress(tarred(FILES)), "application/octet-stream"),
        ("download", zipped(FILES), "application/zip"),
        ("download", tarred(FILES, "w:gz"), "application/x-gzip; charset=binary"),
    ],
)
@pytest.mark.parametrize("has_length", [True, False])
def test_an_archive_is_unpacked(
    command: Command, web: Web, name: str, data: bytes, content_type: str, *, has_length: bool
) -> None:
    ended = command(web.serve(f"/{name}", data, content_type=content_type, has_length=has_length))
    assert (ended.status, ended.files) == (0, FILES), ended.log


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("model.json", b"{}", "application/json"),
        ("model..v2.bin", b"dots", "application/octet-stream"),
        ("a b%c.onnx", b"x", "text/plain"),
        ("model.pt", zipped(FILES), "application/zip"),
        ("weights.gz", gzip.compress(b"only compressed"), "application/gzip"),
        ("empty", b"", "application/octet-stream"),
    ],
)
def test_a_file_stays_as_it_is(command: Command, web: Web, name: str, data: bytes, content_type: str) -> None:
    web.serve("/" + name.replace("%", "%25").replace(" ", "%20"), data, content_type=content_type)
    ended = command(web.url + "/" + name.replace("%", "%25").replace(" ", "%20"))
    assert (ended.status, ended.files) == (0, {name: data}), ended.log


def test_a_cut_file_is_continued_where_it_broke_off(command: Command, web: Web) -> None:
    uri = web.serve("/model.bin", LARGE, has_ranges=True, cuts=[0, 2**20, 2**20 + 1])
    assert command(uri).files == {"model.bin": LARGE}
    assert [headers["If-Range"] for _, headers in web.seen if headers.get("Range", "").startswith("bytes=1048576-")]


def test_a_cut_file_without_ranges_begins_again(command: Command, web: Web) -> None:
    uri = web.serve("/model.bin", LARGE, cuts=[1, 2**20])
    assert command(uri).files == {"model.bin": LARGE}


def test_a_file_that_breaks_off_again_and_again_leaves_nothing_under_its_name(command: Command, web: Web) -> None:
    ended = command(web.serve("/model.bin", b"12345678", cuts=[4] * 20))
    assert (ended.status, ended.files) == (1, {})
    assert '"model.bin" cannot be fetched' in ended.last


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_status_that_passes_is_tried_again(command: Command, web: Web, status: int) -> None:
    uri = web.serve("/model.bin", b"m", statuses=[status, status])
    assert command(uri).files == {"model.bin": b"m"}


def test_a_large_file_comes_in_parts(command: Command, web: Web) -> None:
    command.having(MODEL_REGISTRY_PART_MIB="1")
    assert command(web.serve("/model.bin", LARGE, has_ranges=True)).files == {"model.bin": LARGE}
    assert len({headers.get("Range") for _, headers in web.seen}) == 1 + 6


def test_headers_of_a_host_go_to_this_host_only(command: Command, web: Web) -> None:
    other = Web()
    other.serve("/model.bin", b"m")
    web.serve("/redirected", location=f"http://localhost:{other.server.server_port}/model.bin", needs={"X-Key": "k"})
    command.monkeypatch.setenv("127.0.0.1-headers", '{"X-Key": "k"}')
    ended = command(f"{web.url}/redirected")
    other.stop()
    assert ended.files == {"redirected": b"m"}, ended.log
    assert "X-Key" not in other.seen[0][1]


def test_a_sign_in_page_is_no_archive(command: Command, web: Web) -> None:
    uri = web.serve("/model.zip", b"<html>Sign in</html>", content_type="text/html")
    assert "HTML instead of an archive" in command.fails(uri)


def test_a_missing_file_is_said_with_its_status(command: Command, web: Web) -> None:
    assert "404" in command.fails(web.url + "/missing")


def test_a_query_is_not_shown(command: Command, web: Web) -> None:
    ended = command(web.serve("/model.bin", b"m") + "?signature=secret")
    assert (ended.status, "secret" in "\n".join(ended.log)) == (0, False)


def test_the_digest_in_the_registry_is_compared(command: Command, registry_server: TestRegistry, web: Web) -> None:
    uri = web.serve("/model.bin", b"m")
    right = "62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a"
    for digest, is_right in ((right, True), ("0" * 64, False)):
        value = {"sha256": {"metadataType": "MetadataStringValue", "string_value": digest}}
        source = registry_server.register(uri, customProperties=value)
        if is_right:
            assert command(source).files == {"model.bin": b"m"}
        else:
            (command.destination / "model.bin").unlink()
            ended = command(source)
            assert (ended.status, ended.files) == (1, {})
            assert "should be 0000" in ended.last


def test_a_file_of_an_archive_is_compared_and_a_missing_one_is_said(
    command: Command, registry_server: TestRegistry, web: Web
) -> None:
    uri = web.serve("/model.zip", zipped({"a/b.bin": b"m"}))

    def source(path: str, digest: str) -> str:
        value = {f"sha256:{path}": {"metadataType": "MetadataStringValue", "string_value": digest}}
        return registry_server.register(uri, customProperties=value)

    assert "should be 1111" in command.fails(source("a/b.bin", "1" * 64))
    assert "no such file" in command.fails(source("c.bin", "1" * 64))
