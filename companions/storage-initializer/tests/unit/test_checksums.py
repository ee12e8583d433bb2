"""The checksums that S3 keeps of objects in addition to the ETag."""

import base64
import hashlib
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from initializer_support.command import Command, Ended
from model_registry_storage_initializer.digests import KINDS
from model_registry_storage_initializer.sources.signatures import Keys, signed

Put = Callable[..., str]
DATA = bytes(range(251)) * 20_000
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


def test_the_checksum_of_an_object_that_was_uploaded_in_parts_is_compared(
    s3_command: Command, bucket: Put, s3_client: Any
) -> None:
    """Its ETag is no MD5."""
    name = bucket({"other": b""}).removeprefix("s3://")
    options = {"Bucket": name, "Key": "p/model.bin"}
    upload = {
        **options,
        "UploadId": s3_client.create_multipart_upload(**options, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")[
            "UploadId"
        ],
    }
    part = s3_client.upload_part(**upload, PartNumber=1, Body=DATA, ChecksumAlgorithm="CRC32")
    parts = [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}]
    s3_client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert shown(s3_command(f"s3://{name}/p")) == f"crc32:{zlib.crc32(DATA):08x}"


def test_an_object_without_a_checksum_of_the_whole_is_shown_with_its_md5(s3_command: Command, bucket: Put) -> None:
    s3_command.having(MODEL_REGISTRY_PART_MIB="1")
    ended = s3_command(bucket({"c/model.bin": DATA}, ChecksumAlgorithm="CRC32", ChecksumCRC32="AAAAAA==-3") + "/c")
    assert shown(ended) == f"md5:{hashlib.md5(DATA, usedforsecurity=False).hexdigest()}"


@pytest.mark.parametrize("token", ["", "session"])
@pytest.mark.parametrize("path", ["/b/model.bin", "/b/a%20b%25/%C3%BC~%2B"])
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
