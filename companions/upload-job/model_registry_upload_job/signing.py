"""Signs the files of a model by the package model-signing, which is an extra. The signature is one more file, `model.sig`."""

import importlib.util
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from model_registry_upload_job.model_files import ModelFile
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.settings.reading import Settings

log = logging.getLogger(__name__)
SIGNATURE = "model.sig"
_OWN_SIGSTORE = ("SIGSTORE_TUF_URL", "SIGSTORE_FULCIO_URL", "SIGSTORE_REKOR_URL")
Sign = Callable[[Sequence[ModelFile]], list[ModelFile]]


def is_wanted(settings: Settings) -> bool:
    """Whether files are signed: as the option says, else if the variables name a Sigstore of your own."""
    return settings.flag("sign") if settings.text("sign") else all(os.environ.get(name) for name in _OWN_SIGSTORE)


def signer(settings: Settings, folder: Path) -> Sign | None:
    """Returns the function that signs; `None` if that is not wanted.

    Args:
        settings: The settings of the job.
        folder: The folder of the job. The signature is written there.

    Raises:
        UploadError: The package is missing, or a file that signing needs.
    """
    if not is_wanted(settings):
        return None
    if importlib.util.find_spec("model_signing") is None:
        raise UploadError(
            "Signing needs the package model-signing, which is not installed.",
            "Install the upload job with its extra `signing`, or switch signing off: --sign no.",
        )
    from model_signing.signing import Config  # noqa: PLC0415 (the extra)

    config = Config()  # type: ignore[no-untyped-call]
    if key := settings.text("signing-private-key-path"):
        config.use_elliptic_key_signer(private_key=Path(_readable(key, "private key")))
    else:
        _use_sigstore(config, settings)
    return lambda files: _signed(config, files, folder)


def _use_sigstore(config: Any, settings: Settings) -> None:
    trust = settings.text("signing-trust-config-path")
    if not trust and any(os.environ.get(name) for name in _OWN_SIGSTORE):
        raise UploadError(
            f"{' or '.join(_OWN_SIGSTORE)} names a Sigstore of your own, and nothing says what to trust there.",
            "Name its trust configuration by --signing-trust-config-path, or switch signing off: --sign no.",
        )
    token = settings.text("signing-identity-token-path")
    config.use_sigstore_signer(
        identity_token=Path(_readable(token, "identity token")).read_text("utf-8").strip() if token else None,
        use_ambient_credentials=not token,
        trust_config=Path(_readable(trust, "trust configuration")) if trust else None,
    )


def _readable(file: str, what: str) -> str:
    if not os.access(file, os.R_OK) or Path(file).is_dir():
        raise UploadError(f"The {what} for signing cannot be read from {file}.", "Mount the file there.")
    return file


def _signed(config: Any, files: Sequence[ModelFile], folder: Path) -> list[ModelFile]:
    """Signs files, and returns them with the signature. A signature that is among them is replaced."""
    from model_signing.hashing import Config as Hashing  # noqa: PLC0415 (the extra)

    signed = [file for file in files if file.path != SIGNATURE]
    links, signature = folder / "signed", folder / SIGNATURE
    shutil.rmtree(links, ignore_errors=True)
    for file in signed:
        link = links / file.path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file.file.resolve())
    try:
        hashing = Hashing()  # type: ignore[no-untyped-call]
        config.set_hashing_config(hashing.set_allow_symlinks(allow_symlinks=True)).sign(links, signature)
    except Exception as error:
        raise UploadError(f"The files cannot be signed: {error}.", "Check the key, or the identity token.") from error
    shutil.rmtree(links, ignore_errors=True)
    log.info("%d files are signed", len(signed))
    return [*signed, ModelFile(SIGNATURE, signature, signature.stat().st_size)]
