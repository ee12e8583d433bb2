"""MLflow's registry API under a policy: what a user may not see is absent, and what a user may not change stays as it is."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from model_registry_proxy.mlflow.operations import MLFLOW as OPERATIONS
from tests.support.document import mlflow as document
from tests.support.guarded import Guarded, guarding
from tests.support.serving import MLFLOW

WITH_MODEL: dict[str, dict[str, Any]] = {
    "mlflowGetRegisteredModel": {},
    "mlflowUpdateRegisteredModel": {"description": "x"},
    "mlflowRenameRegisteredModel": {"new_name": "other"},
    "mlflowDeleteRegisteredModel": {},
    "mlflowGetLatestVersions": {},
    "mlflowPostLatestVersions": {},
    "mlflowSetRegisteredModelTag": {"key": "k", "value": "v"},
    "mlflowDeleteRegisteredModelTag": {"key": "k"},
    "mlflowCreateModelVersion": {"source": "s3://x"},
    "mlflowGetModelVersion": {"version": "1"},
    "mlflowUpdateModelVersion": {"version": "1", "description": "x"},
    "mlflowDeleteModelVersion": {"version": "1"},
    "mlflowTransitionModelVersionStage": {"version": "1", "stage": "Production"},
    "mlflowGetModelVersionDownloadUri": {"version": "1"},
    "mlflowSetModelVersionTag": {"version": "1", "key": "k", "value": "v"},
    "mlflowSetRegisteredModelAlias": {"version": "1", "alias": "champion"},
    "mlflowGetModelVersionByAlias": {"alias": "champion"},
    "mlflowDeleteRegisteredModelAlias": {"alias": "champion"},
    "mlflowDeleteModelVersionTag": {"version": "1", "key": "k"},
}
"""What each operation on a model asks in addition to its name."""
SEARCHES = {"mlflowSearchRegisteredModels", "mlflowSearchModelVersions"}
DESCRIBED = {one.operation_id: one for one in document().operations}
every_operation = pytest.mark.parametrize("operation", list(WITH_MODEL))


@pytest_asyncio.fixture
async def guarded(tmp_path: Any) -> AsyncIterator[Guarded]:
    """An open and a secret model, each with a version."""
    async with guarding(tmp_path) as found:
        client = found.served.client
        for name in ("open", "secret"):
            await client.post(f"{MLFLOW}/registered-models/create", json={"name": name})
            await client.post(f"{MLFLOW}/model-versions/create", json={"name": name, "source": f"s3://{name}"})
            alias = {"name": name, "alias": "champion", "version": "1"}
            await client.post(f"{MLFLOW}/registered-models/alias", json=alias)
        yield found


async def ask(guarded: Guarded, user: str, operation: str, **given: Any) -> httpx.Response:
    """Sends the request of an operation as a user; parameters are as MLflow's clients send them."""
    described = DESCRIBED[operation]
    sent = {"params": given} if described.method == "GET" else {"json": given}
    async with guarded.by(user) as client:
        return await client.request(described.method, f"{MLFLOW}{described.path}", **sent)


@every_operation
async def test_a_hidden_model_is_answered_like_one_that_does_not_exist(operation: str, guarded: Guarded) -> None:
    before = str(guarded.served.store.nodes)
    hidden = await ask(guarded, "outsider", operation, name="secret", **WITH_MODEL[operation])
    missing = await ask(guarded, "outsider", operation, name="hidden", **WITH_MODEL[operation])
    assert (hidden.status_code, hidden.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert hidden.text == missing.text.replace("hidden", "secret")
    assert str(guarded.served.store.nodes) == before


@every_operation
async def test_a_reader_sees_and_changes_nothing(operation: str, guarded: Guarded) -> None:
    before = str(guarded.served.store.nodes)
    response = await ask(guarded, "reader", operation, name="secret", **WITH_MODEL[operation])
    is_read = DESCRIBED[operation].method == "GET" or OPERATIONS[operation].only_reads
    if is_read:
        assert response.is_success, response.text
    else:
        assert (response.status_code, response.json()["error_code"]) == (403, "PERMISSION_DENIED")
    assert str(guarded.served.store.nodes) == before


@every_operation
async def test_an_insider_may_do_everything_with_the_secret_model(operation: str, guarded: Guarded) -> None:
    given = {**WITH_MODEL[operation], **({"new_name": "secret too"} if "new_name" in WITH_MODEL[operation] else {})}
    response = await ask(guarded, "insider", operation, name="secret", **given)
    assert response.is_success, response.text


@every_operation
async def test_a_user_without_a_role_gets_403(operation: str, guarded: Guarded) -> None:
    response = await ask(guarded, "stranger", operation, name="open", **WITH_MODEL[operation])
    assert (response.status_code, response.json()["error_code"]) == (403, "PERMISSION_DENIED")


def test_every_operation_is_tried() -> None:
    assert {*WITH_MODEL, *SEARCHES, "mlflowCreateRegisteredModel"} == set(OPERATIONS)


@pytest.mark.parametrize("asked", [{}, {"order_by": "name"}, {"filter": "name LIKE '%e%'"}, {"max_results": 1}])
async def test_searches_leave_hidden_models_and_their_versions_out(asked: dict[str, Any], guarded: Guarded) -> None:
    models = (await ask(guarded, "outsider", "mlflowSearchRegisteredModels", **asked)).json()
    assert [model["name"] for model in models["registered_models"]] == ["open"]
    assert "next_page_token" not in models
    versions = (await ask(guarded, "outsider", "mlflowSearchModelVersions", **asked)).json()
    assert [version["name"] for version in versions["model_versions"]] == ["open"]
    named = await ask(guarded, "outsider", "mlflowSearchModelVersions", filter="name = 'secret'")
    assert named.json() == {"model_versions": []}


async def test_a_hidden_version_has_no_files_to_copy(guarded: Guarded) -> None:
    given = {"name": "open", "source": "models:/secret/1"}
    response = await ask(guarded, "outsider", "mlflowCreateModelVersion", **given)
    assert (response.status_code, response.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert "s3://secret" not in response.text


async def test_a_model_cannot_get_a_name_that_its_user_may_not_use(guarded: Guarded) -> None:
    response = await ask(guarded, "insider", "mlflowCreateRegisteredModel", name="open too")
    assert response.status_code == 403
    for user, given in (("outsider", ("open", "secret 2")), ("insider", ("secret", "open 2"))):
        name, new_name = given
        response = await ask(guarded, user, "mlflowRenameRegisteredModel", name=name, new_name=new_name)
        assert (response.status_code, response.json()["error_code"]) == (403, "PERMISSION_DENIED")


async def test_the_user_is_the_owner_of_what_it_creates(guarded: Guarded) -> None:
    model = (await ask(guarded, "outsider", "mlflowCreateRegisteredModel", name="new")).json()
    version = (await ask(guarded, "changer", "mlflowCreateModelVersion", name="new", source="s3://x")).json()
    assert (model["registered_model"]["user_id"], version["model_version"]["user_id"]) == ("outsider", "changer")
