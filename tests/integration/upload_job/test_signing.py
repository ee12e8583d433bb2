"""Signatures of uploaded files."""

import importlib.util
import uuid
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from model_registry_upload_job import signing

from tests.integration.upload_job.conftest import Runner
from tests.support.storage_servers import image_files

FILES = {"config.json": b"{}", "onnx/model.onnx": b"onnx"}


@pytest.fixture
def artifact(jobs: Runner, registry_of_images: str) -> str:
    """The artifact that jobs of the test upload to; their source is a folder."""
    folder = jobs.folder / "model"
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    image, artifact = f"{registry_of_images}/m/{uuid.uuid4().hex}:1", jobs.artifact()
    jobs.settings = {
        "source-type": "uri", "source-uri": str(folder), "destination-oci-uri": image, "model-artifact-id": artifact,
    }  # fmt: skip
    return artifact


needs_model_signing = pytest.mark.skipif(
    importlib.util.find_spec("model_signing") is None, reason="model-signing is not installed"
)


@needs_model_signing
def test_what_is_signed_with_a_key_can_be_verified_and_a_changed_file_not(jobs: Runner, artifact: str) -> None:
    from model_signing import verifying  # noqa: PLC0415 (an extra)

    key = ec.generate_private_key(ec.SECP384R1())
    private, public = jobs.folder / "key.pem", jobs.folder / "key.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert jobs.run(sign="yes", signing_private_key_path=str(private))[0] == 0
    copied = jobs.folder / "copied"
    for name, data in image_files(jobs.settings["destination-oci-uri"]).items():
        path = copied / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    verifier = verifying.Config().use_elliptic_key_verifier(public_key=public)
    verifier.set_hashing_config(verifying.hashing.Config().set_ignored_paths(paths=[Path("model.sig")]))
    verifier.verify(copied / "models", copied / "models" / "model.sig")
    (copied / "models" / "config.json").write_bytes(b"[]")
    with pytest.raises(ValueError, match="mismatch"):
        verifier.verify(copied / "models", copied / "models" / "model.sig")


def test_without_the_extra_signing_is_refused_before_anything_changes(
    jobs: Runner, artifact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        signing.importlib.util, "find_spec", lambda name: None if name == "model_signing" else real(name)
    )
    before = jobs.read(artifact)
    status, message = jobs.run(sign="yes")
    assert status == 1
    assert message.startswith("Signing needs the package model-signing, which is not installed. Install")
    assert jobs.read(artifact) == before


@needs_model_signing
def test_a_sigstore_of_your_own_needs_to_be_trusted(
    jobs: Runner, artifact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SIGSTORE_TUF_URL", "SIGSTORE_FULCIO_URL", "SIGSTORE_REKOR_URL"):
        monkeypatch.setenv(name, "https://sigstore.example.com")
    status, message = jobs.run()
    assert (status, "--signing-trust-config-path" in message) == (1, True)
    assert jobs.run(sign="no")[0] == 0
