"""Layers of images, and names of images."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from model_registry_upload_job.model_files import model_files
from model_registry_upload_job.oci.layers import Layer, layers_of
from model_registry_upload_job.oci.reference import Reference
from model_registry_upload_job.problems import UploadError


def files_in(folder: Path, number: int) -> None:
    for each in range(number):
        path = folder / f"d{each % 3}" / f"f{each:03}.bin"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes([each % 256]) * each)


def test_a_layer_is_a_tar_archive_with_the_same_bytes_each_time(tmp_path: Path) -> None:
    files_in(tmp_path, 5)
    layer = Layer(model_files(tmp_path))
    data = b"".join(layer.read())
    assert len(data) == layer.size
    digest, hashes = layer.digests(lambda _: None)
    assert digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}  # type: ignore[union-attr]
        assert {(member.mode, member.uid, member.mtime) for member in archive if member.isfile()} == {(0o644, 0, 0)}
    assert found == {f"models/{file.path}": file.file.read_bytes() for file in layer.files}
    assert hashes == {file.path: hashlib.sha256(file.file.read_bytes()).hexdigest() for file in layer.files}


@pytest.mark.parametrize("offset", [0, 1, 511, 512, 513, 1536, 2000, 2048, 5000])
def test_a_layer_can_be_read_from_any_byte_on(tmp_path: Path, offset: int) -> None:
    files_in(tmp_path, 4)
    layer = Layer(model_files(tmp_path))
    assert b"".join(layer.read(offset)) == b"".join(layer.read())[offset:]


def test_many_files_share_a_layer_and_the_largest_have_their_own(tmp_path: Path) -> None:
    files_in(tmp_path, 200)
    layers = layers_of(model_files(tmp_path))
    assert len(layers) == 60
    assert len(layers[-1].files) == 141
    assert max(file.size for file in layers[-1].files) <= min(layer.files[0].size for layer in layers[:-1])
    assert sorted(file.path for layer in layers for file in layer.files) == [
        file.path for file in model_files(tmp_path)
    ]


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"123")
    layer = Layer(model_files(tmp_path))
    (tmp_path / "a").write_bytes(b"1234")
    with pytest.raises(UploadError, match="changed while it was read"):
        b"".join(layer.read())


def test_folders_without_files_and_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UploadError, match="has no files"):
        model_files(tmp_path)
    (tmp_path / "loop").symlink_to(tmp_path)
    with pytest.raises(UploadError, match="is a link to a folder above it"):
        model_files(tmp_path)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("quay.io/team/churn:1", "quay.io/team/churn:1"),
        ("oci://quay.io/team/churn", "quay.io/team/churn:latest"),
        ("docker://localhost:5000/churn:1", "localhost:5000/churn:1"),
        ("busybox", "docker.io/library/busybox:latest"),
        ("team/churn:1", "docker.io/team/churn:1"),
    ],
)
def test_names_of_images_are_read(text: str, shown: str) -> None:
    assert str(Reference.parse(text)) == shown


@pytest.mark.parametrize(
    "text",
    ["quay.io/Team/churn:1", "quay.io/team/churn:", "quay.io/", "quay.io/a b", "quay.io:port/a", "quay.io/a@sha256:1"],
)
def test_what_is_no_name_of_an_image_is_refused(text: str) -> None:
    with pytest.raises(UploadError, match="is no name of an image"):
        Reference.parse(text)
