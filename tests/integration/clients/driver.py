"""Runs client flows, each in a process of its own: `python driver.py flows.py`, then a line of JSON per flow on stdin.

A line holds the flow's name and its arguments; the answer is the line `""`, or what went wrong as a JSON string. Importing a
client takes a second, so it is done once and the process forks for every flow.
"""

import importlib.util
import json
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

FLOW_SECONDS = 120
LINE_LENGTH = 400


def main() -> None:
    """Serves until stdin ends."""
    flows = _load(Path(sys.argv[1]))
    for line in sys.stdin:
        request = json.loads(line)
        sys.stdout.write(json.dumps(_run(flows, request["flow"], request["arguments"])) + "\n")
        sys.stdout.flush()


def _load(path: Path) -> ModuleType:
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _run(flows: ModuleType, name: str, arguments: dict[str, Any]) -> str:
    """What the flow printed and how it failed; nothing where it passed."""
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            signal.alarm(FLOW_SECONDS)
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            os._exit(_passes(flows, name, arguments))
        _, status = os.waitpid(child, 0)
        output.seek(0)
        printed = output.read().decode(errors="replace")
    return printed + f"\n{name} ended with status {os.waitstatus_to_exitcode(status)}" if status else ""


def _passes(flows: ModuleType, name: str, arguments: dict[str, Any]) -> int:
    try:
        getattr(flows, name)(**arguments)
    except BaseException as error:  # noqa: BLE001 (it is the answer)
        trace = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        sys.stderr.write("\n".join(line[:LINE_LENGTH] for line in trace.splitlines()))
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    main()
