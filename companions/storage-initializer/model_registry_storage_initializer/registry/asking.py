"""Clients for the registries that a URI may mean: the token, the certificates, and how long one that does not answer is asked."""

from dataclasses import dataclass

from model_registry_client import Registry, RetryPolicy
from model_registry_client.credentials import Token
from model_registry_client.errors import InvalidValue

from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.registry.uris import QUICK_SECONDS, Guess
from model_registry_storage_initializer.settings import Settings

ONCE = RetryPolicy(attempts=1)
_TOKEN_REMEDY = "Correct MODEL_REGISTRY_TOKEN_FILE or MODEL_REGISTRY_CA_FILE."  # noqa: S105 (names of variables)


@dataclass(frozen=True)
class Until(RetryPolicy):
    """Retries until a number of seconds has passed, however many attempts that takes."""

    seconds: float = 60.0
    longest_pause: float = 5.0

    def pause(self, failures: int, elapsed: float, retry_after: float | None) -> float | None:
        """Returns the seconds until the next attempt; `None` after the time limit."""
        pause = max(self.growing_pause(failures), retry_after or 0.0)
        return pause if elapsed + pause <= self.seconds else None


def opened(guess: Guess, settings: Settings, retries: RetryPolicy) -> Registry:
    """Returns a client. Raises `Failure` if the token or the certificates cannot be read, or if the address is none."""
    token = None if guess.gets_token else Token(None)
    try:
        return Registry(
            guess.url,
            token=token,
            token_file=settings.token_file if guess.gets_token else None,
            custom_ca=settings.ca_file,
            timeout=30.0 if guess.is_certain else QUICK_SECONDS,
            retries=retries,
            headers={"User-Agent": "model-registry-storage-initializer"},
        )
    except InvalidValue as error:
        raise Failure(str(error), _TOKEN_REMEDY) from error
