"""Kubeflow's SDK through a gateway with TLS and tokens."""

import pytest
from kubeflow.hub import ModelRegistryClient
from model_registry.exceptions import StoreError
from steps import unique


def tls_is_chosen_by_the_address(port: str, certificate: str, token: str) -> None:
    for client in (
        ModelRegistryClient(f"https://localhost:{port}", user_token=token, custom_ca=certificate),
        ModelRegistryClient("https://127.0.0.1", int(port), user_token=token, custom_ca=certificate),
        ModelRegistryClient(f"https://localhost:{port}", user_token=token, is_secure=False),
    ):
        name = unique("model")
        model = client.register_model(name, "s3://bucket/model", version="1", metadata={"a": 1})
        assert client.get_model(name) == model
    with pytest.raises(StoreError, match="user token"):
        ModelRegistryClient(f"https://localhost:{port}", custom_ca=certificate)
