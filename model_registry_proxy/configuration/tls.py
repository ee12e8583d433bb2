"""TLS: the certificate for HTTP clients, and the certificates for the connection to the MLMD server."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.configuration.watched_files import Watched, read_bytes

SYSTEM = "system"
"""As `--mlmd-tls-ca`: the authorities that this machine trusts."""


@dataclass(frozen=True, slots=True)
class MlmdTls:
    """PEM texts for the connection to MLMD; `None` for the system's authorities, and for no certificate of ours."""

    authorities: bytes | None
    certificate: bytes | None
    key: bytes | None
    server_name: str


def server_context(settings: Settings) -> ssl.SSLContext | None:
    """The context for HTTP; `None` without TLS. Raises `SettingsError`.

    Each handshake looks whether the files have changed, so that a renewed certificate is shown without a restart.
    """
    pair = _pair(settings, "tls_cert", "tls_key")
    if pair is None:
        return None
    certificate, key = pair
    watched = Watched(pair, lambda: _context(certificate, key))

    def choose(connection: ssl.SSLSocket | ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = watched.current

    first = watched.current
    # Called for every handshake, whether the client names a server or not.
    first.sni_callback = choose
    return first


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, certificate, key, "tls")
    return context


def mlmd_tls(settings: Settings) -> MlmdTls | None:
    """What the connection to MLMD needs; `None` without TLS. Raises `SettingsError`."""
    pair = _pair(settings, "mlmd_tls_cert", "mlmd_tls_key")
    if not settings.mlmd_tls_ca:
        named = "--mlmd-tls-cert" if pair else "--mlmd-tls-server-name" if settings.mlmd_tls_server_name else ""
        if named:
            raise SettingsError(
                f"{named} needs --mlmd-tls-ca (MR_MLMD_TLS_CA) too: the file of the authorities that signed the certificate of "
                f"the MLMD server, or {SYSTEM!r} for those that this machine trusts."
            )
        return None
    if not settings.mlmd_hostname:
        raise SettingsError("--mlmd-tls-ca needs --mlmd-hostname: the embedded engine is not reached over the network.")
    authorities = None if settings.mlmd_tls_ca == SYSTEM else _authorities(Path(settings.mlmd_tls_ca))
    if pair is None:
        return MlmdTls(authorities, None, None, settings.mlmd_tls_server_name)
    _load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), *pair, "mlmd-tls")
    certificate, key = pair
    return MlmdTls(authorities, certificate.read_bytes(), key.read_bytes(), settings.mlmd_tls_server_name)


def _authorities(path: Path) -> bytes:
    text = read_bytes(path, "mlmd-tls-ca")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise SettingsError(f"--mlmd-tls-ca {path} holds no certificate in PEM form.") from None
    return text


def _pair(settings: Settings, certificate: str, key: str) -> tuple[Path, Path] | None:
    """The two files that settings name; raises `SettingsError` where only one is named."""
    texts = {name: str(getattr(settings, name)) for name in (certificate, key)}
    missing = [name for name, text in texts.items() if not text]
    if len(missing) == 1:
        there = certificate if missing == [key] else key
        lacking, present = (name.replace("_", "-") for name in (missing[0], there))
        raise SettingsError(f"--{present} needs --{lacking} (MR_{missing[0].upper()}) too.")
    return None if missing else (Path(texts[certificate]), Path(texts[key]))


def _load(context: ssl.SSLContext, certificate: Path, key: Path, setting: str) -> None:
    """Puts a certificate with its key into a context; raises `SettingsError` in one line where they do not fit."""
    for path, name in ((certificate, "cert"), (key, "key")):
        read_bytes(path, f"{setting}-{name}")

    def ask() -> NoReturn:
        raise SettingsError(f"--{setting}-key {key} is encrypted; give a key without a passphrase.")

    try:
        context.load_cert_chain(certificate, key, password=ask)
    except ssl.SSLError as error:
        reason = (
            "the key is not that of the certificate"
            if error.reason == "KEY_VALUES_MISMATCH"
            else "a certificate chain and a private key in PEM form are needed"
        )
        raise SettingsError(f"--{setting}-cert {certificate} and --{setting}-key {key} do not fit: {reason}.") from None
