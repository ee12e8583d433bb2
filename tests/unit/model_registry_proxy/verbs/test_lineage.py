"""Lineage: steps with what they took and made, and the graph from data to deployments."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from converters._generated import metadata_store_pb2 as mlmd
from converters.entities import ModelArtifact
from converters.entity import Kind
from converters.extension_entities import LINEAGE
from model_registry_proxy.verbs.lineage import graph
from tests.support.fake_store import FakeStore
from tests.support.guarded import guarding
from tests.support.memory_store import MemoryStore
from tests.support.serving import EXTENSIONS, Served, serving

Json = dict[str, Any]
STEPS, LINEAGE_OF = f"{EXTENSIONS}/lineage/steps", f"{EXTENSIONS}/lineage"


@pytest.fixture(params=["memory", "mlmd", "mlmd without filters"])
async def served(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    """The API on each store of the tests."""
    store = MemoryStore() if request.param == "memory" else FakeStore(filters=request.param == "mlmd")
    async with serving(store) as running:
        yield running


async def artifact(served: Served, name: str, kind: str = "model-artifact", **fields: Any) -> str:
    """The id of a new standalone artifact."""
    id_: str = (await served.make("/artifacts", artifactType=kind, name=name, uri=f"s3://{name}", **fields))["id"]
    return id_


async def step(served: Served, kind: str, inputs: list[str], outputs: list[str], **fields: Any) -> Json:
    """A new step."""
    return await served.make(STEPS, kind=kind, inputArtifactIds=inputs, outputArtifactIds=outputs, **fields)


async def asked(client: httpx.AsyncClient, **query: Any) -> Json:
    """The graph of a question."""
    answer = await client.get(LINEAGE_OF, params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def called(content: Json) -> set[str]:
    """The nodes by their names; a step by what it did."""
    return {node.get("stepKind") or node["name"] for node in content["nodes"]}


def edges(content: Json) -> set[tuple[str, str]]:
    """The edges between nodes by the same names."""
    names = {node["ref"]: node.get("stepKind") or node["name"] for node in content["nodes"]}
    return {(names[edge["from"]], names[edge["to"]]) for edge in content["edges"]}


async def a_chain(served: Served) -> dict[str, str]:
    """Data that a base model was tuned with; the tuned one was quantised, is a version's, and is deployed."""
    ids = {"data": await artifact(served, "data", "dataset-artifact", digest="sha256:1")}
    ids |= {name: await artifact(served, name) for name in ("base", "tuned", "quantised")}
    await step(served, "tuning", [ids["data"], ids["base"]], [ids["tuned"]])
    ids["step"] = (await step(served, "quantising", [ids["tuned"]], [ids["quantised"]], name="int8"))["id"]
    ids["model"] = (await served.make("/registered_models", name="churn"))["id"]
    ids["version"] = (await served.make("/model_versions", name="v1", registeredModelId=ids["model"]))["id"]
    below = f"/model_versions/{ids['version']}/artifacts"
    await served.make(below, artifactType="model-artifact", id=ids["quantised"])
    await served.make(below, artifactType="metric", name="quality", value=1)
    environment = (await served.make("/serving_environments", name="edge"))["id"]
    placed = {"registeredModelId": ids["model"], "servingEnvironmentId": environment}
    await served.make("/inference_services", name="pinned", modelVersionId=ids["version"], **placed)
    latest = (await served.make("/inference_services", name="latest", **placed))["id"]
    await served.make(f"/inference_services/{latest}/serves", modelVersionId=ids["version"])
    await served.make("/inference_services", name="other", **placed)
    return ids


UP = {("data", "tuning"), ("base", "tuning"), ("tuning", "tuned"), ("tuned", "quantising"), ("quantising", "quantised")}
DOWN = {("quantised", "v1"), ("v1", "pinned"), ("v1", "latest")}


