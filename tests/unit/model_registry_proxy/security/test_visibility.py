"""Rules for names of models in lists, pages, filters and links, and after changes of names."""

import asyncio
import base64
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from converters._generated import metadata_store_pb2 as mlmd
from converters.entities import InferenceService, ModelVersion, RegisteredModel
from converters.entity import Entity
from model_registry_proxy.configuration import watched_files
from model_registry_proxy.registry.registry import Limits
from model_registry_proxy.security.governance import LEADING
from tests.support.fake_store import FakeStore, need_filters
from tests.support.guarded import Guarded, a_world, guarding, names_in

ORDERS: list[dict[str, str]] = [
    {},
    {"sortOrder": "DESC"},
    {"orderBy": "CREATE_TIME"},
    {"orderBy": "LAST_UPDATE_TIME", "sortOrder": "ASC"},
    {"orderBy": "LAST_UPDATE_TIME", "sortOrder": "DESC"},
    {"filterQuery": "description = 'd'"},
]


async def models(guarded: Guarded, *names: str, **fields: Any) -> list[str]:
    """Creates registered models in the store, without the API; returns their ids."""
    values = {key: mlmd.Value(string_value=value) for key, value in fields.items()}
    return [str(written(guarded, RegisteredModel, name=name, properties=values)) for name in names]


def written(guarded: Guarded, entity: type[Entity], **fields: Any) -> int:
    """Writes a context as another program may; returns its id."""
    context = mlmd.Context(type_id=guarded.served.registry.type_id(entity), **fields)
    id_: int = guarded.served.store.write(context)
    return id_


async def pages(client: httpx.AsyncClient, path: str, **query: Any) -> list[list[dict[str, Any]]]:
    """All pages of a list."""
    found, token = [], ""
    while True:
        response = await client.get(path, params={**query, "nextPageToken": token})
        assert response.status_code == 200, response.text
        found.append(response.json()["items"])
        token = response.json()["nextPageToken"]
        if not token:
            return found


@pytest.mark.parametrize("order", ORDERS, ids=str)
async def test_pages_are_full_of_rows_that_the_user_may_see(tmp_path: Path, order: dict[str, str]) -> None:
    async with guarding(tmp_path) as guarded:
        many = [f"{'secret' if number % 3 else 'open'} {number}" for number in range(330)]
        await models(guarded, *many, description="d")
        async with guarded.by("outsider") as client:
            found = await pages(client, "/registered_models", pageSize=11, **order)
        assert [len(page) for page in found] == [11] * 10
        assert sorted(names_in(row for page in found for row in page)) == sorted(n for n in many if "open" in n)
        async with guarded.by("insider") as client:
            found = await pages(client, "/registered_models", pageSize=100, **order)
        assert [len(page) for page in found] == [100, 100, 20]


