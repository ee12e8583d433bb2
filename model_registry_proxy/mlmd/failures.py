"""Turns the failures of MLMD into errors of the store port: gRPC codes, and the texts of SQLite, MySQL and MLMD."""

import re
from collections.abc import Mapping

import grpc

from model_registry_proxy.errors import (
    Aborted,
    AlreadyExists,
    ChangedMeanwhile,
    MessageTooLarge,
    RegistryError,
    Rejected,
    StoreError,
    StoreUnavailable,
)

_BY_CODE: Mapping[grpc.StatusCode, type[StoreError]] = {
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.INVALID_ARGUMENT: Rejected,
    grpc.StatusCode.NOT_FOUND: Rejected,
    grpc.StatusCode.ABORTED: Aborted,
    grpc.StatusCode.FAILED_PRECONDITION: ChangedMeanwhile,
    grpc.StatusCode.RESOURCE_EXHAUSTED: MessageTooLarge,
}
_OUTAGES = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}
_ROLLED_BACK = ("database is locked", "database table is locked", "Deadlock found", "Lock wait timeout")
"""INTERNAL with one of these is a transaction that SQLite or MySQL gave up in favour of another."""
_DATABASE_GONE = re.compile(
    r"mysql_real_connect failed|mysql_query failed: errno: [^,]*, error: "
    r"(?:MySQL )?(?:[Ss]erver has gone away|Lost connection to|Server shutdown in progress|Connection was killed)"
)
"""INTERNAL with this is an outage of the database behind MLMD: as with one of MLMD, nobody knows what was done."""


def from_grpc(code: grpc.StatusCode, details: str) -> RegistryError:
    """The failure for a gRPC status of MLMD."""
    if code in _OUTAGES:
        return StoreUnavailable(details=details)
    if code is grpc.StatusCode.INTERNAL and any(words in details for words in _ROLLED_BACK):
        return Aborted(details)
    if code is grpc.StatusCode.INTERNAL and database_is_gone(details):
        return StoreUnavailable(details=details)
    return _BY_CODE.get(code, StoreError)(details)


def database_is_gone(details: str) -> bool:
    """Whether MLMD's words say that its database went away."""
    return _DATABASE_GONE.search(details) is not None


def is_clash_of_properties(details: str) -> bool:
    """Whether MLMD's words say that a property was there already.

    Either a node has two names that look the same to the database, or another transaction has put it in the same moment, which is
    over at another try.
    """
    return "Duplicate entry" in details and "Property" in details
