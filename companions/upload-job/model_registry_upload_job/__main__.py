"""The entry point of `mr-upload-job`."""

import os
import sys


def main() -> None:
    """Runs a job with the arguments of the process, and exits with its status."""
    from model_registry_upload_job.command import run, stop_on_sigterm  # noqa: PLC0415 (its imports take long)

    stop_on_sigterm()
    status = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # threads that wait for a server must not hold the end up


if __name__ == "__main__":
    main()