async def test_no_page_token_shows_that_hidden_rows_follow(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        await models(guarded, "open 1", "open 2", "secret 1", "secret 2")
        async with guarded.by("outsider") as client:
            page = (await client.get("/registered_models", params={"pageSize": 2})).json()
        assert (page["size"], page["nextPageToken"]) == (2, "")


async def test_a_page_token_has_the_position_of_a_row_that_was_shown(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        ids = await models(guarded, "open 1", "secret 1", "open 2", "secret 2", "open 3", "secret 3")
        async with guarded.by("outsider") as client:
            page = (
                await client.get("/registered_models", params={"pageSize": 2, "orderBy": "LAST_UPDATE_TIME"})
            ).json()
        token = page["nextPageToken"]
        place = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        assert str(place[1]) == ids[2]


async def test_the_page_token_of_another_user_shows_nothing_more(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        await models(guarded, *(f"secret {number}" for number in range(10)), "open")
        async with guarded.by("insider") as client:
            token = (await client.get("/registered_models", params={"pageSize": 2})).json()["nextPageToken"]
        async with guarded.by("outsider") as client:
            rest = await client.get("/registered_models", params={"pageSize": 2, "nextPageToken": token})
        assert names_in(rest.json()["items"]) == ["open"]


async def test_a_list_scans_no_more_rows_than_its_limit(tmp_path: Path) -> None:
    async with guarding(tmp_path, limits=Limits(page=1000, scan=200)) as guarded:
        await models(guarded, *(f"secret {number}" for number in range(450)), "open")
        async with guarded.by("outsider") as client:
            found = await pages(client, "/registered_models")
        assert [names_in(page) for page in found] == [[], [], ["open"]]


QUERIES = [
    "name LIKE 'secret%'",
    "name = 'secret model'",
    "name IN ('secret model', 'open model')",
    "NOT name LIKE 'open%'",
    "externalId = 'secret model'",
    "id > 0",
    "name LIKE '%' OR name = 'secret model'",
    "description IS NULL",
    "registeredModelId = '{model}'",
    "modelVersionId = '{version}'",
]
LISTS = [
    "/registered_models",
    "/model_versions",
    "/artifacts",
    "/model_artifacts",
    "/inference_services",
    "/serving_environments/{environment}/inference_services",
]


@pytest.mark.parametrize("path", LISTS)
async def test_no_filter_finds_hidden_rows(tmp_path: Path, path: str) -> None:
    async with guarding(tmp_path) as guarded:
        secret, _ = await a_world(guarded.served, "secret"), await a_world(guarded.served, "open")
        async with guarded.by("outsider") as client:
            for query in QUERIES:
                params = {"filterQuery": query.format_map(secret)}
                response = await client.get(path.format_map(secret), params=params)
                assert response.status_code == 200, response.text
                assert "secret" not in response.text, query
                assert response.json()["nextPageToken"] == ""
        async with guarded.by("root") as client:
            assert "secret" in (await client.get(path.format_map(secret))).text


async def test_a_condition_shows_no_more_than_a_request_without(tmp_path: Path) -> None:
    """Neither by If-Match, which reads before it writes, nor by If-None-Match, which answers without a body."""
    async with guarding(tmp_path) as guarded:
        ids = await a_world(guarded.served, "secret")
        path, nowhere = f"/registered_models/{ids['model']}", "/registered_models/987654321"
        async with guarded.by("looker") as client:
            tag = (await client.get(path)).headers["etag"]
            guarded.served.store.forget()
            for sent in (tag, "*"):
                refused = await client.patch(path, json={"owner": "me"}, headers={"if-match": sent})
                assert refused.status_code == 403
            assert not guarded.writes
            assert (await client.get(path, headers={"if-none-match": tag})).status_code == 304
        async with guarded.by("outsider") as client:
            for sent in (tag, "*", '"other"'):
                hidden = await client.patch(path, json={"owner": "me"}, headers={"if-match": sent})
                missing = await client.patch(nowhere, json={"owner": "me"}, headers={"if-match": sent})
                assert hidden.status_code == missing.status_code == 404
                assert hidden.text.replace(ids["model"], "N") == missing.text.replace("987654321", "N")
                assert (await client.get(path, headers={"if-none-match": sent})).status_code == 404


async def test_finding_by_name_or_external_id_shows_no_hidden_row(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        ids = await a_world(guarded.served, "secret")
        questions = [
            ("/registered_model", {"name": "secret model"}),
            ("/registered_model", {"externalId": "secret model"}),
            ("/model_version", {"name": "secret version", "parentResourceId": ids["model"]}),
            ("/model_version", {"externalId": "secret version"}),
            ("/artifact", {"name": "secret weights", "parentResourceId": ids["version"]}),
            ("/artifact", {"externalId": "secret artifact"}),
            ("/model_artifact", {"externalId": "secret artifact"}),
            ("/inference_service", {"name": "secret service", "parentResourceId": ids["environment"]}),
            ("/inference_service", {"externalId": "secret service"}),
        ]
        for path, query in questions:
            async with guarded.by("outsider") as client, guarded.by("insider") as other:
                denied = await client.get(path, params=query)
                missing = await client.get(
                    path, params={**query, **{k: "none" for k in query if k != "parentResourceId"}}
                )
                assert (await other.get(path, params=query)).status_code == 200
            assert denied.status_code == missing.status_code == 404
            assert denied.text.replace(next(iter(query.values())), "none") == missing.text


async def test_a_conflict_of_external_ids_does_not_name_the_other_entity(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        ids = await a_world(guarded.served, "secret")
        async with guarded.by("outsider") as client:
            refused = await client.post("/registered_models", json={"name": "mine", "externalId": "secret version"})
        assert refused.status_code == 409
        assert ids["version"] not in refused.text
        assert "model version" not in refused.text


async def test_a_name_under_a_rule_is_refused_whether_it_is_taken_or_not(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        await a_world(guarded.served, "secret")
        async with guarded.by("outsider") as client:
            taken = await client.post("/registered_models", json={"name": "secret model"})
            free = await client.post("/registered_models", json={"name": "secret free"})
        assert taken.status_code == free.status_code == 403
        assert taken.text.replace("secret model", "secret free") == free.text


async def test_an_artifact_that_is_attached_later_is_covered_from_then_on(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        secret = await a_world(guarded.served, "secret")
        loose = await guarded.served.make("/artifacts", artifactType="doc-artifact", name="loose")
        path = f"/artifacts/{loose['id']}"
        async with guarded.by("outsider") as client, guarded.by("insider") as insider:
            assert (await client.get(path)).status_code == 200
            assert (await insider.get(path)).status_code == 404
            await guarded.served.make(
                f"/model_versions/{secret['version']}/artifacts", artifactType="doc-artifact", id=loose["id"]
            )
            assert (await client.get(path)).status_code == 404
            assert (
                await client.patch(path, json={"artifactType": "doc-artifact", "description": "x"})
            ).status_code == 404
            assert "loose" not in (await client.get("/artifacts")).text
            assert (await insider.get(path)).status_code == 200


async def test_an_artifact_of_two_models_needs_both(tmp_path: Path) -> None:
    """Else attaching it to an open version would show it, and to a secret one hide it, with rights for only one of the two."""
    async with guarding(tmp_path) as guarded:
        secret, open_ = await a_world(guarded.served, "secret"), await a_world(guarded.served, "open")
        path = f"/artifacts/{open_['artifact']}"
        grab = {"artifactType": "model-artifact", "id": open_["artifact"], "description": "grabbed"}
        async with guarded.by("insider") as client:
            grabbed = await client.post(f"/model_versions/{secret['version']}/artifacts", json=grab)
            assert grabbed.status_code == 404
        async with guarded.by("looker") as client:  # sees both, changes neither
            assert (await client.post(f"/model_versions/{secret['version']}/artifacts", json=grab)).status_code == 403
        assert "description" not in (await guarded.served.client.get(path)).json()
        async with guarded.by("changer") as client:
            assert (await client.post(f"/model_versions/{secret['version']}/artifacts", json=grab)).status_code == 200
        for user, status in (("outsider", 404), ("insider", 404), ("changer", 200), ("root", 200)):
            async with guarded.by(user) as client:
                assert (await client.get(path)).status_code == status
                listed = await client.get(f"/model_versions/{open_['version']}/artifacts")
                assert ("open weights" in listed.text) == (status == 200)


async def test_attaching_below_a_parent_that_may_only_be_read_changes_nothing(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        secret = await a_world(guarded.served, "secret")
        loose = await guarded.served.make("/artifacts", artifactType="doc-artifact", name="loose")
        await guarded.served.make("/registered_models", name="other")
        policy = "roles: {writer: {users: [outsider]}}\nrules: [{models: ['secret*'], reader: {users: [outsider]}}]"
        async with guarding(tmp_path, policy, store=guarded.served.store) as again, again.by("outsider") as client:
            again.served.store.forget()
            body = {"artifactType": "doc-artifact", "id": loose["id"], "description": "changed"}
            refused = await client.post(f"/model_versions/{secret['version']}/artifacts", json=body)
            assert refused.status_code == 403
            assert refused.json()["message"] == (
                "This needs the role writer for the registered model 'secret model'; outsider has the role reader there."
            )
            assert not again.writes
            nothing = await client.patch(f"/registered_models/{secret['model']}", json={})
            assert nothing.status_code == 403


async def test_services_cannot_be_made_or_moved_to_secret_models(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        secret, open_ = await a_world(guarded.served, "secret"), await a_world(guarded.served, "open")
        async with guarded.by("outsider") as client:
            for body in (
                {"registeredModelId": secret["model"]},
                {"registeredModelId": open_["model"], "modelVersionId": secret["version"]},
            ):
                body["servingEnvironmentId"] = open_["environment"]
                made = await client.post("/inference_services", json=body)
                assert made.status_code == 404
            moved = await client.patch(
                f"/inference_services/{open_['service']}", json={"modelVersionId": secret["version"]}
            )
            assert moved.status_code == 404
            served = await client.post(
                f"/inference_services/{open_['service']}/serves", json={"modelVersionId": secret["version"]}
            )
            assert served.status_code == 404


async def test_a_user_with_rights_only_by_a_rule_deploys_into_a_visible_environment(tmp_path: Path) -> None:
    policy = "roles: {reader: {users: [insider]}}\nrules: [{models: ['secret*'], writer: {groups: [insiders]}}]"
    async with guarding(tmp_path, policy) as guarded:
        ids = await a_world(guarded.served, "secret")
        async with guarded.by("insider") as client:
            path = f"/serving_environments/{ids['environment']}/inference_services"
            body = {"registeredModelId": ids["model"], "servingEnvironmentId": ids["environment"]}
            assert (await client.post(path, json=body)).status_code == 201
            assert (await client.patch(f"/serving_environments/{ids['environment']}", json={})).status_code == 403
            run = f"/experiment_runs/{ids['run']}/artifacts"
            refused = await client.post(run, json={"artifactType": "metric", "name": "loss", "value": 2})
            assert refused.status_code == 403
            assert "for what belongs to no registered model" in refused.json()["message"]
            taken = {"artifactType": "model-artifact", "id": ids["artifact"], "description": "x"}
            guarded.served.store.forget()
            assert (await client.post(run, json=taken)).status_code == 403
            assert not guarded.writes


READS_SECRETS = "roles: {writer: {users: [outsider]}}\nrules: [{models: ['secret*'], reader: {users: [outsider]}}]"


async def test_a_metric_of_a_run_that_belongs_to_a_model_too_is_changed_by_neither_way_without_both(
    tmp_path: Path,
) -> None:
    async with guarding(tmp_path, READS_SECRETS) as guarded:
        secret = await a_world(guarded.served, "secret")
        metric = {"artifactType": "metric", "name": "shared", "value": 1}
        made = await guarded.served.make(f"/experiment_runs/{secret['run']}/artifacts", **metric)
        below_version = f"/model_versions/{secret['version']}/artifacts"
        await guarded.served.make(below_version, artifactType="metric", id=made["id"], value=1)
        guarded.served.store.forget()
        async with guarded.by("outsider") as client:
            path = f"/experiment_runs/{secret['run']}/artifacts"
            assert (await client.get(f"/artifacts/{made['id']}")).status_code == 200
            for body in ({**metric, "value": 2}, {**metric, "value": 2, "id": made["id"]}):
                assert (await client.post(path, json=body)).status_code == 403
            assert not guarded.writes


async def test_a_service_is_not_moved_to_a_version_that_may_only_be_read(tmp_path: Path) -> None:
    """Nor is a service without a model, which a client of gRPC may have created."""
    async with guarding(tmp_path, READS_SECRETS) as guarded:
        secret = await a_world(guarded.served, "secret")
        made = written(guarded, InferenceService, name=f"{secret['environment']}:bare")
        async with guarded.by("outsider") as client:
            assert (await client.patch(f"/inference_services/{made}", json={"runtime": "r"})).status_code == 200
            guarded.served.store.forget()
            moved = await client.patch(f"/inference_services/{made}", json={"modelVersionId": secret["version"]})
            assert moved.status_code == 403
            assert not guarded.writes


async def test_a_page_token_does_not_show_when_a_hidden_row_has_changed(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        await models(guarded, "open 1", "open 2")
        newest = (await guarded.served.client.get("/registered_models")).json()["items"][-1]["lastUpdateTimeSinceEpoch"]
        await asyncio.sleep(0.01)
        await models(guarded, "secret")
        async with guarded.by("outsider") as client:
            page = await client.get("/registered_models", params={"pageSize": 1, "orderBy": "LAST_UPDATE_TIME"})
        token = page.json()["nextPageToken"]
        _, _, time, until = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        assert str(until) == newest
        assert time <= until


async def test_equal_questions_of_different_users_do_not_share_an_answer(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        await models(guarded, "open", "secret")
        gate = guarded.served.store.hold("list_nodes")
        async with guarded.by("outsider") as one, guarded.by("changer") as two, guarded.by("outsider") as three:
            asked = [asyncio.create_task(client.get("/registered_models")) for client in (two, one, three, two)]
            await gate.arrived.wait()
            gate.open()
            answers = await asyncio.gather(*asked)
        assert [names_in(answer.json()["items"]) for answer in answers] == [
            ["open", "secret"],
            ["open"],
            ["open"],
            ["open", "secret"],
        ]


async def test_a_model_that_is_renamed_over_grpc_is_governed_by_its_new_name_at_once(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        ids = await a_world(guarded.served, "open")
        below = [
            f"/registered_models/{ids['model']}",
            f"/model_versions/{ids['version']}",
            f"/artifacts/{ids['artifact']}",
            f"/inference_services/{ids['service']}",
            f"/registered_models/{ids['model']}/versions",
            f"/inference_services/{ids['service']}/serves",
        ]
        async with guarded.by("outsider") as client:
            assert [(await client.get(path)).status_code for path in below] == [200] * len(below)
            written(guarded, RegisteredModel, id=int(ids["model"]), name="secret now")
            assert [(await client.get(path)).status_code for path in below] == [404] * len(below)


async def test_a_version_whose_name_has_lost_its_model_is_governed_by_its_link(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        ids = await a_world(guarded.served, "secret")
        written(guarded, ModelVersion, id=int(ids["version"]), name="renamed")
        async with guarded.by("outsider") as client, guarded.by("root") as root:
            assert (await root.get(f"/model_versions/{ids['version']}")).status_code == 200
            assert (await client.get(f"/model_versions/{ids['version']}")).status_code == 404
            assert (await client.get(f"/artifacts/{ids['artifact']}")).status_code == 404


async def test_the_general_roles_apply_to_entities_of_no_model(tmp_path: Path) -> None:
    """References to unknown ids, to another type or to the entity itself neither hide an entity nor loop forever."""
    async with guarding(tmp_path) as guarded:
        ids = await a_world(guarded.served, "open")
        made = written(guarded, InferenceService, name=f"{ids['environment']}:odd")
        odd = {"model_version_id": mlmd.Value(int_value=made), "registered_model_id": mlmd.Value(int_value=987654321)}
        written(guarded, InferenceService, id=made, name=f"{ids['environment']}:odd", properties=odd)
        for user, status in (("outsider", 200), ("insider", 404)):
            async with guarded.by(user) as client:
                assert (await client.get(f"/inference_services/{made}")).status_code == status


async def test_a_list_of_many_costs_a_few_calls_more(tmp_path: Path) -> None:
    need_filters()
    async with guarding(tmp_path, store=FakeStore()) as guarded:
        for number in range(30):
            model = await guarded.served.make(
                "/registered_models", name=f"{'secret' if number % 2 else 'open'} {number}"
            )
            version = await guarded.served.make("/model_versions", name="v", registeredModelId=model["id"])
            for name in ("a", "b"):
                below = f"/model_versions/{version['id']}/artifacts"
                await guarded.served.make(below, artifactType="doc-artifact", name=name)
        async with guarded.by("outsider") as client:
            for path, rows, most in (("/registered_models", 15, 1), ("/model_versions", 15, 3), ("/artifacts", 30, 6)):
                guarded.served.store.forget()
                assert (await client.get(path)).json()["size"] == rows
                assert sum(guarded.served.store.counts.values()) <= most, guarded.served.store.rounds


async def test_a_policy_that_knows_no_models_costs_nothing(tmp_path: Path) -> None:
    async with guarding(tmp_path, "roles: {reader: {users: [looker]}}") as guarded:
        ids = await a_world(guarded.served, "any")
        path = f"/artifacts/{ids['artifact']}"
        guarded.served.store.forget()
        await guarded.served.client.get(path)
        without_policy = guarded.served.store.rounds
        async with guarded.by("looker") as client:
            guarded.served.store.forget()
            assert (await client.get(path)).status_code == 200
            assert guarded.served.store.rounds == without_policy != ""
            assert (await client.patch(f"/registered_models/{ids['model']}", json={})).status_code == 403


async def test_a_change_of_the_policy_counts_at_once_and_a_broken_one_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watched_files, "LOOK_SECONDS", 0)
    async with guarding(tmp_path) as guarded:
        await models(guarded, "secret")
        async with guarded.by("outsider") as client:
            assert (await client.get("/registered_models")).json()["size"] == 0
            (tmp_path / "policy.yaml").write_text("roles: {reader: {users: ['*']}}")
            assert (await client.get("/registered_models")).json()["size"] == 1
            (tmp_path / "policy.yaml").write_text("roles: {reader: {users: [")
            assert (await client.get("/registered_models")).json()["size"] == 1
            assert "What was read before stays in force." in caplog.text
            (tmp_path / "policy.yaml").write_text("{}")
            assert (await client.get("/registered_models")).status_code == 403


def test_the_entities_that_belong_to_a_model_follow_from_the_table() -> None:
    assert {entity.words for entity in LEADING} == {"registered model", "model version", "inference service", "serve"}
