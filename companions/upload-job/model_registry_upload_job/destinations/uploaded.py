"""What every destination offers, and what it returns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from model_registry_upload_job.model_files import ModelFile


@dataclass(frozen=True)
class Uploaded:
    """Files at their destination.

    Attributes:
        uri: The address for the registry.
        hashes: The SHA-256 in hex of each file, by its path.
        sent: The bytes that were sent: less than the files have if some were there.
        size: The bytes that the files have.
    """

    uri: str
    hashes: Mapping[str, str]
    sent: int
    size: int


class Destination(Protocol):
    """Where files go."""

    @property
    def name(self) -> str:
        """The address."""

    def check(self) -> None:
        """Finds out whether it accepts files, before any is sent. Raises `UploadError`."""

    def put(self, files: Sequence[ModelFile], note_read: Callable[[int], None]) -> Uploaded:
        """Sends files. `note_read` gets the bytes that are read for their digests. Raises `UploadError`."""

    def abandon(self) -> None:
        """Deletes what was begun, as far as that is possible."""
