"""One source and one destination: resolve, keep or fetch, check, publish."""

import errno
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from model_registry_storage_initializer.digests import Digest
from model_registry_storage_initializer.environment import Environment
from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.progress import Progress, size_text
from model_registry_storage_initializer.registry.resolution import Resolved, resolved
from model_registry_storage_initializer.registry.uris import SCHEME
from model_registry_storage_initializer.remote_files import RemoteFile
from model_registry_storage_initializer.settings import Settings
from model_registry_storage_initializer.sources.protocol import Job
from model_registry_storage_initializer.sources.table import source
from model_registry_storage_initializer.staging import Identity, Staging

logger = logging.getLogger(__name__)
_MOST_SHOWN = 50
"""The digests of so many files are shown; a log with more would hide what matters."""


def initialize(uri: str, destination: Path, environment: Environment, settings: Settings) -> None:
    """Puts the files of a URI into a folder.

    Raises:
        Failure: It cannot be done. Then no file has its name at the destination, except those that were there before.
    """
    started = time.monotonic()
    target = resolved(uri, settings) if uri.startswith(SCHEME) else Resolved(uri)
    fetch = source(target.uri)
    if target.title:
        logger.info("%s is %s: %s", uri, target.title, shown(target.uri))
    staging = Staging(destination, Identity(uri, target.uri, target.artifact_id, (settings.allow, settings.ignore)))
    name = target.title or shown(uri)
    try:
        destination.mkdir(parents=True, exist_ok=True)
        if settings.is_kept and (kept := staging.kept()) is not None:
            logger.info("Kept %s: %s, complete in %s.", name, _size(kept), destination)
            return
        staging.open()
        with Progress() as progress:
            files = staging.interrupted_publication()
            if files is None:
                files = _fetched(fetch, Job(target.uri, environment, settings, staging, progress, target.digests))
            staging.publish(files)
    except OSError as error:
        raise _on_disk(error, destination) from error
    seconds = time.monotonic() - started
    logger.info("Fetched %s: %s, in %.1f s, into %s.", name, _size(files), seconds, destination)


def _fetched(fetch: Callable[[Job], None], job: Job) -> dict[str, int]:
    """Fetches and checks. Returns path and size of all files. After a failure that cannot pass nothing stays."""
    try:
        fetch(job)
        files = job.staging.present()
        _check(job, files)
    except Failure as failure:
        job.staging.discard(unless_started=failure.may_pass)
        raise
    except OSError:
        job.staging.discard(unless_started=False)
        raise
    return files


def shown(uri: str) -> str:
    """Returns a URI without a query and without a password, for the log: either may be a secret."""
    bare = uri.partition("?")[0]
    scheme, found, rest = bare.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{found}{host.rpartition('@')[2] if scheme.startswith('http') else host}{slash}{path}"


def _check(job: Job, files: Mapping[str, int]) -> None:
    """Compares the files with the digests in the registry, as far as that was not done while they came, and shows digests."""
    staging = job.staging
    for path, expected in job.digests.items():
        name = path or (next(iter(files)) if len(files) == 1 else "")
        if not name or staging.digest(name) == f"sha256:{expected}" or not job.is_wanted(name):
            continue
        if name not in files:
            raise Failure(f'"{name}" has a digest in the registry, but the source has no such file', "Upload it again.")
        _digest(staging, name, expected)
    for path in sorted(files)[: 0 if len(files) > _MOST_SHOWN else None]:
        logger.info("%s  %s", staging.digest(path) or _digest(staging, path, ""), path)


def _digest(staging: Staging, path: str, expected: str) -> str:
    digest = Digest(RemoteFile(path, None, "", lambda _start, _end: iter(()), sha256=expected))
    digest.read(staging.files / path)
    return digest.check()


def _size(files: Mapping[str, int]) -> str:
    return f"{len(files)} {'file' if len(files) == 1 else 'files'}, {size_text(sum(files.values()))}"


def _on_disk(error: OSError, destination: Path) -> Failure:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Failure(f"{destination} is full", "Give the pod a larger volume or ephemeral storage.")
    what = f"{error.strerror or error}: {error.filename or destination}"
    return Failure(what, f"Check that {destination} can be written, and is a folder.")
