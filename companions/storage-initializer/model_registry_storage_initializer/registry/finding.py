"""The registry and the model that a URI means: its meanings are tried in order, and again while a registry does not answer."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from model_registry_client import RegisteredModel, Registry
from model_registry_client.errors import (
    Forbidden,
    RegistryError,
    ServerError,
    TooManyRequests,
    Unauthorized,
    Unreachable,
)

from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.registry.asking import ONCE, Until, opened
from model_registry_storage_initializer.registry.uris import Guess
from model_registry_storage_initializer.settings import Settings

logger = logging.getLogger(__name__)
_PASSING = (Unreachable, ServerError, TooManyRequests)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0


@dataclass(frozen=True)
class Found:
    """The model that a URI names, and the meaning of the URI that led to it."""

    guess: Guess
    model: RegisteredModel


def found_model(guesses: Sequence[Guess], settings: Settings) -> Found:
    """Returns the model, at the first registry that has it.

    Raises:
        Failure: No registry has such a model, or one that must be asked did not answer until the time limit.
    """
    end, pause = time.monotonic() + settings.timeout, _FIRST_PAUSE
    while True:
        misses: list[str] = []
        silent: RegistryError | None = None
        for guess in guesses:
            try:
                if model := _model(guess, settings):
                    return Found(guess, model)
                misses.append(f'no registered model "{guess.model}" at {guess.url}')
            except _PASSING as error:
                silent = silent or (error if guess.is_certain else None)
                logger.info("The registry at %s does not answer: %s", guess.url, error)
                if not guess.is_optional:
                    break
            except (Unauthorized, Forbidden) as error:
                if not guess.is_optional:
                    raise refused(guess.url, error) from error
                misses.append(f"no permission at {guess.url}")
            except RegistryError as error:  # it answers, but it is no registry
                if not guess.is_optional:
                    raise Failure(str(error), "Correct MODEL_REGISTRY_BASE_URL, or the host in the URI.") from error
        if not silent:
            raise Failure(f"There is {'; '.join(misses)}", "Correct the name in the URI, or MODEL_REGISTRY_BASE_URL.")
        if time.monotonic() + pause > end:
            raise Failure(
                f"{silent}; it was asked for {settings.timeout:g} seconds",
                "Check that the registry runs, and MODEL_REGISTRY_BASE_URL or the host in the URI.",
            ) from silent
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def spellings(name: str) -> list[str]:
    """Returns a name of a URI as it is, and then percent-decoded if that differs."""
    return list(dict.fromkeys([name, unquote(name)]))


def patient(guess: Guess, settings: Settings) -> Registry:
    """Returns a client of a registry that has answered; it retries until the time limit."""
    return opened(guess, settings, Until(seconds=settings.timeout))


def refused(url: str, error: RegistryError) -> Failure:
    """Returns the failure of a registry that does not accept the token, or asks for one."""
    return Failure(
        f"The registry at {url} refuses access: {error}",
        "Give the pod a service account with access, or set MODEL_REGISTRY_TOKEN_FILE; a host in a URI gets the token only if"
        " MODEL_REGISTRY_TOKEN_HOSTS names it.",
    )


def _model(guess: Guess, settings: Settings) -> RegisteredModel | None:
    with opened(guess, settings, ONCE) as registry:
        return next((model for name in spellings(guess.model) if (model := registry.find_registered_model(name))), None)
