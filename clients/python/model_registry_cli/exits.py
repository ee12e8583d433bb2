"""The end of a command: exit codes, and errors as one line with a hint."""

import errno
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import wraps
from typing import Any

import typer


class Exit(IntEnum):
    """The exit codes. `docs/cli.md` explains them."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFLICT = 4
    UNREACHABLE = 5
    NOT_ALLOWED = 6
    SERVER_FAILED = 7
    UNHEALTHY = 8
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class Problem(Exception):
    """An error of the user, shown as one line with a hint.

    Args:
        message: The error.
        hint: What the user can do.
        code: The exit code.
    """

    def __init__(self, message: str, hint: str = "", code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.hint, self.code = hint, code


@dataclass(frozen=True)
class Ending:
    """The exit code and the hint for a kind of error."""

    code: Exit
    hint: str = ""


_REACH = "mr doctor shows details. For another server: --server URL, MODEL_REGISTRY_URL, or mr context use NAME."
_TOKEN = "Give a token: MODEL_REGISTRY_TOKEN, --token-file FILE, or mr context set NAME --token-stdin."  # noqa: S105
ENDINGS: dict[str, Ending] = {
    "UnknownOutcome": Ending(Exit.UNREACHABLE, "Check whether it exists before you try again."),
    "Unreachable": Ending(Exit.UNREACHABLE, _REACH),
    "Unauthorized": Ending(Exit.NOT_ALLOWED, _TOKEN),
    "Forbidden": Ending(Exit.NOT_ALLOWED, "The server accepts your token, but does not allow this. Ask who runs it."),
    "NotFound": Ending(Exit.NOT_FOUND),
    "Conflict": Ending(
        Exit.CONFLICT, "get shows the existing one, update changes it, create --or-update creates or updates it."
    ),
    "TooManyRequests": Ending(Exit.SERVER_FAILED, "Try again later."),
    "Unavailable": Ending(Exit.SERVER_FAILED, "mr doctor shows whether the store of the server is healthy."),
    "ServerError": Ending(Exit.SERVER_FAILED, "The log of the server has the reason."),
    "NotSupported": Ending(Exit.REFUSED, "mr doctor shows which versions of the API the server has."),
    "InvalidValue": Ending(Exit.USAGE),
    "ApiError": Ending(Exit.REFUSED),
    "AlreadyThere": Ending(Exit.CONFLICT),
    "UploadError": Ending(Exit.REFUSED),
    "TransferError": Ending(Exit.REFUSED),
    "RefusedError": Ending(Exit.REFUSED),
    "RegistryError": Ending(Exit.REFUSED, "mr doctor shows whether this server is a model registry."),
}
"""Endings by class name, so that this module does not import the client. The closest base class applies."""


def ending_of(error: Exception) -> Ending | None:
    """Returns the ending for an error; `None` for an unexpected one."""
    if isinstance(error, Problem):
        return Ending(error.code, error.hint)
    return next((ENDINGS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in ENDINGS), None)


def complain(error: Exception) -> Exit:
    """Prints an error on stderr and returns the exit code. Raises the error again if it is unexpected."""
    ending = ending_of(error)
    if ending is None:
        raise error
    request = getattr(error, "request_id", None)
    message = getattr(error, "message", str(error)) + (f" (request id {request})" if request else "")
    say(f"mr: {' '.join(message.split())}")
    if ending.hint:
        say(f"hint: {ending.hint}")
    return ending.code


def say(line: str) -> None:
    """Prints a line on stderr."""
    print(line, file=sys.stderr)  # noqa: T201 (the messages of a command)


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps a command: an expected error ends it with a message and an exit code, without a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except KeyboardInterrupt:
            raise typer.Exit(Exit.INTERRUPTED) from None
        except typer.Abort as end:
            if not isinstance(end.__context__, KeyboardInterrupt):  # Ctrl-D
                raise
            say("")
            raise typer.Exit(Exit.INTERRUPTED) from None
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise typer.Exit(complain(Problem(f"{error.filename or 'output'}: {error.strerror}"))) from error
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the last flush must not fail
            raise typer.Exit(Exit.BROKEN_PIPE) from None
        except Exception as error:
            raise typer.Exit(complain(error)) from error

    return run
