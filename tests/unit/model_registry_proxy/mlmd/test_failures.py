"""The failures of MLMD: every gRPC code, and the texts of databases, become errors of the store port."""

from http import HTTPStatus

import grpc
import pytest

from model_registry_proxy import errors
from model_registry_proxy.errors import RegistryError, StoreError
from model_registry_proxy.mlmd import port
from model_registry_proxy.mlmd.failures import from_grpc

Code = grpc.StatusCode
TABLE: dict[grpc.StatusCode, type[RegistryError]] = {
    Code.ABORTED: port.RolledBack,
    Code.ALREADY_EXISTS: port.AlreadyExists,
    Code.CANCELLED: port.Unavailable,
    Code.DATA_LOSS: errors.StoreError,
    Code.DEADLINE_EXCEEDED: port.Unavailable,
    Code.FAILED_PRECONDITION: port.Conflict,
    Code.INTERNAL: errors.StoreError,
    Code.INVALID_ARGUMENT: port.NotFound,
    Code.NOT_FOUND: port.NotFound,
    Code.OUT_OF_RANGE: errors.StoreError,
    Code.PERMISSION_DENIED: errors.StoreError,
    Code.RESOURCE_EXHAUSTED: errors.MessageTooLarge,
    Code.UNAUTHENTICATED: errors.StoreError,
    Code.UNAVAILABLE: port.Unavailable,
    Code.UNIMPLEMENTED: errors.StoreError,
    Code.UNKNOWN: errors.StoreError,
}


@pytest.mark.parametrize("code", TABLE, ids=lambda code: code.name)
def test_a_code_becomes_this_failure(code: grpc.StatusCode) -> None:
    assert type(from_grpc(code, "")) is TABLE[code]


def test_the_table_is_complete() -> None:
    assert set(TABLE) | {Code.OK} == set(Code)


@pytest.mark.parametrize(
    "details",
    [
        "INTERNAL: database is locked",
        "database table is locked: Type",
        "mysql_query failed: errno: 1213, error: Deadlock found when trying to get lock; try restarting transaction",
        "errno: 1205, error: Lock wait timeout exceeded",
    ],
)
def test_a_transaction_that_the_database_gave_up_is_rolled_back(details: str) -> None:
    assert type(from_grpc(Code.INTERNAL, details)) is port.RolledBack
    assert type(from_grpc(Code.INVALID_ARGUMENT, details)) is port.NotFound


@pytest.mark.parametrize(
    "details",
    [
        "mysql_real_connect failed: errno: , error: ",
        "mysql_real_connect failed: errno: 1040, error: Too many connections",
        "mysql_real_connect failed: errno: 2003, error: Can't connect to MySQL server on '127.0.0.1' (111)",
        "mysql_query failed: errno: 2006, error: MySQL server has gone away",
        "mysql_query failed: errno: 2013, error: Lost connection to MySQL server during query",
        "mysql_query failed: errno: Lost connection to server during query, error: Lost connection to server during query",
        "Cannot create node for description: 'x'mysql_query failed: errno: 2006, error: Server has gone away",
    ],
)
def test_a_database_that_is_gone_is_an_outage(details: str) -> None:
    assert type(from_grpc(Code.INTERNAL, details)) is port.Unavailable


def test_a_text_of_a_client_is_no_outage() -> None:
    details = "Cannot create node for description: 'Server has gone away' mysql_query failed: errno: 1264, error: Out of range"
    assert type(from_grpc(Code.INTERNAL, details)) is errors.StoreError


def test_the_text_of_mlmd_goes_to_the_log_and_not_to_the_client() -> None:
    error = from_grpc(Code.INTERNAL, "SELECT secret")
    assert isinstance(error, StoreError)
    assert error.details == "SELECT secret"
    assert "secret" not in error.message


@pytest.mark.parametrize(
    ("details", "sizes"),
    [
        ("Received message larger than max (4194305 vs. 4194304)", " (4194305 bytes, where 4194304 are taken)"),
        ("CLIENT: Sent message larger than max (70 vs. 60)", " (70 bytes, where 60 are taken)"),
        ("Bandwidth exhausted", ""),
    ],
)
def test_a_message_that_is_too_large_names_its_size_and_the_limit(details: str, sizes: str) -> None:
    error = from_grpc(Code.RESOURCE_EXHAUSTED, details)
    assert isinstance(error, errors.MessageTooLarge)
    assert error.details == details
    assert error.message == (
        f"This makes a message to or from the metadata store that is too large{sizes}. The limit is --max-message-bytes "
        "(MR_MAX_MESSAGE_BYTES); Google's MLMD server takes 4194304 unless it is started with "
        "--grpc_channel_arguments=grpc.max_receive_message_length=..."
    )


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.BadRequest("x"), 400, "Bad Request"),
        (errors.MissingField("x"), 422, "Bad Request"),
        (errors.NotFound("x"), 404, "Not Found"),
        (errors.MethodNotAllowed("PUT", "GET"), 405, "Method Not Allowed"),
        (errors.Conflict("x"), 409, "Conflict"),
        (errors.BodyTooLarge(5), 413, "Request Entity Too Large"),
        (errors.MessageTooLarge(6, 5), 413, "Request Entity Too Large"),
        (errors.StoreUnavailable(), 503, "Service Unavailable"),
        (errors.StoreError(), 500, "Internal Server Error"),
        (port.RolledBack(), 503, "Service Unavailable"),
        (errors.RegistryError("x"), 500, "Internal Server Error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_failure_has_this_status_and_phrase(error: RegistryError, status: int, code: str) -> None:
    assert (error.status, error.code) == (HTTPStatus(status), code)


def test_a_missing_field_has_the_message_that_clients_expect() -> None:
    assert errors.MissingField("name").message == "required field 'name' is zero value."
