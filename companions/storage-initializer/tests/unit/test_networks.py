"""Certificates of a private authority and forward proxies: for each kind of source, and for the registry."""

import contextlib
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from initializer_support import fake_hub, images, relays
from initializer_support.command import Command
from initializer_support.images import image, layer
from initializer_support.registry import TestRegistry
from initializer_support.web import Web

from tests.support.certificates import Authority

Put = Callable[..., str]
Secure = Callable[[str], str]
FILES = {"model.bin": b"m"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(authority: Authority) -> Iterator[Secure]:
    """A function that serves what is at a URL with TLS too, with a certificate of the authority, and returns the new URL."""
    pair = authority.issue("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    with contextlib.ExitStack() as running:
        yield lambda url: f"https://{running.enter_context(relays.tls(url.removeprefix('http://'), context))}"


@pytest.fixture
def bundle(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder as KServe mounts it, with the certificate of the authority."""
    folder = tmp_path_factory.mktemp("mounted")
    (folder / "cabundle.crt").write_bytes(authority.ca.read_bytes())
    return str(folder)


@pytest.fixture
def asked(command: Command) -> Iterator[list[str]]:
    """What a proxy that the variables name was asked for."""
    found: list[str] = []
    with relays.proxy(found) as url:
        command.having(HTTP_PROXY=url, HTTPS_PROXY=url, http_proxy=url, https_proxy=url)
        yield found


def test_web_servers_of_a_private_authority(command: Command, web: Web, secure: Secure, bundle: str) -> None:
    web.serve("/model.bin", b"m")
    url = secure(web.url) + "/model.bin"
    assert "CERTIFICATE_VERIFY_FAILED" in command.fails(url)
    assert command.having(CA_BUNDLE_VOLUME_MOUNT_POINT=bundle)(url).files == FILES


def test_buckets_of_a_private_authority(
    s3_command: Command, bucket: Put, s3_server: str, secure: Secure, bundle: str
) -> None:
    uri = bucket({"tls/model.bin": b"m" * 3 * 2**20}, ChecksumAlgorithm="SHA256") + "/tls"
    s3_command.having(AWS_ENDPOINT_URL=secure(s3_server), MODEL_REGISTRY_PART_MIB="1")
    s3_command.having(AWS_CA_BUNDLE=f"{bundle}/cabundle.crt")
    ended = s3_command(uri)
    assert (ended.status, len(ended.files["model.bin"])) == (0, 3 * 2**20)
    assert any(" sha256:" in line for line in ended.log), "the checksum is asked over TLS too"


def test_buckets_whose_certificate_is_not_checked(
    s3_command: Command, bucket: Put, s3_server: str, secure: Secure
) -> None:
    uri = bucket({"tls/model.bin": b"m"}) + "/tls"
    s3_command.having(AWS_ENDPOINT_URL=secure(s3_server), S3_VERIFY_SSL="0")
    assert s3_command(uri).files == FILES


def test_images_of_a_private_authority(command: Command, web: Web, secure: Secure, bundle: str) -> None:
    images.serve(web, "tls", *image([layer({"models/model.bin": b"m"})]))
    uri = f"oci://{secure(web.url).removeprefix('https://')}/tls:1"
    assert command.having(CA_BUNDLE_VOLUME_MOUNT_POINT=bundle)(uri).files == FILES


def test_a_registry_of_a_private_authority(
    command: Command, web: Web, registry_server: TestRegistry, secure: Secure, authority: Authority
) -> None:
    source = registry_server.register(web.serve("/model.bin", b"m"))
    base = secure(registry_server.base).removeprefix("https://")
    command.having(MODEL_REGISTRY_BASE_URL=base, MODEL_REGISTRY_SCHEME="https")
    assert "cannot be reached" in command.fails(source)
    assert command.having(MODEL_REGISTRY_CA_FILE=str(authority.ca))(source).files == FILES


def test_a_hub_of_a_private_authority(hub: Any, secure: Secure, bundle: str, tmp_path: Path) -> None:
    """In a process of its own, since huggingface-hub reads its variables only once."""
    endpoint = secure(f"http://127.0.0.1:{hub.server_port}")
    variables = {"HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", "CA_BUNDLE_VOLUME_MOUNT_POINT": bundle}
    command = [sys.executable, "-m", "model_registry_storage_initializer", "hf://owner/model", str(tmp_path)]
    ended = subprocess.run(command, env={**os.environ, **variables}, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "config.json").read_bytes() == fake_hub.FILES["config.json"]


def test_a_bundle_that_is_not_there_is_said(command: Command) -> None:
    assert "/none.crt does not exist" in command.having(AWS_CA_BUNDLE="/none.crt").fails("http://127.0.0.1:1/x")


def test_the_registry_and_web_servers_are_reached_by_a_proxy(
    command: Command, web: Web, registry_server: TestRegistry, asked: list[str]
) -> None:
    assert command(registry_server.register(web.serve("/model.bin", b"m"))).files == FILES
    assert {registry_server.base, web.url.removeprefix("http://")} <= set(asked)


def test_buckets_are_reached_by_a_proxy(s3_command: Command, bucket: Put, s3_server: str, asked: list[str]) -> None:
    assert s3_command(bucket({"proxy/model.bin": b"m"}) + "/proxy").files == FILES
    assert set(asked) == {s3_server.removeprefix("http://")}


def test_servers_with_tls_are_reached_by_a_tunnel(
    command: Command, web: Web, secure: Secure, bundle: str, asked: list[str]
) -> None:
    web.serve("/model.bin", b"m")
    url = secure(web.url)
    assert command.having(CA_BUNDLE_VOLUME_MOUNT_POINT=bundle)(url + "/model.bin").files == FILES
    assert set(asked) == {url.removeprefix("https://")}


def test_hosts_without_a_proxy_are_reached_directly(command: Command, web: Web, asked: list[str]) -> None:
    command.having(NO_PROXY="127.0.0.1", no_proxy="127.0.0.1")
    assert (command(web.serve("/model.bin", b"m")).files, asked) == (FILES, [])
