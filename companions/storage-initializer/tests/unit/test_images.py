"""Models in images: what is below /models, from a real registry and from servers that ask for a login."""

import base64
import json
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from initializer_support import images
from initializer_support.command import Command
from initializer_support.images import image, layer
from initializer_support.registry import TestRegistry
from initializer_support.web import Web

from tests.support.ports import free_port

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HERE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
LOGIN = base64.b64encode(b"ann:secret").decode()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not images.PROGRAM:
        pytest.skip("docker-registry is not installed (apt-get install docker-registry)")
    with images.docker_registry(tmp_path_factory.mktemp("registry"), free_port()) as running:
        yield running


@pytest.fixture
def insecure(command: Command) -> Command:
    return command.having(KSERVE_OCI_INSECURE_REGISTRY="true")


def test_the_image_for_this_machine_is_taken_and_later_layers_count(
    insecure: Command, host: str, registry_server: TestRegistry
) -> None:
    base = layer({"etc/passwd": b"root", "models/": None, "models/old.bin": b"old", "models/a/x": b"first"})
    later = layer({"models/.wh.old.bin": b"", "models/a/x": b"second", "models/sub/y ü": b"y"})
    right, blobs = image([base, later])
    wrong, more = image([layer({"models/wrong": b"w"})])
    for manifest, known in ((right, blobs), (wrong, more)):
        images.push(host, "models/churn", manifest, known, images.digest(manifest))
    index = images.index((wrong, "s390x"), (right, HERE))
    uri = images.push(host, "models/churn", index, {}, "1", images.INDEX)
    expected = {"a/x": b"second", "sub/y ü": b"y"}
    ended = insecure(registry_server.register(uri))
    assert (ended.status, ended.files) == (0, expected), ended.log
    assert insecure(f"{uri.rpartition(':')[0]}@{images.digest(right)}").files == expected


def test_layers_without_compression_and_layers_that_are_files(insecure: Command, web: Web) -> None:
    import gzip  # noqa: PLC0415 (only here)

    plain = gzip.decompress(layer({"models/plain.bin": b"p"}))
    uri = images.serve(web, "plain", *image([plain], "application/vnd.oci.image.layer.v1.tar"))
    assert insecure(uri).files == {"plain.bin": b"p"}
    files = image([b"weights", b"{}"], "application/octet-stream", titles=("model.bin", "config.json"))
    insecure.destination.joinpath("plain.bin").unlink()
    assert insecure(images.serve(web, "files", *files)).files == {"model.bin": b"weights", "config.json": b"{}"}


@pytest.mark.parametrize("end", ["", "\0" * 700_000])
def test_layers_compressed_by_zstd(insecure: Command, web: Web, end: str) -> None:
    plain = images.gzip.decompress(layer({"models/m": b"m" * 300_000 + end.encode()}))
    uri = images.serve(web, "z", *image([zstd.compress(plain)], "application/vnd.oci.image.layer.v1.tar+zstd"))
    assert insecure(uri).files == {"m": b"m" * 300_000 + end.encode()}


def test_a_login_that_a_missing_program_keeps_is_said(insecure: Command, web: Web, tmp_path: Path) -> None:
    host = web.url.removeprefix("http://")
    uri = images.serve(
        web, "private", *image([layer({"models/m": b"m"})]), needs={"Authorization": "x"}, challenge="Basic"
    )
    insecure.having(KSERVE_OCI_DOCKER_CONFIG=str(tmp_path / "config.json"))
    for config in ({"credHelpers": {host: "ecr-login"}}, {"auths": {host: {}}, "credsStore": "ecr-login"}):
        (tmp_path / "config.json").write_text(json.dumps(config))
        assert "docker-credential-ecr-login is not installed" in insecure.fails(uri)


