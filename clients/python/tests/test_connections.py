"""Addresses, base paths, tokens, and unusual responses."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import trustme
from model_registry_client import (
    Artifact,
    InvalidValue,
    ModelRegistryClient,
    NotFound,
    NotSupported,
    OpaqueValue,
    RegisteredModelState,
    Registry,
    RegistryError,
    ServerError,
    Unauthorized,
    Unreachable,
)
from model_registry_client.addresses import root_url
from model_registry_client.credentials import SERVICE_ACCOUNT_FILE, find_token, verification

from clients.python.tests.faults import QUICK
from tests.integration.clients import gateway

Answer = Callable[[httpx.Request], httpx.Response]


def registry_of(answer: Answer, address: str = "http://x") -> Registry:
    return Registry(address, token="t", transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("address", "port", "root"),
    [
        ("http://localhost", None, "http://localhost:8080"),
        ("https://example.org", None, "https://example.org:443"),
        ("example.org", None, "https://example.org:443"),
        ("example.org:99", None, "https://example.org:99"),
        ("https://example.org", 456, "https://example.org:456"),
        ("https://example.org:456", 1, "https://example.org:456"),
        ("http://[::1]:80/", None, "http://[::1]:80"),
        ("https://example.org/registry/", None, "https://example.org:443/registry"),
    ],
)
def test_addresses_are_completed_with_scheme_and_port(address: str, port: int | None, root: str) -> None:
    assert root_url(address, port) == root


@pytest.mark.parametrize("address", ["ftp://x", "http://", "http://x:port", "http://x?y", ""])
def test_an_invalid_address_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODEL_REGISTRY_URL", raising=False)
    with pytest.raises(InvalidValue, match="registry"):
        Registry(address)


def test_the_address_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_REGISTRY_URL", "http://there:1")
    with Registry() as registry:
        assert registry.url == "http://there:1"


def test_a_server_with_v1_only_is_called_at_v1() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path == "/api/model_registry/v1/registered_models":
            return httpx.Response(200, json={"items": [], "nextPageToken": ""})
        if request.url.path.startswith("/api/model_registry/v1/registered_models/"):
            return httpx.Response(404, json={"code": "Not Found", "message": "no such model"})
        return httpx.Response(404, text="404 page not found")

    with registry_of(answer) as registry:
        assert list(registry.list_registered_models()) == []
        assert list(registry.list_registered_models()) == []
        with pytest.raises(NotFound, match="no such model"):
            registry.get_registered_model("1")
        with pytest.raises(NotSupported, match="v1 has no experiments"):
            next(registry.list_experiments())
    versions = [path.split("/")[3] for path in asked]
    assert versions == ["v1alpha3", "v1", "v1", "v1", "v1"]


def test_an_address_with_the_base_path_is_used_as_it_is(server_url: str) -> None:
    with Registry(f"{server_url}/api/model_registry/v1") as registry:
        assert registry.find_registered_model("none") is None
        with pytest.raises(NotSupported):
            registry.find_experiment("none")


def test_a_response_that_is_not_of_a_registry_is_an_error() -> None:
    with registry_of(lambda _: httpx.Response(200, html="<html>hello</html>")) as registry:
        with pytest.raises(RegistryError, match="answered"):
            registry.get_registered_model("1")
        with pytest.raises(RegistryError, match="list"):
            next(registry.list_registered_models())
    with registry_of(lambda _: httpx.Response(500, text="oops")) as registry, pytest.raises(ServerError, match="oops"):
        registry.get_registered_model("1")


def test_a_server_in_no_proxy_is_reached_directly(server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with Registry(server_url, retries=QUICK) as registry:
        next(registry.list_registered_models(page_size=1), None)
    monkeypatch.setenv("no_proxy", "elsewhere")
    monkeypatch.setenv("NO_PROXY", "elsewhere")
    with Registry(server_url, retries=QUICK) as registry, pytest.raises(Unreachable):
        next(registry.list_registered_models(page_size=1), None)


def test_a_response_that_cannot_be_decompressed_is_no_response() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))

    transport = httpx.MockTransport(answer)
    with Registry("http://x", transport=transport, retries=QUICK) as registry, pytest.raises(Unreachable):
        registry.get_registered_model("1")


def test_an_error_has_the_request_id() -> None:
    answer = httpx.Response(404, json={"code": "Not Found", "message": "none"}, headers={"X-Request-Id": "r-7"})
    with registry_of(lambda _: answer) as registry, pytest.raises(NotFound, match="r-7") as failure:
        registry.get_registered_model("1")
    assert failure.value.request_id == "r-7"


def test_unknown_words_fields_and_kinds_of_newer_servers_are_accepted() -> None:
    odd = {"metadataType": "MetadataProtoValue", "type": "t", "proto_value": "AA=="}
    model = {
        "id": "1",
        "name": "m",
        "state": "PAUSED",
        "colour": "red",
        "owner": None,
        "customProperties": {"odd": odd},
    }
    sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            sent.append(request.read().decode())
        if "artifacts" in request.url.path:
            kind = {"id": "2", "name": "a", "artifactType": "prompt-artifact", "state": "LIVE"}
            return httpx.Response(200, json={"items": [kind], "nextPageToken": ""})
        return httpx.Response(200, json=model)

    with registry_of(answer) as registry:
        found = registry.get_registered_model("1")
        assert (found.state, found.state.value if found.state else "") == ("PAUSED", "PAUSED")
        assert isinstance(found.state, RegisteredModelState)
        assert found.custom_properties == {"odd": OpaqueValue(odd)}
        registry.update_registered_model(found, owner="ann", custom_properties={**found.custom_properties, "n": 1})
        assert '"proto_value":"AA=="' in sent[0]
        assert '"state":"PAUSED"' in sent[0]
        artifact = next(registry.list_artifacts())
        assert type(artifact) is Artifact


def test_an_update_repeats_states_that_a_server_would_reset() -> None:
    sent: list[str] = []
    stored = {"id": "1", "name": "m", "state": "ARCHIVED"}

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(f"{request.method} {request.read().decode()}")
        return httpx.Response(200, json=stored)

    with registry_of(answer) as registry:
        registry.update_registered_model("1", owner="a")
        registry.update_registered_model("1", owner="a", state="LIVE")
        stored["state"] = "LIVE"
        registry.update_registered_model("1", owner="a")
    assert sent == [
        "GET ",
        'PATCH {"state":"ARCHIVED","owner":"a"}',
        'PATCH {"owner":"a","state":"LIVE"}',
        "GET ",
        'PATCH {"owner":"a"}',
    ]
    sent.clear()
    with Registry("http://x", token="t", transport=httpx.MockTransport(answer), partial_updates=True) as registry:
        registry.update_registered_model("1", owner="a")
    assert sent == ['PATCH {"owner":"a"}']


def test_a_token_is_found_in_each_of_its_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MODEL_REGISTRY_TOKEN", "KF_PIPELINES_SA_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    if not Path(SERVICE_ACCOUNT_FILE).exists():
        assert find_token().current() is None
    file = tmp_path / "token"
    file.write_text("from file\n")
    monkeypatch.setenv("KF_PIPELINES_SA_TOKEN_PATH", str(file))
    assert find_token().current() == "from file"
    monkeypatch.setenv("MODEL_REGISTRY_TOKEN", "from environment")
    assert find_token().current() == "from environment"
    assert find_token(token_file=file).current() == "from file"
    assert find_token("given").current() == "given"
    with pytest.raises(InvalidValue, match="nowhere"):
        find_token(token_file=tmp_path / "nowhere")


def test_certificates_are_checked_by_default(tmp_path: Path) -> None:
    assert verification("https://x:443", None, None) is True
    assert verification("https://x:443", None, False) is False
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(InvalidValue, match=r"ca\.pem"):
        verification("https://x:443", tmp_path / "ca.pem", None)


def test_the_client_works_through_a_gateway_with_tls_and_tokens(server_url: str, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    with gateway.gateway(server_url, tmp_path / "key.pem", tmp_path / "certificate.pem") as running:
        address, ca = f"https://localhost:{running.port}", str(tmp_path / "authority.pem")
        with ModelRegistryClient(address, user_token=gateway.TOKEN, custom_ca=ca) as client:
            name = f"secure-{tmp_path.name}"
            assert client.register_model(name, "s3://x", version="1") == client.get_model(name)
        with Registry("127.0.0.1", running.port, token=gateway.TOKEN, is_secure=False) as registry:
            assert registry.find_registered_model(name)
        with pytest.raises(Unauthorized), Registry(address, token="another", custom_ca=ca) as registry:
            registry.find_registered_model(name)
        with pytest.raises(Unreachable, match="certificate"), Registry(address, token="t", retries=QUICK) as registry:
            registry.find_registered_model(name)


def test_one_connection_serves_many_calls(registry: Registry) -> None:
    ports = set()
    registry._transport._http.event_hooks["response"].append(
        lambda response: ports.add(response.extensions["network_stream"].get_extra_info("client_addr"))
    )
    for _ in range(20):
        registry.find_registered_model("none")
    assert len(ports) == 1