async def test_a_step_is_answered_as_it_was_recorded(served: Served) -> None:
    ids = await a_chain(served)
    label = {"by": {"metadataType": "MetadataStringValue", "string_value": "ann"}}
    made = await step(served, "evaluation", [ids["data"], ids["tuned"]], [], name="e", customProperties=label)
    assert made["createTimeSinceEpoch"] == made["lastUpdateTimeSinceEpoch"]
    assert {
        key: made[key] for key in ("kind", "name", "inputArtifactIds", "outputArtifactIds", "customProperties")
    } == {
        "kind": "evaluation",
        "name": "e",
        "inputArtifactIds": [ids["data"], ids["tuned"]],
        "outputArtifactIds": [],
        "customProperties": label,
    }
    again = await step(served, "evaluation", [ids["data"]], [], name="e")
    assert again["id"] != made["id"], "names of steps are for people"


async def test_a_process_that_recorded_none_shows_steps_by_their_kinds_and_names(served: Served) -> None:
    ids = await a_chain(served)
    async with serving(served.store) as other:
        found = await asked(other.client, modelVersionId=ids["version"], direction="up")
    assert ("quantising", "int8") in {(node.get("stepKind"), node["name"]) for node in found["nodes"]}
    assert found == await asked(served.client, modelVersionId=ids["version"], direction="up")


async def test_recording_leaves_the_artifacts_as_they_are(served: Served) -> None:
    ids = await a_chain(served)
    before = (await served.client.get("/artifacts")).json()["items"]
    await step(served, "merging", [ids["tuned"], ids["base"]], [await artifact(served, "merged")])
    after = (await served.client.get("/artifacts")).json()["items"]
    assert after[: len(before)] == before


async def test_the_graph_leads_from_data_to_deployments_and_back(served: Served) -> None:
    ids = await a_chain(served)
    down = await asked(served.client, digest="sha256:1", direction="down")
    assert edges(down) == (UP - {("base", "tuning")}) | DOWN
    assert (down["root"], down["truncated"]) == (f"artifact/{ids['data']}", False)
    up = await asked(served.client, modelVersionId=ids["version"], direction="up")
    assert edges(up) == UP | {("quantised", "v1")}
    around = await asked(served.client, artifactId=ids["tuned"])
    assert edges(around) == UP | DOWN
    (version,) = [node for node in around["nodes"] if node["kind"] == "model_version"]
    assert (version["parentId"], version["parentName"]) == (ids["model"], "churn")


@pytest.mark.parametrize(("depth", "found"), [(0, {"data"}), (1, {"data", "tuning", "tuned"})])
async def test_depth_counts_the_steps_on_the_way(depth: int, found: set[str], served: Served) -> None:
    ids = await a_chain(served)
    assert called(await asked(served.client, artifactId=ids["data"], direction="down", depth=depth)) == found


async def test_runs_take_their_datasets_and_make_their_models(served: Served) -> None:
    ids = await a_chain(served)
    experiment = (await served.make("/experiments", name="e"))["id"]
    run = (await served.make("/experiment_runs", name="r", experimentId=experiment))["id"]
    for kind, name in (("dataset-artifact", "rows"), ("model-artifact", "fitted"), ("doc-artifact", "notes")):
        await served.make(f"/experiment_runs/{run}/artifacts", artifactType=kind, name=name)
    await served.make(f"/experiment_runs/{run}/artifacts", artifactType="metric", name="loss", value=1)
    (fitted,) = (await served.client.get(f"/experiment_runs/{run}/artifacts?name=fitted")).json()["items"]
    await served.make(f"/model_versions/{ids['version']}/artifacts", artifactType="model-artifact", id=fitted["id"])
    up = await asked(served.client, modelVersionId=ids["version"], direction="up")
    assert edges(up) >= {("rows", "r"), ("r", "fitted"), ("fitted", "v1")}
    assert not called(up) & {"notes", "loss", "quality"}
    (rows,) = (await served.client.get(f"/experiment_runs/{run}/artifacts?name=rows")).json()["items"]
    down = await asked(served.client, artifactId=rows["id"], direction="down")
    assert edges(down) == {("rows", "r"), ("r", "fitted"), ("fitted", "v1"), ("v1", "pinned"), ("v1", "latest")}


