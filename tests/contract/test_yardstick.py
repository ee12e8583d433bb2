"""The measure of the design: a new field of an entity is two lines, one in the document and one in the entity table.

The test writes these lines into a copy of the source and runs `use_new_fields` there, in a process of its own.
"""

import asyncio
import difflib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.serving import Served, serving

ROOT = Path(__file__).parents[2]
DOCUMENT, ENTITIES = "openapi/model-registry.yaml", "converters/entities.py"

TEXT = "{$ref: '#/components/schemas/Text'}"
NEW_LINES = {
    # A text of a context, a list of another, a double and a whole number of artifacts, a text of an execution.
    "RegisteredModel": ("RegisteredModelUpdate", f"funding: {TEXT}", "funding: str"),
    "Experiment": ("ExperimentUpdate", "subjects: {type: array, items: {type: string}}", "subjects: list[str]"),
    "Metric": ("MetricUpdate", "errorMargin: {$ref: '#/components/schemas/Double'}", "error_margin: float"),
    "DataSet": ("DataSetUpdate", "rowCount: {type: integer, format: int64}", "row_count: int"),
    "ServeModel": ("ServeModelUpdate", f"servedBy: {TEXT}", "served_by: str"),
}
"""For each entity: the schema that gets the one line, that line, and the line of the entity."""


def with_new_lines(text: str, where: dict[str, tuple[str, str]]) -> str:
    """Adds one line for each heading: after the first line below the heading that ends with the given opening."""
    lines = text.splitlines(keepends=True)
    for heading, (opening, new) in where.items():
        at = next(i for i, line in enumerate(lines) if line.lstrip().startswith(heading))
        at = next(i for i in range(at, len(lines)) if lines[i].rstrip().endswith(opening))
        lines.insert(at + 1, new + "\n")
    return "".join(lines)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source with the new fields."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("converters", "model_registry_proxy", "openapi", "tests/support"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(__file__, root / "scenario.py")
    shutil.rmtree(root / "model_registry_proxy" / "_document", ignore_errors=True)
    document = {f"{schema}:": ("properties:", " " * 12 + line) for schema, line, _ in NEW_LINES.values()}
    entities = {f"class {name}(": ('"""', " " * 4 + line) for name, (_, _, line) in NEW_LINES.items()}
    for file, where in ((DOCUMENT, document), (ENTITIES, entities)):
        (root / file).write_text(with_new_lines((ROOT / file).read_text(), where))
    return root


def test_new_fields_are_served_after_two_lines_each(copy: Path) -> None:
    done = subprocess.run(
        [sys.executable, "scenario.py"],
        cwd=copy,
        env={"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "served"


@pytest.mark.parametrize("file", [DOCUMENT, ENTITIES])
def test_that_is_one_line_in_each_file(copy: Path, file: str) -> None:
    old, new = ((root / file).read_text().splitlines() for root in (ROOT, copy))
    changed = [
        line for line in difflib.unified_diff(old, new, n=0) if line[0] in "+-" and line[:3] not in ("+++", "---")
    ]
    assert len(changed) == len(NEW_LINES)
    assert all(line.startswith("+") for line in changed)


async def use_new_fields() -> None:
    """Creates, gets, lists, finds by filter and changes entities by their new fields."""
    async with serving() as served:
        await check(served, "/registered_models", {"name": "m"}, "funding", "public", "private")
        await check(served, "/experiments", {"name": "e"}, "subjects", ["mice", "men"], ["men"])
        metric, dataset = ({"artifactType": kind, "name": kind} for kind in ("metric", "dataset-artifact"))
        await check(served, "/artifacts", {**metric, "value": 1}, "errorMargin", 1e-20, 0.25, always=metric)
        await check(served, "/artifacts", dataset, "rowCount", 2**40, 7, always=dataset)
        await check_serve(served)
        types = served.store.types.values()
        assert [type_.name for type_ in types if "funding" in type_.properties] == ["kf.RegisteredModel"]


async def check(
    served: Served,
    path: str,
    body: dict[str, Any],
    field: str,
    value: Any,
    other: Any,
    always: dict[str, Any] | None = None,
) -> None:
    """One field through every operation; `always` is what each change must have in addition."""
    client = served.client
    made = await served.make(path, **body, **{field: value})
    assert made[field] == value
    at = f"{path}/{made['id']}"
    without = await served.make(path, **{**body, "name": f"{body['name']}, without"})
    assert field not in without
    assert (await client.get(at)).json() == made
    assert [row.get(field) for row in (await client.get(path)).json()["items"] if row["id"] == made["id"]] == [value]
    literal = value[0] if isinstance(value, list) else value
    query = f"{field} = {literal!r}"
    assert (await client.get(path, params={"filterQuery": query})).json()["items"] == [made], query
    kind = {"artifactType": always["artifactType"]} if always else {}
    changed = (await client.patch(at, json={**kind, field: other})).json()
    assert changed[field] == other
    kept = (await client.patch(at, json={**kind, "description": "d"})).json()
    assert (kept[field], kept["description"]) == (other, "d")
    refused = await client.patch(at, json={**kind, field: {"neither": "nor"}})
    assert refused.status_code == 400
    assert field in refused.json()["message"]


async def check_serve(served: Served) -> None:
    """Serves can be created and listed only."""
    environment = await served.make("/serving_environments", name="e")
    model = await served.make("/registered_models", name="served")
    version = await served.make("/model_versions", name="v", registeredModelId=model["id"])
    refers = {"registeredModelId": model["id"], "servingEnvironmentId": environment["id"]}
    service = await served.make("/inference_services", **refers)
    path = f"/inference_services/{service['id']}/serves"
    made = await served.make(path, modelVersionId=version["id"], servedBy="ann")
    assert made["servedBy"] == "ann"
    assert (await served.client.get(path, params={"filterQuery": "servedBy = 'ann'"})).json()["items"] == [made]


if __name__ == "__main__":
    asyncio.run(use_new_fields())
    print("served")  # noqa: T201 (what the test waits for)
