"""What all sources have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from model_registry_storage_initializer.environment import Environment
from model_registry_storage_initializer.fetching import Fetcher
from model_registry_storage_initializer.progress import Progress
from model_registry_storage_initializer.settings import Settings
from model_registry_storage_initializer.staging import Staging


@dataclass(frozen=True)
class Job:
    """What a source works with.

    Attributes:
        uri: The URI of the files.
        environment: The variables.
        settings: The settings.
        staging: Where the files go.
        progress: Counts what comes.
        digests: The SHA-256 of files in hex by path, as the registry has them; the path of the only file may be "".
    """

    uri: str
    environment: Environment
    settings: Settings
    staging: Staging
    progress: Progress
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def fetcher(self) -> Fetcher:
        """Fetches files into the staging folder."""
        return Fetcher(self.staging, self.settings, self.progress)

    def is_wanted(self, path: str) -> bool:
        """Whether the patterns of the operator choose a file."""
        allow, ignore = self.settings.allow, self.settings.ignore
        is_allowed = not allow or any(fnmatchcase(path, pattern) for pattern in allow)
        return is_allowed and not any(fnmatchcase(path, pattern) for pattern in ignore)

    def digest(self, path: str, *, is_only: bool) -> str:
        """Returns the SHA-256 that a file should have; empty if it is not known."""
        return self.digests.get(path) or (self.digests.get("", "") if is_only else "")
