"""Starts reading processes and hands on what they report."""

import asyncio
import logging
import os
import pickle
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress

import orjson

from model_catalog.loading.jobs import Job, Outcome, Result

_log = logging.getLogger(__name__)
_MODULE = "model_catalog.loading.reading_process"
_LONGEST_LINE = 16 << 20


async def results_of(job: Job) -> AsyncGenerator[Result, None]:
    """Reads the sources of a job in a process of its own, and yields each result as it comes.

    A process that ends early makes every source that it did not report a failure. Closing the generator ends the process.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # modules in the working directory are not ours
            "-m",
            _MODULE,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            limit=_LONGEST_LINE,
            start_new_session=True,  # Ctrl-C in a terminal is the server's, which ends its processes
        )
    except OSError as error:
        for task in job.tasks:
            yield Result(
                task.settings.id, Outcome.FAILED, f"The process that reads sources cannot be started: {error}."
            )
        return
    waiting = {task.settings.id for task in job.tasks}
    try:
        assert process.stdin  # noqa: S101 (asked for above)
        assert process.stdout  # noqa: S101
        with suppress(ConnectionError):
            process.stdin.write(pickle.dumps(job))
            await process.stdin.drain()
            process.stdin.close()
        async for line in process.stdout:
            found = orjson.loads(line)
            result = Result(found["source"], Outcome(found["outcome"]), found["message"], tuple(found["warnings"]))
            waiting.discard(result.source)
            yield result
        status = await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if waiting:
        _log.error("A reading process ended with status %d before it had read: %s", status, ", ".join(sorted(waiting)))
    for source in sorted(waiting):
        yield Result(source, Outcome.FAILED, f"The process that read this source ended with status {status}.")
