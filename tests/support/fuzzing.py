"""Fuzzing of a running proxy by Schemathesis, from the documents that it serves: `python -m tests.support.fuzzing --help`."""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.processes import ROOT, proxy

ALL_PHASES = "examples,coverage,fuzzing,stateful"
V1ALPHA3, V1, EXTENSIONS = "v1alpha3", "v1", "ext/v1"
PROXY_FLAGS = ("--validate-responses", "--max-page-size", "20")
"""The referee checks the answers too. Pages are small, since it is slow on long pages."""

_PREFIXES = {
    V1ALPHA3: [],
    # The experiment operations are not served there, as their own `servers` in the document say.
    V1: ["--exclude-path-regex", "^/experiment"],
    EXTENSIONS: [],
}
_DOCUMENTS = {EXTENSIONS: "openapi/extensions.json"}
"""The document of a prefix, where it is not the main one."""


def fuzz(
    url: str, prefix: str, *, seed: int, examples: int, phases: str = ALL_PHASES, seconds: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs every check in every phase on the operations below one prefix; status 0 means that nothing was found.

    With `seconds`, it continues until that time is over.
    """
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/{_DOCUMENTS.get(prefix, 'openapi.json')}",
        "--url", f"{url}/api/model_registry/{prefix}", *_PREFIXES[prefix],
        "--checks", "all", "--mode", "all", "--phases", phases,
        "--seed", str(seed), "--max-examples", str(examples), "--workers", "1", "--generation-database", "none",
        "--continue-on-failure", "--no-color", "--output-sanitize", "false",
    ]  # fmt: skip
    if seconds:
        command += ["--max-time", str(seconds)]
    env = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.support.fuzzing_hooks", "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as folder:  # where Schemathesis leaves its files
        return subprocess.run(command, check=False, cwd=folder, env=env, text=True, capture_output=True)


def main() -> int:
    """Starts a proxy and fuzzes it below each prefix; prints the seed, which repeats the run."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))  # noqa: S311 (not a secret)
    parser.add_argument("--seconds", type=int, default=600)
    chosen = parser.parse_args()
    print(f"Seed {chosen.seed}, {chosen.seconds} s", flush=True)  # noqa: T201
    failed = 0
    for prefix in _PREFIXES:
        with tempfile.TemporaryDirectory() as folder, proxy(Path(folder), *PROXY_FLAGS) as served:
            done = fuzz(served.url, prefix, seed=chosen.seed, examples=100, seconds=chosen.seconds // len(_PREFIXES))
            print(done.stdout, done.stderr, served.log.read_text(), sep="\n", flush=True)  # noqa: T201
            failed |= done.returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
