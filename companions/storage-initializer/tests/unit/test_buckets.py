"""Objects of S3, from a real server of its protocol."""

import hashlib
from collections.abc import Callable

import pytest
from initializer_support.command import Command
from initializer_support.registry import TestRegistry
from model_registry_storage_initializer.environment import Environment
from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.settings import settings
from model_registry_storage_initializer.sources.stores import opened

FILES = {"config.json": b"{}\n", "model.bin": b"\x00\x01" * 50_000, "onnx/model.onnx": b"onnx" * 1000, "empty": b""}
NAMES = ["a b", "100%.txt", "a%20b", "ü/ß", "a+b", "#1?", "[1]*", "~x", "model..v2.bin", "x" * 200]
Put = Callable[..., str]


@pytest.mark.parametrize("uri_end", ["/churn/1", "/churn/1/"])
def test_a_prefix_ends_at_a_slash_and_empty_objects_are_kept(s3_command: Command, bucket: Put, uri_end: str) -> None:
    uri = bucket({**{f"churn/1/{name}": data for name, data in FILES.items()}, "churn/1-old/other.bin": b"not mine"})
    bucket({"churn/1/": b"", "churn/1/onnx/": b"", "churn/1/nothing/": b""})  # marks of folders
    ended = s3_command(uri + uri_end)
    assert (ended.status, ended.files) == (0, FILES), ended.log


def test_a_single_object_is_fetched(s3_command: Command, bucket: Put) -> None:
    uri = bucket({"churn/1/model.bin": b"m", "churn/1/model.bin.old": b"old"})
    assert s3_command(f"{uri}/churn/1/model.bin").files == {"model.bin": b"m"}


def test_names_come_as_they_are(s3_command: Command, bucket: Put) -> None:
    files = {name: name.encode() for name in NAMES}
    uri = bucket({f"n/{name}": data for name, data in files.items()})
    assert s3_command(uri + "/n").files == files


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a//x", "./x", "folder//"])
def test_an_object_whose_name_is_no_path_is_refused_and_named(s3_command: Command, bucket: Put, name: str) -> None:
    uri = bucket({f"n/{name}": b"x", "n/y": b"y"})
    assert f'{uri}/n has an object "n/{name}" whose name is no path' in s3_command.fails(uri + "/n")


@pytest.mark.parametrize("path", ["a//b", "a/../b", "./b"])
def test_a_uri_with_a_part_that_is_no_name_is_refused(s3_command: Command, path: str) -> None:
    assert "a part of its path is empty" in s3_command.fails(f"s3://bucket/{path}")


def test_an_object_with_the_name_of_a_folder_that_is_marked_comes_whole(s3_command: Command, bucket: Put) -> None:
    uri = bucket({"n/a": b"content", "n/a/": b"", "n/b": b""})
    assert s3_command(uri + "/n").files == {"a": b"content", "b": b""}


def test_content_under_a_name_that_ends_in_a_slash_is_refused(s3_command: Command, bucket: Put) -> None:
    assert "its name ends in a slash" in s3_command.fails(bucket({"n/a/": b"content"}) + "/n")


@pytest.mark.slow
def test_more_than_a_thousand_objects_all_come(s3_command: Command, bucket: Put) -> None:
    uri = bucket({f"many/{number:04}": b"x" for number in range(1005)})
    assert len(s3_command(uri + "/many").files) == 1005


def test_nothing_there_is_an_error(s3_command: Command, bucket: Put) -> None:
    uri = bucket({"other": b"x"})
    assert "has no objects" in s3_command.fails(uri + "/nothing")
    assert "s3://nosuchbucket-77/x does not exist" in s3_command.fails("s3://nosuchbucket-77/x")


def test_a_large_object_comes_in_parts_and_its_md5_is_compared(s3_command: Command, bucket: Put) -> None:
    data = bytes(range(251)) * 20_000
    uri = bucket({"large/model.bin": data})
    s3_command.having(MODEL_REGISTRY_PART_MIB="1")
    ended = s3_command(uri + "/large")
    assert ended.files == {"model.bin": data}
    assert any(f"md5:{hashlib.md5(data, usedforsecurity=False).hexdigest()}  model.bin" in line for line in ended.log)


def test_the_digest_of_each_file_in_the_registry_is_compared(
    s3_command: Command, bucket: Put, registry_server: TestRegistry
) -> None:
    uri = bucket({"d/a.bin": b"a", "d/b.bin": b"b"})

    def source(digest: str) -> str:
        right = hashlib.sha256(b"a").hexdigest()
        values = {"sha256:a.bin": right, "sha256:b.bin": digest}
        typed = {name: {"metadataType": "MetadataStringValue", "string_value": value} for name, value in values.items()}
        return registry_server.register(uri + "/d", customProperties=typed)

    assert "b.bin" in s3_command.fails(source("0" * 64))
    assert s3_command(source(hashlib.sha256(b"b").hexdigest())).files == {"a.bin": b"a", "b.bin": b"b"}


