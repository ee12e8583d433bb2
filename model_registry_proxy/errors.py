"""Every failure that a client may see.

RegistryError
├── BadRequest            400   the request cannot be understood or kept
├── MissingField          422   a required field is not there
├── Unauthorized          401   nobody knows who asks
├── Forbidden             403   who asks may not do that
├── NotFound              404
├── MethodNotAllowed      405
├── Conflict              409   a name or externalId is taken
├── PreconditionFailed    412   the entity has changed since the client has read it
├── BodyTooSlow           408   the client has not sent its body in time
├── BodyTooLarge          413
├── MisdirectedRequest    421   the request is addressed to a host that is not this server
├── StoreUnavailable      503   MLMD cannot be reached, or is too slow
└── StoreError            500   MLMD failed
    └── MessageTooLarge   413   the message is more than MLMD takes

The store has more errors, which the verbs turn into these: see `mlmd/port.py`.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

_SIZES = re.compile(r"larger than max \((\d+) vs\. (\d+)\)")


class RegistryError(Exception):
    """A failure with the status and the message that the client gets."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    phrase: ClassVar[str] = ""
    headers: Mapping[str, str] = {}

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def code(self) -> str:
        """What the body calls the failure: the reason phrase of RFC 9110."""
        return self.phrase or self.status.phrase


class BadRequest(RegistryError):
    """The request cannot be understood, or holds what the store cannot keep."""

    status = HTTPStatus.BAD_REQUEST


class MissingField(RegistryError):
    """A required field is missing, null or empty. The phrase is that of 400: clients of the Go server expect it."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    phrase = HTTPStatus.BAD_REQUEST.phrase

    def __init__(self, field: str) -> None:
        super().__init__(f"required field '{field}' is zero value.")


class Unauthorized(RegistryError):
    """It is not known who asks. `is_bad`: a token was sent, but it does not count."""

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, message: str, *, is_bad: bool = False) -> None:
        super().__init__(message)
        error = f', error="invalid_token", error_description="{message}"' if is_bad else ""
        self.headers = {"www-authenticate": f'Bearer realm="model-registry"{error}'}


class Forbidden(RegistryError):
    """It is known who asks, and that the policy does not let them do that."""

    status = HTTPStatus.FORBIDDEN


class NotFound(RegistryError):
    """No such entity, or no such path."""

    status = HTTPStatus.NOT_FOUND


class MethodNotAllowed(RegistryError):
    """The path is known, the method is not. `advice` is a sentence on what to do instead."""

    status = HTTPStatus.METHOD_NOT_ALLOWED

    def __init__(self, method: str, allowed: str, advice: str = "") -> None:
        super().__init__(f"{method} is not allowed here; use {allowed}. {advice}".rstrip())
        self.headers = {"allow": allowed}


class MisdirectedRequest(RegistryError):
    """The request names a host that is not this server's (RFC 9110, 15.5.20)."""

    status = HTTPStatus.MISDIRECTED_REQUEST

    def __init__(self, host: str) -> None:
        super().__init__(
            f"This server does not know itself by the host {host[:200]!r}. If clients should reach it by that name, add it to "
            "--allowed-hosts (MR_ALLOWED_HOSTS)."
        )


class Conflict(RegistryError):
    """A name or externalId that must be unique is taken."""

    status = HTTPStatus.CONFLICT


class PreconditionFailed(RegistryError):
    """`If-Match` names another version of the entity than the present one."""

    status = HTTPStatus.PRECONDITION_FAILED


class BodyTooSlow(RegistryError):
    """The body did not arrive within the time that the request may take."""

    status = HTTPStatus.REQUEST_TIMEOUT
    headers: Mapping[str, str] = {"connection": "close"}

    def __init__(self) -> None:
        super().__init__("The body did not arrive within the time that the request may take.")


class BodyTooLarge(RegistryError):
    """The body is above the limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    phrase = "Request Entity Too Large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is too large: at most {limit} bytes are taken.")
        self.headers = {"connection": "close"}


class StoreUnavailable(RegistryError):
    """MLMD cannot be reached or did not answer in time; `details` are gRPC's words, for the log. The client may try again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    headers: Mapping[str, str] = {"retry-after": "1"}

    def __init__(
        self, message: str = "The metadata store cannot be reached; try again shortly.", details: str = ""
    ) -> None:
        super().__init__(message)
        self.details = details


class StoreError(RegistryError):
    """MLMD failed. Its own words are kept in `details` for the log; they are never answered."""

    def __init__(
        self, details: str = "", message: str = "The metadata store failed; the server's log says more."
    ) -> None:
        super().__init__(message)
        self.details = details


class MessageTooLarge(StoreError):
    """A message is above what MLMD takes, or what the proxy takes from it. gRPC tells both sizes in its `details`."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    phrase = "Request Entity Too Large"

    def __init__(self, details: str = "") -> None:
        found = _SIZES.search(details)
        sizes = f" ({found[1]} bytes, where {found[2]} are taken)" if found else ""
        super().__init__(
            details,
            f"This makes a message to or from the metadata store that is too large{sizes}. The limit is --max-message-bytes "
            "(MR_MAX_MESSAGE_BYTES); Google's MLMD server takes 4194304 unless it is started with "
            "--grpc_channel_arguments=grpc.max_receive_message_length=...",
        )
