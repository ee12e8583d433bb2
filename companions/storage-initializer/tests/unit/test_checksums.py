"""The checksums that S3 keeps of objects in addition to the ETag."""

import base64
import contextlib
import hashlib
import itertools
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from initializer_support.command import Command, Ended
from model_registry_storage_initializer.digests import KINDS, Digest, OfParts
from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.remote_files import Expected, RemoteFile
from model_registry_storage_initializer.sources.s3_checksums import stated
from model_registry_storage_initializer.sources.signatures import Keys, signed

Put = Callable[..., str]
DATA = bytes(range(251)) * 20_000
PARTS, PART = DATA * 3, 5 * 2**20
EVEN, UNEVEN = [PART, PART, len(PARTS) - 2 * PART], [PART, PART + 1, len(PARTS) - 2 * PART - 1]
CHECK = b"123456789"
CHECKS = {
    "crc32": "cbf43926",
    "crc32c": "e3069283",
    "crc64nvme": "ae8b14860a799888",
    "md5": "25f9e794323b453885f5181f1b624d0b",
    "sha1": "f7c3bbc26ab1cfb3eb8b4c4ee9ee7e1b5bb8c1b1",
}


def in_base64(kind: str, data: bytes) -> str:
    running = KINDS[kind][1]()
    running.update(memoryview(data))
    return base64.b64encode(bytes.fromhex(running.hexdigest())).decode()


def shown(ended: Ended) -> str:
    """The digest in the log of a download of model.bin."""
    return next(line.split()[2] for line in ended.log if line.endswith("  model.bin"))


@pytest.mark.parametrize("kind", ["crc32", "crc32c", "crc64nvme", "md5", "sha256"])
def test_each_kind_is_what_its_standard_says(kind: str) -> None:
    running = KINDS[kind][1]()
    for part in (CHECK[:4], CHECK[4:]):
        running.update(part)
    assert running.hexdigest() == CHECKS.get(kind, hashlib.sha256(CHECK).hexdigest())


@pytest.mark.parametrize("kind", ["crc64nvme", "crc32c", "crc32", "sha256", "sha1"])
def test_the_checksum_of_a_large_object_is_compared(s3_command: Command, bucket: Put, kind: str) -> None:
    s3_command.having(MODEL_REGISTRY_PART_MIB="1")

    def put(key: str, value: str) -> str:
        algorithm = kind.upper()
        return bucket({f"{key}/model.bin": DATA}, ChecksumAlgorithm=algorithm, **{f"Checksum{algorithm}": value})

    ended = s3_command(put("c", in_base64(kind, DATA)) + "/c")
    assert (ended.status, ended.files, shown(ended).partition(":")[0]) == (0, {"model.bin": DATA}, kind), ended.log
    (s3_command.destination / "model.bin").unlink()
    assert 'of "model.bin" is ' in s3_command(put("w", in_base64(kind, DATA[1:])) + "/w").last


def in_parts(s3_client: Any, uri: str, sizes: list[int], **options: str) -> str:
    """Uploads the data in parts; returns the ETag."""
    named = {"Bucket": uri.removeprefix("s3://"), "Key": "p/model.bin"}
    upload = {**named, "UploadId": s3_client.create_multipart_upload(**named, **options)["UploadId"]}
    algorithm = {key: value for key, value in options.items() if key == "ChecksumAlgorithm"}
    parts = []
    for number, (start, end) in enumerate(itertools.pairwise([0, *itertools.accumulate(sizes)]), 1):
        answer = s3_client.upload_part(**upload, PartNumber=number, Body=PARTS[start:end], **algorithm)
        kept = {key: value for key, value in answer.items() if key == "ETag" or key.startswith("ChecksumCRC")}
        parts.append({"PartNumber": number, **kept})
    etag: str = s3_client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})["ETag"]
    return etag.strip('"')


