"""Why an object cannot be recorded now, in words for the person that made it."""

from http import HTTPStatus

from model_registry_client import RegistryError
from model_registry_client.errors import (
    ApiError,
    InvalidValue,
    NotSupported,
    ServerError,
    TooManyRequests,
    Unreachable,
)

_OF_THE_REGISTRY = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_TIMEOUT}
"""Statuses in the 4xx range that say something about the registry or the controller's token, and nothing about the object."""


class Problem(Exception):
    """An object cannot be recorded.

    Attributes:
        reason: One word for it, the reason of the Event.
        lasts: Whether only a change of the object, or of the registry's content, can help.
    """

    def __init__(self, reason: str, message: str, *, lasts: bool = False) -> None:
        super().__init__(message)
        self.reason, self.lasts = reason, lasts


class RegistryDown(Problem):
    """The registry does not answer, or refuses every request.

    Attributes:
        wait: Seconds before the next request to it is of use.
    """

    def __init__(self, message: str, wait: float = 0.0, reason: str = "RegistryUnavailable") -> None:
        super().__init__(reason, message)
        self.wait = wait


def is_of_the_registry(error: BaseException) -> bool:
    """Whether a failure would meet every request to this registry: it is down, too busy, or refuses the token."""
    if isinstance(error, ApiError):
        return isinstance(error, ServerError | TooManyRequests) or error.status in _OF_THE_REGISTRY
    return isinstance(error, Unreachable | NotSupported | TimeoutError)


def of_error(error: RegistryError | TimeoutError, url: str) -> Problem:
    """Returns the problem for a failed request to the registry at an address."""
    if isinstance(error, TimeoutError):
        return RegistryDown(f"The model registry at {url} did not answer in time.")
    if isinstance(error, ApiError) and error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return RegistryDown(
            f"The model registry at {url} refuses the controller ({error}). Give its service account a role there that may"
            " write. A token is only sent to Services in the cluster and to --trusted-hosts.",
            reason="RegistryRefuses",
        )
    if isinstance(error, NotSupported):
        return RegistryDown(f"There is no model registry at {url}: {error}", reason="NoRegistry")
    if is_of_the_registry(error):
        return RegistryDown(str(error))
    if isinstance(error, InvalidValue) and not isinstance(error, ApiError):
        return Problem("InvalidValue", str(error), lasts=True)
    return Problem("RegistryRefusesObject", f"The model registry at {url} refuses this: {error}", lasts=True)
