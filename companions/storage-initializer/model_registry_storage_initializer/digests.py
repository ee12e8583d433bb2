"""Digests of fetched files: compared with what the source or the registry says, else only shown."""

import hashlib
from pathlib import Path

from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.remote_files import Chunk, RemoteFile

_CHUNK = 2**20
_REMEDY = "The file is damaged at its source, or another one than was registered: upload it again, or register its digest again."


class Digest:
    """The digest that a file is checked by: the SHA-256 that is known, else the MD5, else a SHA-256 to show."""

    def __init__(self, file: RemoteFile) -> None:
        self._file = file
        self.kind = "md5" if file.md5 and not file.sha256 else "sha256"
        self._hash = hashlib.new(self.kind, usedforsecurity=False)

    def update(self, data: Chunk) -> None:
        """Takes the next bytes of the file."""
        self._hash.update(data)

    def read(self, path: Path) -> None:
        """Takes a whole file."""
        with path.open("rb", buffering=0) as file:
            view = memoryview(bytearray(_CHUNK))
            while size := file.readinto(view):
                self._hash.update(view[:size])

    def check(self) -> str:
        """Compares the digest. Returns it in hex, with its kind. Raises `Failure` if it is another one than expected."""
        file, found = self._file, self._hash.hexdigest()
        expected = file.sha256 if self.kind == "sha256" else file.md5
        if expected and found != expected and not (self.kind == "md5" and file.excuse()):
            words = {"sha256": "SHA-256", "md5": "MD5"}[self.kind]
            raise Failure(f'The {words} of "{file.path}" is {found}, but it should be {expected}', _REMEDY)
        return f"{self.kind}:{found}"
