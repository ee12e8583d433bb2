"""Turns MLMD's failures, a gRPC code and a text, into the errors of the store port."""

import re
from collections.abc import Callable, Mapping

import grpc

from model_registry_proxy.errors import MessageTooLarge, RegistryError, StoreError
from model_registry_proxy.mlmd.database_texts import (
    database_is_gone,
    is_duplicate_row,
    is_out_of_range,
    is_rolled_back,
    is_too_long,
    not_unique,
)
from model_registry_proxy.mlmd.port import (
    AlreadyExists,
    Conflict,
    NotFound,
    NotUnique,
    NumberTooLarge,
    RolledBack,
    Taken,
    Unavailable,
    ValueTooLong,
)


class Interrupted(Unavailable):
    """MLMD could not be reached during a write: it is not known whether the write took effect. See `retries.RetryPolicy.write`."""


class CannotFilter(StoreError):
    """The MLMD server applies no filters, as from MLMD 1.21 on. See `questions.Questions`."""


_OUTAGES = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}


def from_grpc(code: grpc.StatusCode, details: str, *, is_write: bool = False) -> RegistryError:
    """Returns the error for a status of MLMD. `details` is MLMD's text; it goes to the log, never to a client.

    `is_write`: an outage leaves open whether the call took effect.
    """
    if code in _OUTAGES or (code is grpc.StatusCode.INTERNAL and database_is_gone(details)):
        return Interrupted(details) if is_write else Unavailable(details)
    if code is grpc.StatusCode.INTERNAL and is_rolled_back(details):
        return RolledBack(details)
    if code is grpc.StatusCode.UNIMPLEMENTED and "filter_query" in details:
        return CannotFilter(details)
    return _BY_CODE.get(code, _of_database)(details)


_SIZES = re.compile(r"larger than max \((\d+) vs\. (\d+)\)")
"""The size of a message and the limit, in gRPC's text and in that of `engine.frames`."""


def _too_large(details: str) -> MessageTooLarge:
    found = _SIZES.search(details)
    return MessageTooLarge(int(found[1]), int(found[2]), details) if found else MessageTooLarge(details=details)


def _already_exists(details: str) -> StoreError:
    place = not_unique(details)
    return AlreadyExists(details, _taken(place) if place else None)


def _of_database(details: str) -> StoreError:
    if is_too_long(details):
        return ValueTooLong(details)
    if is_out_of_range(details):
        return NumberTooLarge(details)
    if place := not_unique(details):
        return NotUnique(details, _taken(place), may_be_race=is_duplicate_row(details))
    return StoreError(details)


def _taken(place: str) -> Taken:
    if "external" in place:
        return Taken.EXTERNAL_ID
    return Taken.PROPERTY_NAME if "property" in place or "primary" in place else Taken.NAME


_BY_CODE: Mapping[grpc.StatusCode, Callable[[str], StoreError]] = {
    grpc.StatusCode.ALREADY_EXISTS: _already_exists,
    grpc.StatusCode.INVALID_ARGUMENT: NotFound,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ABORTED: RolledBack,
    grpc.StatusCode.FAILED_PRECONDITION: Conflict,
    grpc.StatusCode.RESOURCE_EXHAUSTED: _too_large,
}
