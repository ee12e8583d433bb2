"""A proxy that counts its MLMD calls in a file of eight bytes, which `calls` reads. Only the short counting rounds use it.

python -m benchmarks.counted_proxy FILE proxy FLAGS...
"""

import mmap
import struct
import sys
from pathlib import Path
from typing import Any, Self

import grpc.aio

from model_registry_proxy.__main__ import main

_COUNT = struct.Struct("<Q")


class _CountingChannel:
    """A channel whose calls are counted when they are made."""

    def __init__(self, channel: grpc.aio.Channel, counter: mmap.mmap) -> None:
        self._channel, self._counter = channel, counter

    async def __aenter__(self) -> Self:
        await self._channel.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close(None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def unary_unary(self, *args: Any, **options: Any) -> Any:
        """Returns the callable of the real channel, wrapped so that each call is counted."""
        rpc = self._channel.unary_unary(*args, **options)

        def call(*args: Any, **options: Any) -> Any:
            _COUNT.pack_into(self._counter, 0, _COUNT.unpack_from(self._counter)[0] + 1)
            return rpc(*args, **options)

        return call


def empty_counter(file: Path) -> None:
    """Creates the file with a count of 0."""
    file.write_bytes(_COUNT.pack(0))


def calls(file: Path) -> int:
    """The number of calls so far, from the file."""
    count: int = _COUNT.unpack(file.read_bytes())[0]
    return count


def _run(file: Path) -> None:
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), _COUNT.size) as counter:
        connect = grpc.aio.insecure_channel

        def counted(*args: Any, **options: Any) -> Any:
            return _CountingChannel(connect(*args, **options), counter)

        grpc.aio.insecure_channel = counted
        main()


if __name__ == "__main__":
    _run(Path(sys.argv.pop(1)))
