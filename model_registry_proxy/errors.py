"""Every failure that a client may see, as a tree with the status of each.

RegistryError
├── BadRequest            400   the request cannot be understood or kept
├── MissingField          422   a required field is not there
├── Unauthorized          401   the client has no valid identity
├── Forbidden             403   the client may not do that
├── Unprocessable         422   a file in the request cannot be used
├── KeyReused             422   an Idempotency-Key was sent before, with another body
├── NotFound              404
│   └── UnknownPath       404   no such path
├── MethodNotAllowed      405
├── Conflict              409   a name or externalId is taken
├── PreconditionFailed    412   the entity has changed since the client read it
├── BodyTooSlow           408   the body did not arrive in time
├── BodyTooLarge          413
├── MisdirectedRequest    421   the request is addressed to a host that is not this server
├── StoreUnavailable      503   MLMD cannot be reached, or is too slow
└── StoreError            500   MLMD failed
    └── MessageTooLarge   413   the message is more than MLMD takes

The store has more errors, which the verbs turn into these: see `mlmd/port.py`.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar


class RegistryError(Exception):
    """A failure with the status and the message that the client gets. `headers` are those of its answer."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    phrase: ClassVar[str] = ""
    headers: Mapping[str, str] = {}

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def code(self) -> str:
        """The `code` in the JSON body: the reason phrase of the status (RFC 9110)."""
        return self.phrase or self.status.phrase


class BadRequest(RegistryError):
    """The request cannot be understood, or the store cannot keep what it holds."""

    status = HTTPStatus.BAD_REQUEST


class MissingField(RegistryError):
    """A required field is missing, null or empty. The code is that of 400, because clients of the Go server expect it."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    phrase = HTTPStatus.BAD_REQUEST.phrase

    def __init__(self, field: str) -> None:
        super().__init__(f"required field '{field}' is zero value.")
        self.field = field


class Unauthorized(RegistryError):
    """The client has sent no identity, or one that is not valid.

    `is_bad`: a token was sent, but is not accepted; the header `WWW-Authenticate` then says why (RFC 6750, 3).
    """

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, message: str, *, is_bad: bool = False) -> None:
        super().__init__(message)
        error = f', error="invalid_token", error_description="{message}"' if is_bad else ""
        self.headers = {"www-authenticate": f'Bearer realm="model-registry"{error}'}


class Forbidden(RegistryError):
    """The policy does not let this client do that, or a rule for browsers refuses the request."""

    status = HTTPStatus.FORBIDDEN


class NotFound(RegistryError):
    """No such entity, or no such path."""

    status = HTTPStatus.NOT_FOUND


class UnknownPath(NotFound):
    """Nothing is served at the path."""


class Unprocessable(RegistryError):
    """A file in the request was read, but what it holds cannot be used."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    phrase = "Unprocessable Entity"


class KeyReused(RegistryError):
    """An `Idempotency-Key` was sent before, with another body."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    phrase = "Unprocessable Entity"

    def __init__(self, words: str, id_: int) -> None:
        super().__init__(
            f"This Idempotency-Key was sent before with another body: it created the {words} with id {id_}. Send a new key with a "
            "new request."
        )


class MethodNotAllowed(RegistryError):
    """The path has other methods than this one.

    `allowed` lists them with commas, `advice` is a sentence on what to do instead.
    """

    status = HTTPStatus.METHOD_NOT_ALLOWED

    def __init__(self, method: str, allowed: str, advice: str = "") -> None:
        super().__init__(f"{method} is not allowed here; use {allowed}. {advice}".rstrip())
        self.headers = {"allow": allowed}


class MisdirectedRequest(RegistryError):
    """The request names a host that is not this server (RFC 9110, 15.5.20)."""

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
    """The entity has another version than those in `If-Match` (RFC 9110, 13.1.1)."""

    status = HTTPStatus.PRECONDITION_FAILED


class BodyTooSlow(RegistryError):
    """The body did not arrive within the time that the request may take."""

    status = HTTPStatus.REQUEST_TIMEOUT
    headers: Mapping[str, str] = {"connection": "close"}

    def __init__(self) -> None:
        super().__init__("The body did not arrive within the time that the request may take.")


class BodyTooLarge(RegistryError):
    """The body has more bytes than `--max-body-bytes` allows."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    phrase = "Request Entity Too Large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is too large: at most {limit} bytes are taken.")
        self.headers = {"connection": "close"}


class StoreUnavailable(RegistryError):
    """MLMD cannot be reached, or did not answer in time. The client may try again.

    `details`: gRPC's text, for the log only.
    """

    status = HTTPStatus.SERVICE_UNAVAILABLE
    headers: Mapping[str, str] = {"retry-after": "1"}

    def __init__(
        self, message: str = "The metadata store cannot be reached; try again shortly.", details: str = ""
    ) -> None:
        super().__init__(message)
        self.details = details


class StoreError(RegistryError):
    """MLMD failed. `details`: its own text, for the log only; a client never receives it."""

    def __init__(
        self, details: str = "", message: str = "The metadata store failed; the server's log says more."
    ) -> None:
        super().__init__(message)
        self.details = details


class MessageTooLarge(StoreError):
    """A message to or from MLMD is larger than its receiver allows.

    `size` and `limit`: bytes, where both are known. `details`: MLMD's text, for the log only.
    """

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    phrase = "Request Entity Too Large"

    def __init__(self, size: int | None = None, limit: int | None = None, details: str = "") -> None:
        sizes = "" if size is None else f" ({size} bytes, where {limit} are taken)"
        super().__init__(
            details,
            f"This makes a message to or from the metadata store that is too large{sizes}. The limit is --max-message-bytes "
            "(MR_MAX_MESSAGE_BYTES); Google's MLMD server takes 4194304 unless it is started with "
            "--grpc_channel_arguments=grpc.max_receive_message_length=...",
        )