def test_an_object_with_another_digest_than_md5_is_no_error(s3_command: Command, bucket: Put) -> None:
    uri = bucket({"k/model.bin": b"m"}, ServerSideEncryption="aws:kms")
    assert s3_command(uri + "/k").files == {"model.bin": b"m"}


def test_endpoint_and_region_of_the_uri_count_where_the_environment_has_none(
    command: Command, bucket: Put, s3_server: str
) -> None:
    uri = bucket({"q/model.bin": b"m"})
    command.having(AWS_ACCESS_KEY_ID="k", AWS_SECRET_ACCESS_KEY="s")
    ended = command(f"{uri}/q?endpoint={s3_server}&defaultRegion=us-east-1")
    assert ended.files == {"model.bin": b"m"}, ended.log


def test_patterns_choose_files(s3_command: Command, bucket: Put) -> None:
    uri = bucket({f"p/{name}": data for name, data in FILES.items()})
    s3_command.having(STORAGE_ALLOW_PATTERNS='["*.json", "*.onnx"]', STORAGE_IGNORE_PATTERNS="onnx/*")
    assert list(s3_command(uri + "/p").files) == ["config.json"]
    s3_command.having(STORAGE_ALLOW_PATTERNS="*.none")
    assert "no objects that the patterns choose" in s3_command(uri + "/p/onnx").last


def test_a_storage_config_of_kserve_replaces_the_variables(command: Command, bucket: Put, s3_server: str) -> None:
    uri = bucket({"s/model.bin": b"m"})
    config = f'{{"type": "s3", "access_key_id": "k", "secret_access_key": "s", "endpoint_url": "{s3_server}"}}'
    command.having(
        STORAGE_CONFIG=config, STORAGE_OVERRIDE_CONFIG='{"region": "us-east-1"}', AWS_ENDPOINT_URL="http://x"
    )
    assert command(uri + "/s").files == {"model.bin": b"m"}


def store(uri: str, **variables: str) -> str:
    """The configuration of the store of a URI, as text."""
    environment = Environment(variables)
    return repr(opened(uri, environment, settings(environment)).store.config)


@pytest.mark.parametrize(
    ("variables", "endpoint", "is_virtual"),
    [
        ({}, None, True),
        ({"AWS_ENDPOINT_URL": "http://minio:9000"}, "http://minio:9000", False),
        ({"S3_ENDPOINT": "minio:9000", "S3_USE_HTTPS": "0"}, "http://minio:9000", False),
        ({"S3_ENDPOINT": "minio:9000"}, "https://minio:9000", False),
        ({"AWS_ENDPOINT_URL": "http://s", "S3_USER_VIRTUAL_BUCKET": "true"}, "http://bucket.s", True),
        ({"S3_USER_VIRTUAL_BUCKET": "false"}, None, False),
        ({"S3_USE_ACCELERATE": "true"}, "https://bucket.s3-accelerate.amazonaws.com", True),
    ],
)
def test_buckets_are_addressed_as_the_variables_say(
    variables: dict[str, str], endpoint: str | None, *, is_virtual: bool
) -> None:
    environment = Environment({"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", **variables})
    config = opened("s3://bucket/x", environment, settings(environment)).store.config
    assert (config.get("endpoint"), config["virtual_hosted_style_request"]) == (endpoint, str(is_virtual).lower())


@pytest.mark.parametrize(
    ("uri", "container"),
    [
        ("https://acc.blob.core.windows.net/c/x/y", "c"),
        ("abfs://c@acc.dfs.core.windows.net/x", "c"),
        ("wasbs://c@acc.blob.core.windows.net/x", "c"),
        ("az://c/x", "c"),
    ],
)
def test_containers_of_azure_are_found_in_each_form_of_uri(uri: str, container: str) -> None:
    environment = Environment({"AZURE_STORAGE_ACCOUNT_NAME": "acc", "AZURE_STORAGE_ACCESS_KEY": "YQ=="})
    bucket = opened(uri, environment, settings(environment))
    assert (bucket.store.config["container_name"], bucket.store.config["account_name"]) == (container, "acc")
    assert bucket.path == "x/y" if uri.startswith("https") else bucket.path == "x"


def test_a_container_without_an_account_is_an_error() -> None:
    with pytest.raises(Failure, match="no storage account"):
        store("abfs://c/x")


def test_google_is_read_without_credentials_where_there_are_none() -> None:
    assert "skip_signature" in store("gs://bucket/x")