def test_the_checksum_of_the_whole_of_an_object_in_parts_is_compared(
    s3_command: Command, bucket: Put, s3_client: Any
) -> None:
    uri = bucket({"other": b""})
    in_parts(s3_client, uri, EVEN, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    assert shown(s3_command(f"{uri}/p")) == f"crc32:{zlib.crc32(PARTS):08x}"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            {"etag": '"x"', "x-amz-checksum-crc32": "AAAAAQ==", "x-amz-checksum-type": "FULL_OBJECT"},
            ("crc32", "00000001", 0),
        ),
        ({"etag": '"x"', "x-amz-checksum-crc32": "AAAAAQ=="}, ("crc32", "00000001", 0)),
        ({"etag": '"x-3"', "x-amz-checksum-crc32c": "AAAAAQ==-3"}, ("crc32c", "00000001-3", 4)),
        (
            {"etag": '"x-3"', "x-amz-checksum-crc32c": "AAAAAQ==-3", "x-amz-checksum-type": "COMPOSITE"},
            ("crc32c", "00000001-3", 4),
        ),
        (
            {"etag": '"x-3"', "x-amz-checksum-crc32": "AAAAAQ=="},
            ("md5", "x-3", 4),
        ),  # of parts or of the whole: it does not say
        ({"etag": '"x-3"', "x-amz-checksum-crc64nvme": "AAAAAAAAAAE="}, ("crc64nvme", "0000000000000001", 0)),
        ({"etag": '"x-3"', "x-amz-server-side-encryption": "aws:kms"}, None),
        ({"etag": '"x-4"'}, None),  # 10 bytes in parts of 4 are no 4 parts
        ({"etag": '"x"', "x-amz-checksum-crc32": "?"}, None),
        ({}, None),
    ],
)
def test_what_headers_state(headers: dict[str, str], expected: tuple[str, str, int] | None) -> None:
    found = stated(lambda query: {"content-length": "4"} if query == "partNumber=1" else headers, 10)
    assert (found and (found.kind, found.value, found.part_size)) == expected


@pytest.mark.parametrize(("sizes", "is_excused"), [([4, 4, 2], False), ([4, 3, 3], True)])
def test_another_checksum_of_parts_proves_nothing_if_their_sizes_differ(sizes: list[int], *, is_excused: bool) -> None:
    found = stated(
        lambda query: {"content-length": str(sizes[int(query[-1]) - 1])} if query else {"etag": '"x-3"'}, sum(sizes)
    )
    assert found
    assert found.excuse() is is_excused


def test_a_checksum_of_checksums_is_made_at_the_ends_of_parts() -> None:
    running = OfParts(KINDS["crc32"][1], 4)
    for chunk in (CHECK[:3], CHECK[3:4], CHECK[4:]):
        running.update(chunk)
    checks = b"".join(zlib.crc32(part).to_bytes(4) for part in (CHECK[:4], CHECK[4:8], CHECK[8:]))
    assert running.hexdigest() == f"{zlib.crc32(checks):08x}-3"


def test_an_etag_that_was_made_of_parts_is_compared(s3_command: Command, bucket: Put, s3_client: Any) -> None:
    uri = bucket({"other": b""})
    etag = in_parts(s3_client, uri, EVEN)
    assert shown(s3_command(f"{uri}/p")) == f"md5:{etag}"


def test_an_object_in_parts_of_more_than_one_size_is_no_error(s3_command: Command, bucket: Put, s3_client: Any) -> None:
    uri = bucket({"other": b""})
    in_parts(s3_client, uri, UNEVEN)
    assert s3_command(f"{uri}/p").files == {"model.bin": PARTS}


def test_a_wrong_checksum_of_parts_is_refused_unless_it_proves_nothing() -> None:
    for is_excused in (False, True):
        expected = Expected("crc32", "00000000-2", 5, lambda is_excused=is_excused: is_excused)  # type: ignore[misc]
        digest = Digest(
            RemoteFile("x", 9, "", lambda _start, _end: iter(()), checksum=lambda expected=expected: expected)
        )
        digest.update(CHECK)
        with contextlib.nullcontext() if is_excused else pytest.raises(Failure, match="CRC-32"):
            digest.check()


def test_an_object_whose_checksum_cannot_be_made_is_shown_with_its_md5(s3_command: Command, bucket: Put) -> None:
    s3_command.having(MODEL_REGISTRY_PART_MIB="1")
    ended = s3_command(bucket({"c/model.bin": DATA}, ChecksumAlgorithm="CRC32", ChecksumCRC32="AAAAAA==-3") + "/c")
    assert shown(ended) == f"md5:{hashlib.md5(DATA, usedforsecurity=False).hexdigest()}"


@pytest.mark.parametrize("token", ["", "session"])
@pytest.mark.parametrize("path", ["/b/model.bin", "/b/a%20b%25/%C3%BC~%2B", "/b/m?partNumber=12"])
def test_requests_are_signed_as_the_library_of_aws_signs_them(
    monkeypatch: pytest.MonkeyPatch, path: str, token: str
) -> None:
    now, url = datetime(2026, 11, 28, 9, 30, 5, tzinfo=UTC), f"https://s3.example.org:9000{path}"
    mode = {"x-amz-checksum-mode": "ENABLED"}
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: now.replace(tzinfo=None))
    request = AWSRequest("HEAD", url, dict(mode))
    S3SigV4Auth(Credentials("id", "secret", token or None), "s3", "eu-west-1").add_auth(request)
    headers = signed("HEAD", url, mode, Keys("id", "secret", token, "eu-west-1"), now)
    assert headers["authorization"].replace(",", ", ") == request.headers["Authorization"].replace("SigV4 ", "")
