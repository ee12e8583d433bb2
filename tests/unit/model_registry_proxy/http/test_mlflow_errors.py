"""Failures in the shape of MLflow, also those of the layers around the API."""

import json
from typing import Any

import pytest

from model_registry_proxy.errors import (
    BadRequest,
    BodyTooLarge,
    Conflict,
    Forbidden,
    MethodNotAllowed,
    MisdirectedRequest,
    MissingField,
    NotFound,
    RegistryError,
    StoreUnavailable,
    Unauthorized,
    UnknownPath,
)
from model_registry_proxy.http.error_shapes import ErrorShapes
from model_registry_proxy.http.mlflow_errors import of_error
from model_registry_proxy.http.responses import send_error
from model_registry_proxy.mlmd import port


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadRequest("x"), 400, "INVALID_PARAMETER_VALUE"),
        (MissingField("name"), 400, "INVALID_PARAMETER_VALUE"),
        (Conflict("x"), 400, "RESOURCE_ALREADY_EXISTS"),
        (NotFound("x"), 404, "RESOURCE_DOES_NOT_EXIST"),
        (UnknownPath("x"), 404, "ENDPOINT_NOT_FOUND"),
        (MethodNotAllowed("PUT", "GET"), 405, "ENDPOINT_NOT_FOUND"),
        (Unauthorized("x"), 401, "UNAUTHENTICATED"),
        (Forbidden("x"), 403, "PERMISSION_DENIED"),
        (BodyTooLarge(3), 413, "BAD_REQUEST"),
        (MisdirectedRequest("x"), 421, "BAD_REQUEST"),
        (StoreUnavailable(), 503, "TEMPORARILY_UNAVAILABLE"),
        (port.Conflict(), 503, "TEMPORARILY_UNAVAILABLE"),
        (port.StoreError("secret"), 500, "INTERNAL_ERROR"),
        (RegistryError("x"), 500, "INTERNAL_ERROR"),
    ],
)
def test_a_failure_has_mlflows_code(error: RegistryError, status: int, code: str) -> None:
    answer = of_error(error)
    content = json.loads(answer.body)
    assert (answer.status, content["error_code"]) == (status, code)
    assert set(content) == {"error_code", "message"}
    assert "secret" not in content["message"]
    names = {name.decode() for name, _ in answer.headers}
    assert set(error.headers) <= names


@pytest.mark.parametrize(("path", "keys"), [("/m/x", {"error_code", "message"}), ("/other", {"code", "message"})])
async def test_the_path_chooses_the_shape(path: str, keys: set[str]) -> None:
    async def refuse(scope: Any, _: Any, send: Any) -> None:
        await send_error(scope, send, Forbidden("no"))

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await ErrorShapes(refuse, {"/m/": of_error})({"type": "http", "path": path}, None, send)  # type: ignore[arg-type]
    assert set(json.loads(sent[1]["body"])) == keys
