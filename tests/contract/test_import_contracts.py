"""The contracts of import-linter notice what they should: imports against them are planted in a copy of the source."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.processes import ROOT

SOURCES = (
    "converters",
    "model_catalog",
    "model_registry_proxy",
    "clients/python/model_registry_client",
    "clients/python/model_registry_cli",
    "companions/controller/model_registry_controller",
    "companions/storage-initializer/model_registry_storage_initializer",
    "companions/ui/model_registry_ui",
    "companions/upload-job/model_registry_upload_job",
)
AGAINST_THEM = {
    "converters.filters.names": ("converters.type_definitions",),
    "model_catalog.index.table": ("model_catalog.operations.pages", "starlette"),
    "model_catalog.operations.pages": ("model_registry_proxy.verbs.get",),
    "model_catalog.reading.checks": ("model_registry_proxy.errors",),
    "model_registry_proxy.contract.routes": ("converters.names", "model_registry_proxy.deadlines.deadline"),
    "model_registry_proxy.engine.frames": ("model_registry_proxy.mlmd.known_contexts", "starlette"),
    "model_registry_proxy.http.cors": ("converters.values", "grpc"),
    "model_registry_proxy.mlmd.added": (
        "model_registry_proxy.configuration.settings",
        "model_registry_proxy.contract.document",
    ),
    "model_registry_proxy.mlmd.filters.columns": ("converters.entities",),
    "model_registry_proxy.observability.metrics": (
        "model_registry_proxy.engine.frames",
        "model_registry_proxy.mlmd.retries",
    ),
    "model_registry_proxy.registry.rows": ("model_registry_proxy.observability.logs",),
    "model_registry_proxy.security.policy": ("model_registry_proxy.mlmd.store",),
    "model_registry_proxy.verbs.get": (
        "model_registry_client",
        "model_registry_proxy.http.stages",
        "model_registry_proxy.mlmd.added",
        "model_registry_proxy.mlmd.batching",
        "model_registry_ui",
    ),
    "companions/controller/model_registry_controller.added": (
        "model_registry_cli.session",
        "model_registry_proxy.errors",
    ),
    "companions/storage-initializer/model_registry_storage_initializer.added": (
        "model_registry_cli.session",
        "model_registry_proxy.errors",
    ),
    "companions/ui/model_registry_ui.added": ("model_registry_cli.session", "model_registry_proxy.errors"),
    "companions/upload-job/model_registry_upload_job.added": (
        "model_registry_cli.session",
        "model_registry_proxy.errors",
    ),
}
"""Imports that the contracts refuse, by the module that would have them; `added` is a module that no contract names."""


def test_imports_against_the_contracts_are_found(tmp_path: Path) -> None:
    for source in SOURCES:
        shutil.copytree(ROOT / source, tmp_path / source, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for importer, planted in AGAINST_THEM.items():
        with (tmp_path / f"{importer.replace('.', '/')}.py").open("a") as file:
            file.writelines(f"\nimport {imported}" for imported in planted)
    paths = os.pathsep.join(
        str(tmp_path / folder) for folder in ("", *sorted({str(Path(each).parent) for each in SOURCES}))
    )
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=tmp_path, check=False, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": paths, "COLUMNS": "1000"},
    )  # fmt: skip
    reported = " ".join(linted.stdout.split())
    expected = [
        f"{importer.rpartition('/')[2]} -> {imported}"
        for importer, planted in AGAINST_THEM.items()
        for imported in planted
    ]
    assert [each for each in expected if f"{each} (l." not in reported] == [], linted.stdout
