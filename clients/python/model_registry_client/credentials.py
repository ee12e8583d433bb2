"""Finds tokens and certificates."""

import os
import ssl
import time
from pathlib import Path

from model_registry_client.errors import InvalidValue

TOKEN_VARIABLE = "MODEL_REGISTRY_TOKEN"  # noqa: S105 (names, not secrets)
TOKEN_FILE_VARIABLE = "KF_PIPELINES_SA_TOKEN_PATH"  # noqa: S105
SERVICE_ACCOUNT_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/token"
FRESH_SECONDS = 60.0
"""Seconds after which the file of a token is read again."""


class Token:
    """The Bearer token: a text, or a file that is read again after a minute, since Kubernetes replaces it."""

    def __init__(self, text: str | None, file: Path | None = None) -> None:
        self._text, self._file = text, file
        self._read_at = -FRESH_SECONDS

    def current(self) -> str | None:
        """Returns the token to send, or `None`. Raises `InvalidValue` if its file cannot be read."""
        if self._file and time.monotonic() - self._read_at >= FRESH_SECONDS:
            self._text = _read(self._file)
            self._read_at = time.monotonic()
        return self._text

    def renew(self) -> bool:
        """Reads the file again now. Returns whether the token has changed."""
        before, self._read_at = self._text, -FRESH_SECONDS
        return self._file is not None and self.current() != before


def find_token(token: str | None = None, token_file: str | Path | None = None) -> Token:
    """Finds the token in the first of its sources.

    The sources are:

    1. `token`
    2. `token_file`
    3. the variable `MODEL_REGISTRY_TOKEN`
    4. the file that the variable `KF_PIPELINES_SA_TOKEN_PATH` names
    5. the token of the Kubernetes service account, if there is one

    Raises:
        InvalidValue: The file cannot be read.
    """
    text = token or (None if token_file else os.environ.get(TOKEN_VARIABLE))
    if text:
        return Token(text.strip())
    named = token_file or os.environ.get(TOKEN_FILE_VARIABLE)
    if named:
        return Token(_read(Path(named)), Path(named))
    return Token(None, Path(SERVICE_ACCOUNT_FILE) if os.access(SERVICE_ACCOUNT_FILE, os.R_OK) else None)


def distrust(error: BaseException | None) -> str:
    """Returns why the certificate of the server was refused; empty if the error has another reason. A retry cannot help."""
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return getattr(error, "verify_message", "") or str(error)
        error = error.__cause__ or error.__context__
    return ""


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError as error:
        raise InvalidValue(f"The token cannot be read from {file}: {error.strerror}.") from error


def verification(root: str, custom_ca: str | Path | None, is_secure: bool | None) -> ssl.SSLContext | bool:  # noqa: FBT001
    """Returns the argument `verify` for httpx.

    Args:
        root: The address of the server.
        custom_ca: A file with PEM certificates to trust instead of the system's.
        is_secure: `False` does not check the certificate.

    Raises:
        InvalidValue: The file contains no certificates.
    """
    if root.startswith("http://") or is_secure is False:
        return False
    if not custom_ca:
        return True
    try:
        return ssl.create_default_context(cafile=str(custom_ca))
    except (OSError, ssl.SSLError) as error:
        raise InvalidValue(f"custom_ca must be a file of certificates in PEM form; {custom_ca}: {error}.") from error
