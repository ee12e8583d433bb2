"""The command of the job: it reads the settings, runs the job, and writes the termination message of the container."""

import hashlib
import json
import logging
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from model_registry_client import RegistryError

from model_registry_upload_job.assembling import job_of
from model_registry_upload_job.job import reason_of
from model_registry_upload_job.problems import Stopped, UploadError
from model_registry_upload_job.settings.reading import Settings, read

log = logging.getLogger("model_registry_upload_job")
_FAILED, _STOPPED = 1, 143
_MOST_BYTES = 4096
"""What Kubernetes keeps of a termination message."""
_POD = re.compile(r"-[a-z0-9]{5}$")


def run(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Runs a job. Returns its exit status: 0, 1 after a failure, 143 after SIGTERM."""
    environment = os.environ if environment is None else environment
    level = environment.get("LOGLEVEL", "INFO").upper()
    is_known = level in logging.getLevelNamesMapping()
    logging.basicConfig(
        level=level if is_known else "INFO", stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    for noisy in ("httpx", "httpcore", "huggingface_hub"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        settings = read(arguments, environment)
        ids = job_of(settings, job_id(settings, environment)).run()
    except Stopped:
        return _ended("The job was stopped.", environment, _STOPPED)
    except (UploadError, RegistryError, OSError) as error:
        log.debug("The failure in detail", exc_info=error)
        return _ended(reason_of(error), environment, _FAILED)
    except Exception as error:
        log.exception("This should not happen")
        return _ended(f"Unexpected error: {reason_of(error)}", environment, _FAILED)
    message = json.dumps({"intent": settings.text("model-upload-intent"), **ids.shown()}, indent=2)
    log.info("Done: %s", " ".join(message.split()))
    _write_message(message, environment)
    return 0


def job_id(settings: Settings, environment: Mapping[str, str]) -> tuple[str, bool]:
    """Returns the id of a job, and whether it stands for this job only.

    The id is the option, else the name of the Job of Kubernetes and its settings, else a digest of the settings.
    """
    if given := settings.text("job-id"):
        return given, True
    pod = environment.get("HOSTNAME", "") if environment.get("KUBERNETES_SERVICE_HOST") else ""
    public = [*settings.public(), ("pod", _POD.sub("", pod))]
    folder = settings.text("metadata-configmap-path")
    files = (
        sorted(path for path in Path(folder).iterdir() if path.is_file()) if folder and Path(folder).is_dir() else []
    )
    public += [(path.name, path.read_text("utf-8", "replace")) for path in files]
    return f"upload-{hashlib.sha256(json.dumps(public).encode()).hexdigest()[:24]}", bool(pod)


def stop_on_sigterm() -> None:
    """Lets SIGTERM end a job in good order: the state of the artifact is put back first."""

    def stop(*_: object) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the end of the job is not interrupted again
        raise Stopped

    signal.signal(signal.SIGTERM, stop)


def _ended(message: str, environment: Mapping[str, str], status: int) -> int:
    log.error("%s", message)
    _write_message(message, environment)
    return status


def _write_message(message: str, environment: Mapping[str, str]) -> None:
    file = Path(environment.get("TERMINATION_MESSAGE_PATH") or "/dev/termination-log")
    try:
        file.write_bytes(message.encode()[:_MOST_BYTES].decode(errors="ignore").encode())  # no half letter at the end
    except OSError as error:
        log.debug("There is no termination message: %s", error)
