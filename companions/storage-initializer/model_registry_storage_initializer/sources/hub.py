"""Models of a Hugging Face Hub, by huggingface-hub, which continues interrupted downloads by itself."""

import os
import re
import shutil
from typing import Any

from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.http_clients import trusted_file
from model_registry_storage_initializer.patience import Patience
from model_registry_storage_initializer.sources.protocol import Job

_REPOSITORY = re.compile(r"(?P<name>[^/:@]+/[^/:@]+)(?:[:@](?P<revision>.+))?")
_MANY = 8


def fetch(job: Job) -> None:
    """Fetches all files of a revision that the patterns choose.

    Raises:
        Failure: There is no such model or revision, or it needs a token.
    """
    named = _REPOSITORY.fullmatch(job.uri.removeprefix("hf://").strip("/"))
    if not named:
        raise Failure(f"{job.uri} names no model of a hub", "Write hf://OWNER/MODEL or hf://OWNER/MODEL:REVISION.")
    _prepare(job)
    from huggingface_hub import snapshot_download  # noqa: PLC0415 (it reads its variables when it is imported)
    from huggingface_hub.errors import (  # noqa: PLC0415
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    settings = job.settings
    try:
        snapshot_download(
            named["name"],
            revision=named["revision"],
            local_dir=job.staging.files,
            token=job.environment.text("HF_TOKEN") or None,
            allow_patterns=list(settings.allow) or None,
            ignore_patterns=list(settings.ignore) or None,
            max_workers=min(_MANY, settings.threads),
            tqdm_class=_bars(job),
        )
    except RevisionNotFoundError as error:
        raise Failure(f"{job.uri} has no such revision: {_short(error)}", "Correct the revision in the uri.") from error
    except (GatedRepoError, RepositoryNotFoundError) as error:
        raise Failure(
            f"{job.uri} does not exist, or is not open to this token: {_short(error)}", "Set HF_TOKEN."
        ) from error
    except Failure:
        raise
    except OSError as error:
        if error.errno and not isinstance(error, ConnectionError):
            raise  # of the destination
        raise _broken(job, error) from error
    except Exception as error:  # those of its HTTP libraries differ between versions
        raise _broken(job, error) from error
    shutil.rmtree(job.staging.files / ".cache", ignore_errors=True)
    if not job.staging.present():
        raise Failure(f"{job.uri} has no files that the patterns choose", "Correct STORAGE_ALLOW_PATTERNS.")


def _prepare(job: Job) -> None:
    """Sets variables of huggingface-hub that the operator did not set."""
    os.environ.setdefault("HF_HUB_DOWNLOAD_TIMEOUT", str(int(job.settings.stall)))
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", str(int(job.settings.stall)))
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    for name in ("HF_HUB_CACHE", "HF_XET_CACHE"):
        os.environ.setdefault(name, str(job.staging.work / name))
    if trusted := trusted_file(job.environment, job.staging.work):
        os.environ["SSL_CERT_FILE"] = trusted


def _bars(job: Job) -> Any:
    """The class of progress bars for huggingface-hub: nothing is drawn, and bytes are counted."""
    from tqdm.auto import tqdm  # noqa: PLC0415 (a dependency of huggingface-hub)

    class Counting(tqdm):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            options.pop("name", None)
            self._counts = options.get("unit") == "B"
            self._patience = Patience(job.uri, job.settings)
            super().__init__(*arguments, **{**options, "disable": True})

        def update(self, n: float | None = 1) -> bool | None:
            if self._counts and n:
                job.progress.add(int(n))
                self._patience.brought(int(n))
            return None

    return Counting


def _broken(job: Job, error: Exception) -> Failure:
    cause = f"{job.uri} cannot be fetched: {_short(error)}"
    return Failure(cause, "Check HF_ENDPOINT, and start again later. What was fetched is kept.", may_pass=True)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