async def test_a_diamond_has_each_node_once(served: Served) -> None:
    ids = {name: await artifact(served, name) for name in ("top", "left", "right", "bottom")}
    for side in ("left", "right"):
        await step(served, f"make {side}", [ids["top"]], [ids[side]])
    await step(served, "join", [ids["left"], ids["right"]], [ids["bottom"]])
    found = await asked(served.client, artifactId=ids["bottom"], direction="up")
    assert len(found["nodes"]) == len(called(found)) == 7
    assert edges(found) == {
        *((side, "join") for side in ("left", "right")),
        *((f"make {side}", side) for side in ("left", "right")),
        *(("top", f"make {side}") for side in ("left", "right")),
        ("join", "bottom"),
    }


async def test_a_cycle_is_refused_and_one_of_another_program_ends_the_search(served: Served) -> None:
    ids = {name: await artifact(served, name) for name in ("a", "b", "c")}
    await step(served, "first", [ids["a"]], [ids["b"]])
    await step(served, "second", [ids["b"]], [ids["c"]])
    before = await asked(served.client, artifactId=ids["a"], depth=20)
    refused = await served.client.post(
        STEPS, json={"kind": "x", "inputArtifactIds": [ids["c"]], "outputArtifactIds": [ids["a"]]}
    )
    assert refused.status_code == 400
    assert refused.json()["message"] == (
        f"outputArtifactIds has the artifact {ids['a']}, which an input of this step was made from."
    )
    assert await asked(served.client, artifactId=ids["a"], depth=20) == before
    await served.registry.make_types(LINEAGE)
    node = mlmd.Execution(type_id=served.registry.type_id(LINEAGE[0]), name="theirs")
    await served.registry.store.put_step(node, [int(ids["c"])], [int(ids["a"])])
    for direction in ("up", "down", "both"):
        assert len((await asked(served.client, artifactId=ids["b"], direction=direction, depth=20))["nodes"]) == 6


BAD: dict[str, tuple[Json, int, str]] = {
    "nothing": ({}, 400, "A step needs artifacts"),
    "empty lists": ({"inputArtifactIds": [], "outputArtifactIds": []}, 400, "A step needs artifacts"),
    "unknown": ({"inputArtifactIds": ["1", "99"]}, 404, "No artifact has id 99."),
    "both sides": ({"inputArtifactIds": ["1"], "outputArtifactIds": ["1"]}, 400, "have both the artifact 1"),
    "twice": ({"inputArtifactIds": ["1", "1"]}, 400, "inputArtifactIds has the artifact 1 more than once"),
    "no id": ({"inputArtifactIds": ["x"]}, 400, "inputArtifactIds"),
    "null": ({"inputArtifactIds": ["1", None]}, 400, "inputArtifactIds"),
    "unknown field": ({"inputs": ["1"]}, 400, "inputs"),
    "no kind": ({"kind": "", "inputArtifactIds": ["1"]}, 422, "kind"),
}


@pytest.mark.parametrize(("body", "status", "said"), BAD.values(), ids=BAD)
async def test_a_step_that_cannot_be_is_refused(body: Json, status: int, said: str) -> None:
    async with serving() as served:
        await artifact(served, "a")
        served.store.forget()
        answer = await served.client.post(STEPS, json={"kind": "x", **body})
        assert (answer.status_code, said in answer.json()["message"]) == (status, True), answer.text
        assert served.store.writes == []


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({}, 400, "Name one of modelVersionId, artifactId and digest"),
        ({"artifactId": 1, "modelVersionId": 2}, 400, "got modelVersionId and artifactId"),
        ({"artifactId": 99}, 404, "No artifact has id 99."),
        ({"modelVersionId": 99}, 404, "No model version has id 99."),
        ({"digest": "x' OR 'a' = 'a"}, 404, "has the digest"),
        ({"digest": 'x" OR id > 0 OR digest = "'}, 404, "has the digest"),
        ({"digest": "%"}, 404, "has the digest"),
        ({"artifactId": 1, "direction": "left"}, 400, "direction"),
        ({"artifactId": 1, "depth": 21}, 400, "depth"),
    ],
)
async def test_a_question_that_cannot_be_is_refused(query: Json, status: int, said: str) -> None:
    async with serving() as served:
        await artifact(served, "a", "dataset-artifact", digest="y")
        answer = await served.client.get(LINEAGE_OF, params=query)
        assert (answer.status_code, said in answer.json()["message"]) == (status, True), answer.text


