"""Upserts of a name that a hidden entity has below the same parent: the answer shows only that the name is taken."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.guarded import a_world, guarding

UPSERTED = pytest.mark.parametrize(
    "kind",
    [{"artifactType": "metric", "value": 1}, {"artifactType": "parameter", "value": "1"}],
    ids=["metric", "parameter"],
)
PARENTS = pytest.mark.parametrize(
    "parent", ["/model_versions/{version}", "/experiment_runs/{run}"], ids=["version", "run"]
)


@UPSERTED
@PARENTS
async def test_a_hidden_namesake_that_was_attached_later_does_not_count(
    kind: dict[str, Any], parent: str, tmp_path: Path
) -> None:
    async with guarding(tmp_path) as guarded:
        open_, secret = await a_world(guarded.served, "open"), await a_world(guarded.served, "secret")
        below = parent.format(**open_) + "/artifacts"
        hidden = await guarded.served.make("/artifacts", name="taken", **kind)
        for place in (below, f"/model_versions/{secret['version']}/artifacts"):
            await guarded.served.make(place, id=hidden["id"], **kind)
        async with guarded.by("outsider") as client:
            made = await client.post(below, json={"name": "taken", **kind})
            assert made.status_code == 200
            assert made.json()["id"] != hidden["id"]
            rows = (await client.get(below)).json()["items"]
            assert [row["id"] for row in rows if row["name"] == "taken"] == [made.json()["id"]]


@UPSERTED
@PARENTS
async def test_the_name_of_a_hidden_entity_that_was_created_below_is_taken(
    kind: dict[str, Any], parent: str, tmp_path: Path
) -> None:
    async with guarding(tmp_path) as guarded:
        open_, secret = await a_world(guarded.served, "open"), await a_world(guarded.served, "secret")
        below = parent.format(**open_) + "/artifacts"
        hidden = await guarded.served.make(below, name="taken", **kind)
        await guarded.served.make(f"/model_versions/{secret['version']}/artifacts", id=hidden["id"], **kind)
        async with guarded.by("outsider") as client:
            refused = await client.post(below, json={"name": "taken", **kind})
        assert refused.status_code == 409
        assert f"id {hidden['id']}" not in refused.json()["message"]
