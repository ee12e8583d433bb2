"""Failures in the shape of MLflow's REST API: `error_code`, a word that its clients compare, and `message`.

Its clients raise an exception with the code. Some of them do more: they try the next endpoint after ENDPOINT_NOT_FOUND.
"""

from collections.abc import Mapping
from http import HTTPStatus

from model_registry_proxy.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    MethodNotAllowed,
    MissingField,
    NotFound,
    RegistryError,
    StoreUnavailable,
    Unauthorized,
    UnknownPath,
    Unprocessable,
)
from model_registry_proxy.http.responses import Response, in_json

BEGINNINGS = ("/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/")
"""How the paths of MLflow's API begin."""
_CODES: Mapping[type[RegistryError], str] = {
    BadRequest: "INVALID_PARAMETER_VALUE",
    MissingField: "INVALID_PARAMETER_VALUE",
    Unprocessable: "INVALID_PARAMETER_VALUE",
    Unauthorized: "UNAUTHENTICATED",
    Forbidden: "PERMISSION_DENIED",
    UnknownPath: "ENDPOINT_NOT_FOUND",
    MethodNotAllowed: "ENDPOINT_NOT_FOUND",
    NotFound: "RESOURCE_DOES_NOT_EXIST",
    Conflict: "RESOURCE_ALREADY_EXISTS",
    StoreUnavailable: "TEMPORARILY_UNAVAILABLE",
}
"""The code of a failure, or else of the nearest one above it in the tree."""
_OF_STATUS: Mapping[int, str] = {503: "TEMPORARILY_UNAVAILABLE"}
_STATUSES: Mapping[int, HTTPStatus] = {
    HTTPStatus.CONFLICT: HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNPROCESSABLE_ENTITY: HTTPStatus.BAD_REQUEST,
}
"""Statuses in the place of ours: MLflow has 400 for all that a client can mend."""


def of_error(error: RegistryError) -> Response:
    """The answer to a failure."""
    headers = [(name.encode(), value.encode()) for name, value in error.headers.items()]
    content = {"error_code": _code(error), "message": _message(error)}
    return in_json(_STATUSES.get(error.status, error.status), content, headers)


def _code(error: RegistryError) -> str:
    found = next((_CODES[each] for each in type(error).__mro__ if each in _CODES), None)
    usual = "INTERNAL_ERROR" if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "BAD_REQUEST"
    return found or _OF_STATUS.get(error.status, usual)


def _message(error: RegistryError) -> str:
    return (
        f"Missing value for required parameter '{error.field}'." if isinstance(error, MissingField) else error.message
    )
