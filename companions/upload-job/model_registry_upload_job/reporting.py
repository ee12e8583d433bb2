"""Writes on the artifact how far its job is, in a thread: a server that is slow must not slow the files down."""

import logging
import threading
from collections.abc import Callable
from typing import Self

from model_registry_client import RegistryError

from model_registry_upload_job.problems import UploadError

log = logging.getLogger(__name__)
SECONDS = 20.0


class Reporting:
    """Reports again and again, between entering and leaving its context. After that, nothing is written any more.

    Args:
        text: Returns how far the job is; empty for nothing.
        report: Writes it.
        seconds: The time between two reports, and before the first one.
    """

    def __init__(self, text: Callable[[], str], report: Callable[[str], None], seconds: float = SECONDS) -> None:
        self._text, self._report, self._seconds = text, report, seconds
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        last = ""
        while not self._is_over.wait(self._seconds):
            text = self._text()
            if text == last:
                continue
            try:
                self._report(text)
            except (RegistryError, UploadError) as error:
                log.warning("The registry could not be given the progress: %s", error)
            else:
                last = text
