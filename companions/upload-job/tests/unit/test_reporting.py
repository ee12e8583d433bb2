"""Progress that is written on the artifact."""

import threading

from model_registry_client.errors import RegistryError
from model_registry_upload_job.progress import Progress
from model_registry_upload_job.reporting import Reporting


def test_only_news_are_reported_and_a_failure_is_tried_again() -> None:
    reported: list[str] = []
    said, enough = iter(["a", "a", "b", "b"]), threading.Event()

    def text() -> str:
        word = next(said, "")
        if not word:
            enough.set()
        return word or "b"

    def report(word: str) -> None:
        reported.append(word)
        if reported == ["a", "b"]:
            raise RegistryError("busy")

    with Reporting(text, report, 0.001):
        assert enough.wait(60)
    assert reported == ["a", "b", "b"]


def test_progress_in_words_names_the_phase() -> None:
    progress = Progress(lambda *_: None)
    assert progress.text() == ""
    progress.phase("fetching", None)
    progress.count(2**19)
    assert progress.text() == "fetching: 0.5 MiB"
    progress.phase("sending", 4 * 2**20)
    progress.count(2**20)
    assert progress.text() == "sending: 1.0 of 4.0 MiB (25%)"
