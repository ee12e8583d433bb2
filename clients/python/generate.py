"""Generates the named methods for asyncio from the table of entities, and the package for threads from the package for asyncio.

`make client` runs it. A test checks that the generated files are up to date.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import unasync

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from method_sources import PACKAGE, named_methods  # noqa: E402

SYNC_NAMES = {
    "_async": "_sync",
    "aclose": "close",
    "AsyncAliases": "Aliases",
    "AsyncBaseTransport": "BaseTransport",
    "AsyncCatalog": "Catalog",
    "AsyncClient": "Client",
    "AsyncDeployments": "Deployments",
    "AsyncExtensions": "Extensions",
    "AsyncExperimentOfRun": "ExperimentOfRun",
    "AsyncOpenExperiment": "OpenExperiment",
    "AsyncNamedMethods": "NamedMethods",
    "AsyncRegistry": "Registry",
    "AsyncRun": "Run",
    "AsyncSender": "Sender",
    "AsyncTransport": "Transport",
    "AsyncVerbs": "Verbs",
}
WRITTEN_TWICE = {"__init__.py", "waiting.py"}


def write(package: Path) -> None:
    """Writes all generated files into a package: this one, or a copy of it for the test."""
    target = package / "_async" / "named_methods.py"
    target.write_text(named_methods())
    with tempfile.TemporaryDirectory() as folder:
        sources = [path for path in (package / "_async").glob("*.py") if path.name not in WRITTEN_TWICE]
        rule = unasync.Rule(str(package / "_async"), f"{folder}/", additional_replacements=SYNC_NAMES)
        unasync.unasync_files([str(path) for path in sources], [rule])
        for path in Path(folder).rglob("*.py"):
            text = path.read_text().replace("asyncio", "threads") if path.name == "__init__.py" else path.read_text()
            (package / "_sync" / path.name).write_text(f"# Generated from _async/{path.name} by `make client`.\n{text}")
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
    files = [str(target), *(str(path) for path in (package / "_sync").glob("*.py"))]
    for command in (["check", "--quiet", "--select", "I", "--fix"], ["format", "--quiet"]):
        subprocess.run([ruff, *command, *files], check=True, cwd=HERE)  # noqa: S603 (ruff of this environment)


if __name__ == "__main__":
    write(PACKAGE)
