"""How a command ends: the table of exit codes, and errors as one line with a hint."""

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
    """The exit codes, as `docs/cli.md` has them."""

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
    """Something that the user is told in a line, with a hint at what would work."""

    def __init__(self, message: str, hint: str = "", code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.hint, self.code = hint, code


@dataclass(frozen=True)
class Ending:
    """What an error of the client means here."""

    code: Exit
    hint: str = ""


_REACH = "mr doctor looks closer. Another server: --server URL, MODEL_REGISTRY_URL, or mr context use NAME."
_TOKEN = "Give a token: MODEL_REGISTRY_TOKEN, --token-file FILE, or mr context set NAME --token-stdin."  # noqa: S105
ENDINGS: dict[str, Ending] = {
    "UnknownOutcome": Ending(Exit.UNREACHABLE, "Look whether it is there before you try again."),
    "Unreachable": Ending(Exit.UNREACHABLE, _REACH),
    "Unauthorized": Ending(Exit.NOT_ALLOWED, _TOKEN),
    "Forbidden": Ending(Exit.NOT_ALLOWED, "The server knows you, and does not let you do this. Ask who runs it."),
    "NotFound": Ending(Exit.NOT_FOUND),
    "Conflict": Ending(Exit.CONFLICT, "get shows what is there, update changes it, create --or-update does either."),
    "TooManyRequests": Ending(Exit.SERVER_FAILED, "Try again in a while."),
    "Unavailable": Ending(Exit.SERVER_FAILED, "mr doctor tells whether the store behind the server is well."),
    "ServerError": Ending(Exit.SERVER_FAILED, "Its log tells why."),
    "NotSupported": Ending(Exit.REFUSED, "mr doctor tells what the server offers."),
    "InvalidValue": Ending(Exit.USAGE),
    "ApiError": Ending(Exit.REFUSED),
    "TransferError": Ending(Exit.REFUSED),
    "RefusedError": Ending(Exit.REFUSED),
    "RegistryError": Ending(Exit.REFUSED, "mr doctor tells whether a model registry answers there."),
}
"""By the name of the class, the closest ancestor first: the client need not be imported for it."""


def ending_of(error: Exception) -> Ending | None:
    """What an error means; `None` for one that nobody expects."""
    if isinstance(error, Problem):
        return Ending(error.code, error.hint)
    return next((ENDINGS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in ENDINGS), None)


def complain(error: Exception) -> Exit:
    """Tells an error on stderr. Answers the exit code. Raises it again where nobody expects it."""
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
    """A line on stderr."""
    print(line, file=sys.stderr)  # noqa: T201 (what a command is for)


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command whose expected errors end it as the table says, never with a trace-back."""

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
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the last flush has somewhere to go
            raise typer.Exit(Exit.BROKEN_PIPE) from None
        except Exception as error:
            raise typer.Exit(complain(error)) from error

    return run
