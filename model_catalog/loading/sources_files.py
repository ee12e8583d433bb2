"""The sources files together: each keeps what was last read from it, so that a broken one changes nothing."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from model_catalog.entries import SourceError
from model_catalog.loading.signatures import Signature, signature_of
from model_catalog.reading.merging import merge
from model_catalog.reading.settings import Settings
from model_catalog.reading.sources_file import STAYS, SourcesFile, read_sources_file

_log = logging.getLogger(__name__)


class SourcesFiles:
    """The sources files of a catalog; a later one overrides an earlier one.

    Attributes:
        errors: What is wrong with a file now, by its path.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths)
        self._files: dict[Path, SourcesFile] = {}
        self._seen: Signature = ()
        self._read: Signature = ()
        self.errors: dict[Path, str] = {}

    @property
    def is_complete(self) -> bool:
        """Whether each file could be read once."""
        return len(self._files) == len(set(self._paths))

    def changed(self) -> Settings | None:
        """What the files say, if that was not read yet; None if nothing has changed.

        A change counts when two looks have seen the same, so that no half-written file is read; the first look counts at once.
        """
        now = signature_of(self._paths)
        is_steady, self._seen = now == self._seen or not self._seen, now
        if now == self._read or not is_steady:
            return None
        is_first, self._read = not self._read, now
        for path in self._paths:
            self._read_one(path)
        if not is_first:
            _log.info("%s: read again.", ", ".join(map(str, self._paths)))
        settings = merge(self._files[path] for path in self._paths if path in self._files)
        for error in settings.errors:
            _log.error("%s", error)
        return replace(settings, errors=[*self.errors.values(), *settings.errors])

    def _read_one(self, path: Path) -> None:
        former = self._files.get(path)
        try:
            found = read_sources_file(path)
        except SourceError as error:
            self.errors[path] = str(error)
            if former:
                self._files[path] = former.broken(str(error))
            _log.error("%s.%s", str(error).rstrip("."), f" {STAYS}" if former else "")
        else:
            self.errors.pop(path, None)
            self._files[path] = found.after(former) if former else found
