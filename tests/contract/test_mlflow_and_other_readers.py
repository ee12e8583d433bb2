"""What MLflow's API writes is what Kubeflow's clients and the Go proxy know: no type of its own, and no unexpected link."""

from tests.support.fake_store import FakeStore
from tests.support.serving import MLFLOW, Served, serving

KINDS = ("Artifact", "Context", "Execution")


def types(store: FakeStore) -> set[str]:
    """The names of all types in the store."""
    return {
        each.name
        for kind in KINDS
        for each in getattr(store.ask(f"Get{kind}Types"), f"{kind.lower()}_types")
        if not each.name.startswith("mlmd.")
    }


async def everything(served: Served) -> None:
    """Does all that MLflow's API can do but for aliases, which belong to the extensions."""
    make, one = served.make, {"name": "churn", "version": "1"}
    await make(f"{MLFLOW}/registered-models/create", name="churn", tags=[{"key": "k", "value": "v"}])
    for source in ("s3://one", "models:/churn/1"):
        await make(
            f"{MLFLOW}/model-versions/create", name="churn", source=source, run_id="r", run_link="l", model_id="m"
        )
    await make(f"{MLFLOW}/model-versions/set-tag", **one, key="k", value="v")
    await make(f"{MLFLOW}/model-versions/transition-stage", **one, stage="Archived")
    await make(f"{MLFLOW}/registered-models/rename", name="churn", new_name="leavers")
    await served.client.request("DELETE", f"{MLFLOW}/model-versions/delete", json={"name": "leavers", "version": "2"})


async def test_nothing_gets_a_type_that_kubeflows_stores_lack() -> None:
    store = FakeStore()
    async with serving(store) as served:
        before = types(store)
        await everything(served)
        assert types(store) == before
        model = {"name": "leavers", "alias": "champion", "version": "1"}
        await served.make(f"{MLFLOW}/model-versions/transition-stage", name="leavers", version="1", stage="Staging")
        await served.make(f"{MLFLOW}/registered-models/alias", **model)
        assert {name for name in types(store) - before if not name.startswith("mr.")} == set()
        artifact_types = {each.name for each in store.ask("GetArtifactTypes").artifact_types}
        assert not [name for name in artifact_types if name.startswith("mr.")]


async def test_kubeflows_lists_have_all_that_mlflow_has_made_and_nothing_else() -> None:
    store = FakeStore()
    async with serving(store) as served:
        await everything(served)
        found = {}
        for path in ("registered_models", "model_versions", "artifacts", "inference_services", "serving_environments"):
            found[path] = (await served.client.get(f"/{path}")).json()["items"]
        assert [model["name"] for model in found["registered_models"]] == ["leavers"]
        assert [version["name"] for version in found["model_versions"]] == ["1", "2"]
        assert [artifact["uri"] for artifact in found["artifacts"]] == ["s3://one", "s3://one"]
        assert not found["inference_services"]
        assert not found["serving_environments"]
        (context,) = {version["registeredModelId"] for version in found["model_versions"]}
        children = store.ask("GetChildrenContextsByContext", context_id=int(context)).contexts
        assert {child.properties["model_name"].string_value for child in children} == {"leavers"}
        assert {child.properties["version"].string_value for child in children} == {"1", "2"}
        assert not store.ask("GetExecutions").executions