async def test_a_digest_finds_all_data_and_models_that_have_it(served: Served) -> None:
    digest = {"digest.sha256": {"metadataType": "MetadataStringValue", "string_value": 'a_"b\\%'}}
    ids = [await artifact(served, f"m{number}", customProperties=digest) for number in range(2)]
    await artifact(
        served, "other", customProperties={"digest.sha256": {**digest["digest.sha256"], "string_value": "axb"}}
    )
    found = await asked(served.client, digest='a_"b\\%')
    assert found["roots"] == [f"artifact/{id_}" for id_ in ids]


async def test_more_than_500_nodes_are_cut_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MOST_NODES", 5)
    async with serving() as served:
        data = await artifact(served, "data", "dataset-artifact")
        for number in range(4):
            await step(served, f"s{number}", [data], [await artifact(served, f"m{number}")])
        found = await asked(served.client, artifactId=data, direction="down")
        assert (len(found["nodes"]), found["truncated"]) == (5, True)
        assert {"s3", "s2", "s1", "s0"} < called(found)
        wide = await artifact(served, "wide", "dataset-artifact")
        await step(served, "once", [wide], [await artifact(served, f"w{number}") for number in range(9)])
        found = await asked(served.client, artifactId=wide, direction="down")
        assert (called(found), found["truncated"]) == ({"wide", "once", "w8", "w7", "w6"}, True)


