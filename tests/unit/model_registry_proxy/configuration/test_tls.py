"""TLS: an unusable file is reported in one line at start-up, and a renewed certificate is shown without a restart."""

import re
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from model_registry_proxy.configuration import watched_files
from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.configuration.tls import mlmd_tls, server_context
from tests.support.certificates import Authority


def refusal(**chosen: object) -> str:
    """What is said at start-up about settings."""
    settings = Settings.model_construct(**chosen)
    with pytest.raises(SettingsError) as refused:
        server_context(settings) or mlmd_tls(settings)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def shown_by(context: ssl.SSLContext, authority: Authority, version: ssl.TLSVersion | None = None) -> bytes:
    """The certificate that a client sees, by a handshake in memory."""
    trusting = ssl.create_default_context(cafile=authority.ca)
    if version:
        trusting.minimum_version = trusting.maximum_version = version
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server, server_hostname="localhost")
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server) * 3:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return client.getpeercert(binary_form=True) or b""


def test_without_settings_there_is_no_tls() -> None:
    assert server_context(Settings.model_construct()) is None
    assert mlmd_tls(Settings.model_construct()) is None


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_clients_see_the_certificate(tmp_path: Path, version: ssl.TLSVersion) -> None:
    authority = Authority(tmp_path)
    pair = authority.issue("localhost")
    context = server_context(Settings.model_construct(tls_cert=str(pair.cert), tls_key=str(pair.key)))
    assert context
    assert shown_by(context, authority, version)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_renewed_certificate_is_shown_and_a_broken_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watched_files, "LOOK_SECONDS", 0)
    authority = Authority(tmp_path)
    pair = authority.issue("localhost")
    context = server_context(Settings.model_construct(tls_cert=str(pair.cert), tls_key=str(pair.key)))
    assert context
    first = shown_by(context, authority)
    authority.issue("localhost")
    second = shown_by(context, authority)
    assert second != first
    pair.key.write_text("half of it")
    assert shown_by(context, authority) == second
    assert "What was read before stays in force." in caplog.text
    authority.issue("localhost")
    assert shown_by(context, authority) not in (first, second)


def test_one_without_the_other_is_refused(tmp_path: Path) -> None:
    assert refusal(tls_cert="a.pem") == "--tls-cert needs --tls-key (MR_TLS_KEY) too."
    assert refusal(tls_key="a.key") == "--tls-key needs --tls-cert (MR_TLS_CERT) too."
    assert refusal(mlmd_tls_ca="system", mlmd_hostname="m", mlmd_tls_key="a") == (
        "--mlmd-tls-key needs --mlmd-tls-cert (MR_MLMD_TLS_CERT) too."
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    pair = Authority(tmp_path).issue("localhost")
    missing = str(tmp_path / "none")
    assert refusal(tls_cert=missing, tls_key=str(pair.key)) == f"--tls-cert {missing}: No such file or directory."
    assert refusal(tls_cert=str(pair.cert), tls_key=missing) == f"--tls-key {missing}: No such file or directory."
    assert refusal(mlmd_tls_ca=missing, mlmd_hostname="m") == f"--mlmd-tls-ca {missing}: No such file or directory."


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair, other = authority.issue("localhost"), authority.issue("localhost", name="other")
    assert "do not fit: the key is not that of the certificate." in refusal(
        tls_cert=str(pair.cert), tls_key=str(other.key)
    )
    pair.cert.write_text("words")
    assert "a certificate chain and a private key in PEM form are needed" in refusal(
        tls_cert=str(pair.cert), tls_key=str(other.key)
    )


def test_an_encrypted_key_is_refused_without_asking(tmp_path: Path) -> None:
    pair = Authority(tmp_path).issue("localhost")
    key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    pair.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    assert "is encrypted; give a key without a passphrase." in refusal(tls_cert=str(pair.cert), tls_key=str(pair.key))


def test_tls_to_mlmd_is_turned_on_by_its_authorities(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair = authority.issue("client")
    chosen = {"mlmd_hostname": "m", "mlmd_tls_server_name": "n"}
    one_way = mlmd_tls(Settings.model_construct(mlmd_tls_ca=str(authority.ca), **chosen))
    assert one_way
    assert (one_way.authorities, one_way.key, one_way.server_name) == (authority.ca.read_bytes(), None, "n")
    both = {"mlmd_tls_cert": str(pair.cert), "mlmd_tls_key": str(pair.key)}
    mutual = mlmd_tls(Settings.model_construct(mlmd_tls_ca="system", **both, **chosen))
    assert mutual
    assert (mutual.authorities, mutual.certificate, mutual.key) == (
        None,
        pair.cert.read_bytes(),
        pair.key.read_bytes(),
    )
    assert re.match("--mlmd-tls-cert needs --mlmd-tls-ca", refusal(**both, **chosen))
    assert re.match("--mlmd-tls-server-name needs --mlmd-tls-ca", refusal(**chosen))
    assert re.match("--mlmd-tls-ca needs --mlmd-hostname", refusal(mlmd_tls_ca="system"))
    assert "holds no certificate in PEM form." in refusal(mlmd_tls_ca=str(pair.key), mlmd_hostname="m")
