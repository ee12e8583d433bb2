"""What can go wrong.

RegistryError
|- InvalidValue           what was to be sent cannot be said in the API; nothing was sent (also a ValueError)
|  `- NotKept             the server would refuse it with 400; nothing was sent (also an Invalid)
|- NotSupported           the server has no such operation, as v1 has no experiments
|- NotLogged              values of a run could not be recorded
|- Unreachable            no answer: refused, timed out, cut off
|  `- UnknownOutcome      a create may or may not have happened, and looking it up could not tell
`- ApiError               the server answered, and said no: status, code, message, request_id
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
    """Anything that this client raises on purpose."""

    def adding(self, text: str) -> Self:
        """The same error with a sentence more in its message."""
        self.args = (f"{str(self).rstrip('.')}. {text}", *self.args[1:])
        return self


class InvalidValue(RegistryError, ValueError):
    """What was to be sent cannot be said in the API. Nothing was sent."""


class NotSupported(RegistryError):
    """The server has no such operation."""


class NotLogged(RegistryError):
    """Values of a run could not be recorded. `values`: which."""

    def __init__(self, message: str, values: Sequence[Any]) -> None:
        super().__init__(message)
        self.values = values


class Unreachable(RegistryError):
    """The server gave no answer. The cause is chained."""


class UnknownOutcome(Unreachable):
    """The server gave no answer to a create, and it cannot be looked up whether it happened."""


class ApiError(RegistryError):
    """The server's answer was an error.

    `status`: the HTTP status. `code`: its reason phrase, as the body has it. `message`: the server's words.
    `request_id`: what the server or a gateway calls the request in its log, where it tells. `request`: method and path; empty where
    this client has looked something up by its name, which is not there.
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
        told = f" (request id {self.request_id})" if self.request_id else ""
        return f"{self.message} [{self.status} {self.code}; {self.request}]{told}"


class Invalid(ApiError, ValueError):
    """400, 413 or 422: the request cannot be taken as it is."""


class NotKept(InvalidValue, Invalid):
    """The server would refuse this with 400, so it was not sent: nothing of an operation of several steps is done."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "Bad Request", message)

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.message,)


class Unauthorized(ApiError):
    """401: a token is needed, or it is no longer good."""


class Forbidden(ApiError):
    """403: the token does not allow this."""


class NotFound(ApiError, ValueError):
    """404: there is no such thing."""


class Conflict(ApiError):
    """409: the name or the external id is taken."""


class TooManyRequests(ApiError):
    """429: the server asks for patience, and all attempts are used up."""


class ServerError(ApiError):
    """5xx: the server failed, and all attempts that could help are used up."""


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
    """The error for an answer. `body`: its JSON, or its text where it is none."""
    kind = _BY_STATUS.get(status, ServerError if status >= _SERVER_ERRORS else ApiError)
    if isinstance(body, dict):
        return kind(status, str(body.get("code") or reason), str(body.get("message") or reason), request_id, request)
    return kind(status, reason, str(body).strip()[:500] or reason, request_id, request)