def test_a_program_that_keeps_logins_is_asked(
    insecure: Command, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "docker-credential-test"
    program.write_text("""#!/bin/sh\ncat > "$0.asked"\necho '{"Username": "ann", "Secret": "secret"}'\n""")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    host = web.url.removeprefix("http://")
    (tmp_path / "config.json").write_text(json.dumps({"auths": {host: {}}, "credsStore": "test"}))
    needs = {"Authorization": f"Basic {LOGIN}"}
    uri = images.serve(web, "private", *image([layer({"models/m": b"m"})]), needs=needs, challenge="Basic")
    assert insecure.having(KSERVE_OCI_DOCKER_CONFIG=str(tmp_path / "config.json"))(uri).files == {"m": b"m"}
    assert (tmp_path / "docker-credential-test.asked").read_text() == host


def test_a_cut_layer_is_continued(insecure: Command, web: Web) -> None:
    data = bytes(range(251)) * 9000
    uri = images.serve(web, "cut", *image([images.gzip.compress(images.gzip.decompress(layer({"models/m": data})), 0)]))
    blob = max(web.files.values(), key=lambda file: len(file.data))
    blob.cuts, blob.has_ranges = [1000, 500_000], True
    assert insecure(uri).files == {"m": data}
    assert any(headers.get("Range") == "bytes=1000-" for _, headers in web.seen)


def test_a_damaged_layer_is_refused(insecure: Command, web: Web) -> None:
    manifest, blobs = image([layer({"models/m": b"right"})])
    damaged = {key: layer({"models/m": b"wrong"}) if len(data) > 9 else data for key, data in blobs.items()}
    assert "is damaged" in insecure.fails(images.serve(web, "damaged", manifest, damaged))


@pytest.mark.parametrize(
    ("files", "said"), [({"etc/x": b""}, "no files below /models"), ({"models/../../x": b""}, "leads out")]
)
def test_an_image_without_a_model_or_with_a_hostile_one_is_refused(
    insecure: Command, web: Web, files: dict[str, bytes], said: str
) -> None:
    assert said in insecure.fails(images.serve(web, "none", *image([layer(files)])))


def test_an_image_that_is_not_there_is_said(insecure: Command, host: str) -> None:
    assert "does not exist" in insecure.fails(f"oci://{host}/no/such:1")
    assert "names no image" in insecure.fails("oci://nothing")


@pytest.mark.parametrize("auth", [{"auth": LOGIN}, {"auth": "ann:secret"}, {"username": "ann", "password": "secret"}])
def test_a_registry_with_basic_authentication_gets_the_login_of_the_docker_configuration(
    insecure: Command, web: Web, tmp_path_factory: pytest.TempPathFactory, auth: dict[str, str]
) -> None:
    config = tmp_path_factory.mktemp("docker") / "config.json"
    uri = images.serve(
        web, "private", *image([layer({"models/m": b"m"})]),
        needs={"Authorization": f"Basic {LOGIN}"}, challenge='Basic realm="registry"',
    )  # fmt: skip
    assert "may not be read: 401" in insecure.fails(uri)
    config.write_text(json.dumps({"auths": {f"https://{web.url.removeprefix('http://')}/v1/": auth}}))
    assert insecure.having(KSERVE_OCI_DOCKER_CONFIG=str(config))(uri).files == {"m": b"m"}


def test_a_registry_that_wants_tokens_gets_one_from_the_service_that_it_names(
    insecure: Command, web: Web, tmp_path: Path
) -> None:
    token = web.serve(
        "/token", b'{"token": "t0"}', content_type="application/json", needs={"Authorization": f"Basic {LOGIN}"}
    )
    challenge = f'Bearer realm="{token}",service="registry",scope="repository:private:pull"'
    needs = {"Authorization": "Bearer t0"}
    uri = images.serve(web, "private", *image([layer({"models/m": b"m"})]), needs=needs, challenge=challenge)
    (tmp_path / "config.json").write_text(json.dumps({"auths": {web.url.removeprefix("http://"): {"auth": LOGIN}}}))
    ended = insecure.having(KSERVE_OCI_DOCKER_CONFIG=str(tmp_path / "config.json"))(uri)
    assert ended.files == {"m": b"m"}, ended.log
    asked = next(path for path, _ in web.seen if path.startswith("/token"))
    assert "service=registry" in asked
    assert "scope=repository%3Aprivate%3Apull" in asked


def test_a_finished_layer_is_not_fetched_again(insecure: Command, web: Web) -> None:
    insecure.having(MODEL_REGISTRY_RETRIES="0")
    uri = images.serve(web, "two", *image([layer({"models/a": b"a"}), layer({"models/b": b"b" * 9})]))
    last = [file for path, file in web.files.items() if "/blobs/" in path][-1]
    last.statuses = [503]
    assert insecure(uri).status == 1
    web.seen.clear()
    assert insecure(uri).files == {"a": b"a", "b": b"b" * 9}
    assert len([path for path, _ in web.seen if "/blobs/" in path]) == 1
