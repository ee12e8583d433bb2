"""The secure way: TLS and a token at a gateway before the registry, through `model_registry` of either API."""

import os

import pytest
from model_registry import ModelRegistry
from model_registry.exceptions import StoreError
from mr_openapi.exceptions import UnauthorizedException
from steps import register, registered, unique


def tls_with_a_certificate_and_a_token_works(port: str, certificate: str, token: str) -> None:
    os.environ["REGISTRY_CA"] = certificate
    for registry in (
        ModelRegistry(f"https://localhost:{port}", author="a", user_token=token, custom_ca=certificate),
        ModelRegistry("https://localhost", int(port), author="a", user_token=token, custom_ca=certificate),
        ModelRegistry(
            "https://127.0.0.1", int(port), author="a", user_token=token, custom_ca_envvar="REGISTRY_CA", is_secure=True
        ),
    ):
        name = unique("model")
        model = register(registry, name, metadata={"through": "TLS"})
        assert registered(registry, name) == model
        assert registry.update(model.model_copy(update={"description": "d"})).description == "d"


def insecure_mode_does_not_look_at_the_certificate(port: str, certificate: str, token: str) -> None:
    registry = ModelRegistry(f"https://localhost:{port}", author="a", user_token=token, is_secure=False)
    assert register(registry, unique("model")).id


def a_wrong_token_or_none_or_no_certificate_is_refused(port: str, certificate: str, token: str) -> None:
    with pytest.raises(UnauthorizedException):
        ModelRegistry(f"https://localhost:{port}", author="a", user_token="wrong", custom_ca=certificate)
    with pytest.raises(StoreError, match="user token must be provided"):
        ModelRegistry(f"https://localhost:{port}", author="a", custom_ca=certificate)
    with pytest.raises(Exception, match="certificate"):
        ModelRegistry(f"https://localhost:{port}", author="a", user_token=token)
