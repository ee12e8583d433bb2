"""What the threads of a download do after one of them has failed."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_registry_storage_initializer.environment import Environment
from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.fetching import Fetcher
from model_registry_storage_initializer.progress import Progress
from model_registry_storage_initializer.remote_files import RemoteFile
from model_registry_storage_initializer.settings import settings
from model_registry_storage_initializer.staging import Identity, Staging


def test_after_a_failure_no_further_file_is_begun_and_its_cause_is_raised(tmp_path: Path) -> None:
    staging = Staging(tmp_path, Identity("s", "s", "", ((), ())))
    staging.open()
    begun = list[int]()

    def file(number: int) -> RemoteFile:
        def read(_start: int, _end: int | None) -> Iterator[bytes]:
            begun.append(number)
            if number == 0:
                raise Failure("the first is gone")
            yield b"x"

        return RemoteFile(str(number), 1, "m", read)

    chosen = settings(Environment({"MODEL_REGISTRY_THREADS": "1"}))
    with pytest.raises(Failure, match="the first is gone"):
        Fetcher(staging, chosen, Progress()).fetch([file(number) for number in range(50)])
    for thread in threading.enumerate():
        if thread.name.startswith("fetch"):
            thread.join()
    assert begun == [0]