async def test_hidden_artifacts_are_absent_with_their_edges_and_steps(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        served = guarded.served
        ids: dict[str, str] = {}
        for word in ("open", "secret"):
            model = (await served.make("/registered_models", name=f"{word} model"))["id"]
            ids[f"{word} version"] = (await served.make("/model_versions", name=word, registeredModelId=model))["id"]
            below = f"/model_versions/{ids[f'{word} version']}/artifacts"
            made = await served.make(below, artifactType="model-artifact", name=f"{word} weights")
            ids[word] = made["id"]
        ids["data"] = await artifact(served, "data", "dataset-artifact")
        await step(served, "train secret", [ids["data"]], [ids["secret"]])
        await step(served, "train open", [ids["data"]], [ids["open"]])
        await step(served, "distil", [ids["secret"]], [await artifact(served, "small")])
        async with guarded.by("outsider") as outsider:
            down = await asked(outsider, artifactId=ids["data"], direction="down")
            assert called(down) == {"data", "train open", "open weights", "open"}
            for query in ({"artifactId": ids["secret"]}, {"modelVersionId": ids["secret version"]}):
                assert (await outsider.get(LINEAGE_OF, params=query)).status_code == 404
            body = {"kind": "x", "inputArtifactIds": [ids["secret"]], "outputArtifactIds": [ids["data"]]}
            refused = await outsider.post(STEPS, json=body)
            assert (refused.status_code, refused.json()["message"]) == (404, f"No artifact has id {ids['secret']}.")
            allowed = {"kind": "x", "inputArtifactIds": [ids["data"]], "outputArtifactIds": [ids["open"]]}
            assert (await outsider.post(STEPS, json=allowed)).status_code == 201
        async with guarded.by("looker") as looker:
            assert (await looker.post(STEPS, json=allowed)).status_code == 403
            assert "secret weights" in called(await asked(looker, artifactId=ids["data"], direction="down"))
        async with guarded.by("changer") as changer:
            assert (await changer.post(STEPS, json=body | {"outputArtifactIds": []})).status_code == 201


async def test_a_step_with_a_key_is_recorded_once(served: Served) -> None:
    ids = await a_chain(served)
    body = {"kind": "x", "inputArtifactIds": [ids["data"]]}
    answers = [await served.client.post(STEPS, json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"
    other = {"kind": "y", "inputArtifactIds": [ids["data"]]}
    assert (await served.client.post(STEPS, json=other, headers={"Idempotency-Key": "k"})).status_code == 422


async def test_events_of_other_programs_are_lineage_too() -> None:
    async with serving(FakeStore()) as served:
        ids = {name: await artifact(served, name) for name in ("in", "out")}
        type_ = mlmd.ExecutionType(name="system.ContainerExecution")
        type_id = served.store.ask("PutExecutionType", execution_type=type_).type_id
        events = [
            {"event": mlmd.Event(artifact_id=int(ids[name]), type=kind)}
            for name, kind in (("in", mlmd.Event.DECLARED_INPUT), ("out", mlmd.Event.OUTPUT))
        ]
        execution = mlmd.Execution(type_id=type_id, name="run-7/train")
        served.store.ask("PutExecution", execution=execution, artifact_event_pairs=events)
        found = await asked(served.client, artifactId=ids["in"])
        assert edges(found) == {("in", "system.ContainerExecution"), ("system.ContainerExecution", "out")}


async def test_a_store_without_steps_gets_no_type_from_a_question() -> None:
    async with serving(FakeStore()) as served:
        await asked(served.client, artifactId=await artifact(served, "a"))
        types = served.store.ask("GetExecutionTypes").execution_types
        assert {type_.name for type_ in types if not type_.base_type} == {"kf.ServeModel"}


async def test_a_step_takes_no_more_nodes_than_one_of_mlmd(served: Served) -> None:
    ids = await a_chain(served)
    node = await served.registry.store.get(Kind.EXECUTION, int(ids["step"]))
    assert isinstance(node, mlmd.Execution)
    assert (node.type, node.last_known_state) == ("mr.Step", mlmd.Execution.COMPLETE)
    assert await served.registry.store.owners(Kind.EXECUTION, node.id) == [], "never associated with a context"


MANY = 10_000


def with_many(store: FakeStore, type_id: int) -> list[int]:
    """The ids of many model artifacts, written by another program."""
    nodes = [mlmd.Artifact(type_id=type_id, name=f"u{number}:m{number}") for number in range(MANY)]
    return list(store.ask("PutArtifacts", artifacts=nodes).artifact_ids)


def with_steps(store: FakeStore, made: list[list[int]], data: int) -> None:
    """Writes a step for each list of artifacts, which it made of the data."""
    type_id = store.ask("PutExecutionType", execution_type=mlmd.ExecutionType(name="system.Trainer")).type_id
    nodes = [mlmd.Execution(type_id=type_id, name=f"s{number}") for number in range(len(made))]
    ids = store.ask("PutExecutions", executions=nodes).execution_ids
    events = [mlmd.Event(artifact_id=data, execution_id=id_, type=mlmd.Event.INPUT) for id_ in ids]
    events += [
        mlmd.Event(artifact_id=each, execution_id=id_, type=mlmd.Event.OUTPUT)
        for id_, outputs in zip(ids, made, strict=True)
        for each in outputs
    ]
    store.ask("PutEvents", events=events)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["one step each", "one step", "one run"])
async def test_ten_thousand_artifacts_of_one_dataset_take_few_calls(shape: str) -> None:
    async with serving(FakeStore(), seconds=60) as served:
        store = served.store
        experiment = (await served.make("/experiments", name="e"))["id"]
        run = (await served.make("/experiment_runs", name="r", experimentId=experiment))["id"]
        data = int((await served.make(f"/experiment_runs/{run}/artifacts", artifactType="dataset-artifact"))["id"])
        ids = with_many(store, served.registry.type_id(ModelArtifact))
        if shape == "one run":
            links = [mlmd.Attribution(artifact_id=id_, context_id=int(run)) for id_ in ids]
            store.ask("PutAttributionsAndAssociations", attributions=links)
        else:
            with_steps(store, [ids] if shape == "one step" else [[id_] for id_ in ids], data)
        served.store.forget()
        found = await asked(served.client, artifactId=data, direction="down")
        assert (len(found["nodes"]), found["truncated"]) == (500, True)
        assert len(served.store.calls) <= 40
