"""Lineage in the client and in `mr`."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from model_registry_client import AsyncRegistry, Invalid, NotFound, Registry

from tests.support.commands import Ended

Mr = Callable[..., Ended]


@dataclass(frozen=True)
class Chain:
    """The names and ids of a version that was made in two steps from data, and is deployed."""

    model: str
    version: str
    data: str
    digest: str


@pytest.fixture
def chain(registry: Registry, unique: Callable[[str], str]) -> Chain:
    """Data, a tuned model, a quantised one that is a version's, and a service of that."""
    name = unique("lineage")
    data = registry.create_dataset(f"{name} data", uri=f"s3://data/{name}", digest=name)
    tuned = registry.create_model_artifact(f"{name} tuned", uri="s3://models/tuned")
    model = registry.create_registered_model(name)
    version = registry.create_model_version(model.id, "1.0")
    quantised = registry.create_model_artifact("int8", model_version_id=version.id)
    registry.extensions.record_step("tuning", [data], [tuned.id], custom_properties={"epochs": 3})
    registry.extensions.record_step("quantisation", [tuned.id], [quantised], name="to int8")
    registry.deployments.deploy(model, f"{name} edge", version=version, name="served")
    return Chain(name, version.id, data.id, name)


def test_a_step_is_recorded_once_with_a_key(registry: Registry, chain: Chain) -> None:
    steps = [registry.extensions.record_step("evaluation", [chain.data], idempotency_key=chain.model) for _ in range(2)]
    assert steps[0] == steps[1]
    assert (steps[0].kind, steps[0].inputs, steps[0].outputs) == ("evaluation", (chain.data,), ())
    assert registry.extensions.record_step("evaluation", [chain.data]).id != steps[0].id
    with pytest.raises(Invalid, match="A step needs artifacts"):
        registry.extensions.record_step("evaluation")
    with pytest.raises(NotFound, match="No artifact has id 987654321"):
        registry.extensions.record_step("evaluation", ["987654321"])


async def test_a_lineage_leads_from_data_to_deployments(async_registry: AsyncRegistry, chain: Chain) -> None:
    found = await async_registry.extensions.lineage(digest=chain.digest, direction="down")
    assert found.roots == (f"artifact/{chain.data}",)
    kinds = [node.step_kind or node.kind for node in found.nodes.values()]
    assert kinds == ["artifact", "tuning", "artifact", "quantisation", "artifact", "model_version", "inference_service"]
    assert len(found.edges) == 6
    assert not found.is_truncated
    version = await async_registry.get_model_version(chain.version)
    above = await async_registry.extensions.lineage(version, direction="up", depth=1)
    assert {node.name for node in above.nodes.values()} == {"1.0", "int8", "to int8", f"{chain.model} tuned"}


def test_mr_draws_trees_up_and_down(mr: Mr, chain: Chain) -> None:
    drawn = [line.replace(chain.model, "M") for line in mr("lineage", f"{chain.model}/1.0").out.splitlines()]
    shown = [line.partition(" (id:")[0].strip("│├└─ ") for line in drawn]
    assert shown == [
        "version M/1.0",
        "made from",
        "model artifact int8",
        "quantisation to int8",
        "model artifact M tuned",
        shown[5],
        "dataset M data",
        "led to",
        "deployed M edge/served",
    ]
    assert shown[5].startswith("tuning ")
    down = mr("lineage", "--digest", chain.digest, "--down").out
    assert "made from" not in down
    assert "deployed" in down


def test_mr_writes_dot_json_and_openlineage(mr: Mr, chain: Chain) -> None:
    dot = mr("lineage", "--artifact", chain.data, "--format", "dot").out.splitlines()
    assert (dot[0], dot[-1]) == ("digraph lineage {", "}")
    assert sum(" -> " in line for line in dot) == 6
    content = json.loads(mr("lineage", f"id:{chain.version}", "--up", "-f", "json").out)
    assert content["roots"] == [f"model_version/{chain.version}"]
    assert not content["truncated"]
    tuning, quantisation = sorted(
        json.loads(mr("lineage", "--artifact", chain.data, "-f", "openlineage").out),
        key=lambda event: event["job"]["name"],
        reverse=True,
    )
    assert tuning["inputs"] == [{"namespace": "s3://data", "name": chain.model}]
    assert tuning["outputs"] == quantisation["inputs"] == [{"namespace": "s3://models", "name": "tuned"}]
    required = {"eventTime", "eventType", "run", "job", "inputs", "outputs", "producer", "schemaURL"}
    assert tuning.keys() == required
    assert tuning["run"]["runId"] != quantisation["run"]["runId"]


def test_mr_finds_a_version_by_its_alias(mr: Mr, chain: Chain, registry: Registry, server_url: str) -> None:
    import httpx  # noqa: PLC0415 (only this test sends a request by itself)

    model = registry.find_registered_model(chain.model)
    assert model
    path = f"/api/model_registry/ext/v1/registered_models/{model.id}/aliases/production"
    httpx.put(server_url + path, json={"modelVersionId": chain.version}).raise_for_status()
    assert f"version {chain.model}/1.0" in mr("lineage", f"{chain.model}@production", "--up").out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "Name a version, --artifact or --digest; got none."),
        (("--artifact", "1", "--digest", "x"), 2, "got --artifact and --digest"),
        (("--digest", "x", "--format", "svg"), 2, "--format svg is not one of tree, dot, json, openlineage."),
        (("--artifact", "987654321"), 3, "No artifact has id 987654321."),
    ],
)
def test_mr_says_what_is_wrong(mr: Mr, arguments: tuple[str, ...], code: int, said: str) -> None:
    assert said in mr("lineage", *arguments, code=code).err
