"""The errors that this client raises.

RegistryError
|- InvalidValue           the API cannot express a value; nothing was sent (also a ValueError)
|  `- NotKept             the server would refuse a value with 400; nothing was sent (also an Invalid)
|- NotSupported           the server has no such operation; v1 has no experiments, for example
|- NotLogged              values of a run could not be recorded
|- Unreachable            no response: connection refused, timeout, connection lost
|  `- UnknownOutcome      a create may or may not have happened, and a lookup could not find out
`- ApiError               the server returned an error: status, code, message, request_id
   |- Invalid             400, 413, 422 (also a ValueError)
   |- Unauthorized        401
   |- Forbidden           403
   |- NotFound            404 (also a ValueError)
   |- Conflict            409: a name or an external id is taken
   |- TooManyRequests     429, after all attempts
   `- ServerError         5xx, after all attempts
      `- Unavailable      503
"""

from collections.abc import Sequence
from typing import Any, Self


class RegistryError(Exception):
    """The base class of all errors of this client."""

    def adding(self, text: str) -> Self:
        """Adds a sentence to the message. Returns the same error."""
        self.args = (f"{str(self).rstrip('.')}. {text}", *self.args[1:])
        return self


class InvalidValue(RegistryError, ValueError):
    """The API cannot express a value. Nothing was sent."""


class NotSupported(RegistryError):
    """The server has no such operation."""


class NotLogged(RegistryError):
    """Values of a run could not be recorded. `values` holds them."""

    def __init__(self, message: str, values: Sequence[Any]) -> None:
        super().__init__(message)
        self.values = values


class Unreachable(RegistryError):
    """The server did not respond. The cause is chained."""


class UnknownOutcome(Unreachable):
    """The server did not respond to a create request, and the client cannot find out whether it took effect."""


class ApiError(RegistryError):
    """The server returned an error.

    Attributes:
        status: The HTTP status.
        code: The reason phrase, from the body if it has one.
        message: The message of the server.
        request_id: The id of the request in the log of the server or a gateway, from the header `X-Request-Id`.
        request: Method and path; empty if this client raises the error because it found nothing of this name.
    """

    def __init__(self, status: int, code: str, message: str, request_id: str | None = None, request: str = "") -> None:
        self.status, self.code, self.message = status, code, message
        self.request_id, self.request = request_id, request
        super().__init__(status, code, message, request_id, request)

    def adding(self, text: str) -> Self:
        """See `RegistryError.adding`."""
        self.message = f"{self.message.rstrip('.')}. {text}"
        self.args = (self.status, self.code, self.message, self.request_id, self.request)
        return self

    def __str__(self) -> str:
        if not self.request:
            return self.message
        request_id = f" (request id {self.request_id})" if self.request_id else ""
        return f"{self.message} [{self.status} {self.code}; {self.request}]{request_id}"


class Invalid(ApiError, ValueError):
    """400, 413 or 422: the request is not valid."""


class NotKept(InvalidValue, Invalid):
    """The server would refuse a value with 400, so nothing was sent. No step of an operation of several requests was done."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "Bad Request", message)

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.message,)


class Unauthorized(ApiError):
    """401: a token is missing, or it is not valid."""


class Forbidden(ApiError):
    """403: the token does not allow this."""


class NotFound(ApiError, ValueError):
    """404: there is no such entity."""


class Conflict(ApiError):
    """409: the name or the external id is taken."""


class TooManyRequests(ApiError):
    """429: the server limits the rate of requests, and all attempts are used up."""


class ServerError(ApiError):
    """5xx: the server failed, and all attempts are used up."""


class Unavailable(ServerError):
    """503: the server, or the store behind it, is down."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: Invalid,
    422: Invalid,
    429: TooManyRequests,
    503: Unavailable,
}
_SERVER_ERRORS = 500


def error_for(status: int, body: Any, reason: str, request_id: str | None, request: str) -> ApiError:
    """Returns the error for a response.

    Args:
        status: The HTTP status.
        body: The JSON of the body, or its text if it is not JSON.
        reason: The reason phrase of the status.
        request_id: The id of the request in the server's log.
        request: Method and path.
    """
    kind = _BY_STATUS.get(status, ServerError if status >= _SERVER_ERRORS else ApiError)
    if isinstance(body, dict):
        return kind(status, str(body.get("code") or reason), str(body.get("message") or reason), request_id, request)
    return kind(status, reason, str(body).strip()[:500] or reason, request_id, request)
