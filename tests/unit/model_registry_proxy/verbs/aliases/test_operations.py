"""The operations of aliases and ranges over HTTP: statuses, entity tags, the policy, and what is off."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.support.guarded import POLICY, Guarded, guarding
from tests.support.memory_store import MemoryStore
from tests.support.serving import EXTENSIONS, Served, serving

Json = dict[str, Any]


@pytest_asyncio.fixture
async def served() -> AsyncIterator[Served]:
    """The API on an empty store."""
    async with serving() as found:
        yield found


async def a_model(served: Served, name: str, *versions: str) -> tuple[str, list[str]]:
    """Creates a model with versions; returns the address of the model below the extensions, and the ids of the versions."""
    model = (await served.make("/registered_models", name=name))["id"]
    made = [await served.make("/model_versions", name=each, registeredModelId=model) for each in versions]
    return f"{EXTENSIONS}/registered_models/{model}", [version["id"] for version in made]


async def json_of(response: httpx.Response, status: int = 200) -> Any:
    """The body of an answer that must have this status."""
    assert response.status_code == status, response.text
    return response.json()


async def test_an_alias_is_set_read_moved_rolled_back_and_removed(served: Served) -> None:
    model, (first, second) = await a_model(served, "churn", "1.0.0", "1.1.0")
    client, alias = served.client, f"{model}/aliases/production"
    made = await json_of(await client.put(alias, json={"modelVersionId": first, "reason": "first"}))
    assert {**made, "lastMoveTimeSinceEpoch": ""} == {
        "alias": "production",
        "modelVersionId": first,
        "serial": 1,
        "protected": False,
        "lastMoveTimeSinceEpoch": "",
    }
    assert await json_of(await client.get(alias)) == made
    assert await json_of(await client.get(f"{model}/aliases")) == {"items": [made], "size": 1}
    await json_of(await client.put(alias, json={"modelVersionId": second, "expectedModelVersionId": first}))
    assert (await json_of(await client.get(f"{alias}/version")))["name"] == "1.1.0"
    rolled = await json_of(await client.post(f"{alias}:rollback", json={"reason": "incident 7"}))
    assert (rolled["modelVersionId"], rolled["serial"]) == (first, 3)
    removed = await client.delete(alias, params={"reason": "withdrawn"})
    assert (removed.status_code, removed.content) == (204, b"")
    assert (await client.get(alias)).status_code == (await client.get(f"{alias}/version")).status_code == 404
    moves = (await json_of(await client.get(f"{model}/history")))["items"]
    assert [(move["kind"], move["reason"]) for move in moves] == [
        ("delete", "withdrawn"),
        ("rollback", "incident 7"),
        ("set", ""),
        ("set", "first"),
    ]
    at = {"at": moves[2]["timeSinceEpoch"]}
    assert (await json_of(await client.get(f"{alias}/version", params=at)))["id"] in {first, second}
    assert (await client.get(f"{alias}/version", params={"at": 1})).status_code == 404


async def test_a_roll_back_needs_no_body(served: Served) -> None:
    model, versions = await a_model(served, "churn", "1.0.0", "1.1.0")
    for version in versions:
        await json_of(await served.client.put(f"{model}/aliases/production", json={"modelVersionId": version}))
    assert (await json_of(await served.client.post(f"{model}/aliases/production:rollback")))["serial"] == 3


async def test_an_alias_moves_only_from_the_state_that_if_match_names(served: Served) -> None:
    model, (first, second) = await a_model(served, "churn", "1.0.0", "1.1.0")
    client, alias = served.client, f"{model}/aliases/production"
    refused = await client.put(alias, json={"modelVersionId": first}, headers={"If-Match": "*"})
    assert refused.status_code == 412, "there is no alias yet"
    made = await client.put(alias, json={"modelVersionId": first})
    read = await client.get(alias)
    assert made.headers["etag"] == read.headers["etag"]
    again = await client.get(alias, headers={"If-None-Match": made.headers["etag"]})
    assert again.status_code == 304
    seen = {"If-Match": made.headers["etag"]}
    await json_of(await client.put(alias, json={"modelVersionId": second}, headers=seen))
    for late in (
        client.put(alias, json={"modelVersionId": first}, headers=seen),
        client.delete(alias, headers=seen),
        client.post(f"{alias}:rollback", json={}, headers=seen),
    ):
        assert (await late).status_code == 412
    assert (await json_of(await client.get(alias)))["serial"] == 2


@pytest.mark.parametrize(
    ("body", "status", "part"),
    [
        ({"modelVersionId": "{foreign}"}, 400, "belongs to registered model"),
        ({"modelVersionId": "999"}, 404, "No model version has id 999"),
        ({"modelVersionId": "{archived}"}, 409, "ARCHIVED"),
        ({"modelVersionId": "{second}", "expectedModelVersionId": ""}, 409, "points to model version {first}, not nowhere"),
        ({"modelVersionId": "{second}", "expectedModelVersionId": "{second}"}, 409, "points to model version {first}"),
        ({"modelVersionId": "{second}", "expectedModelVersionId": "x"}, 400, "expectedModelVersionId"),
        ({"modelVersionId": "x"}, 400, "modelVersionId"),
        ({"reason": "no version"}, 422, "modelVersionId"),
        ({"modelVersionId": "{second}", "protected": "yes"}, 400, "protected"),
        ({"modelVersionId": "{second}", "reason": "x" * 4097}, 400, "reason"),
        ({"modelVersionId": "{second}", "colour": "red"}, 400, "colour"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
async def test_a_wrong_move_is_explained_and_changes_nothing(
    served: Served, body: Json, status: int, part: str
) -> None:
    model, (first, second, archived) = await a_model(served, "churn", "1.0.0", "1.1.0", "0.9.0")
    _, (foreign,) = await a_model(served, "other", "1.0.0")
    await served.client.patch(f"/model_versions/{archived}", json={"state": "ARCHIVED"})
    alias = f"{model}/aliases/production"
    before = await json_of(await served.client.put(alias, json={"modelVersionId": first}))
    named = {"first": first, "second": second, "archived": archived, "foreign": foreign}
    sent = {key: value.format(**named) if isinstance(value, str) else value for key, value in body.items()}
    refused = await json_of(await served.client.put(alias, json=sent), status)
    assert part.format(**named) in refused["message"]
    assert await json_of(await served.client.get(alias)) == before
    assert len((await json_of(await served.client.get(f"{model}/history")))["items"]) == 1


async def test_names_that_no_alias_may_have_are_refused_and_names_in_other_case_are_the_same(served: Served) -> None:
    model, (first, second) = await a_model(served, "churn", "1.0.0", "1.1.0")
    for name in ("latest", "v12", "12", "a%20b", "%C3%A4"):
        body = {"modelVersionId": first}
        refused = await json_of(await served.client.put(f"{model}/aliases/{name}", json=body), 400)
        assert "cannot be an alias" in refused["message"]
    await json_of(await served.client.put(f"{model}/aliases/Prod", json={"modelVersionId": first}))
    await json_of(await served.client.put(f"{model}/aliases/prod", json={"modelVersionId": second}))
    (alias,) = (await json_of(await served.client.get(f"{model}/aliases")))["items"]
    assert (alias["alias"], alias["serial"], alias["modelVersionId"]) == ("prod", 2, second)


async def test_archiving_a_version_of_a_protected_alias_is_refused(served: Served) -> None:
    model, (first, second) = await a_model(served, "churn", "1.0.0", "1.1.0")
    alias, version = f"{model}/aliases/production", f"/model_versions/{first}"
    await json_of(await served.client.put(alias, json={"modelVersionId": first, "protected": True}))
    refused = await json_of(await served.client.patch(version, json={"state": "ARCHIVED"}), 409)
    assert "protected alias production" in refused["message"]
    assert (await served.client.patch(version, json={"description": "new"})).status_code == 200
    assert (await served.client.put(alias, json={"modelVersionId": second})).status_code == 403
    await json_of(await served.client.put(alias, json={"modelVersionId": second, "force": True}))
    assert (await served.client.patch(version, json={"state": "ARCHIVED"})).status_code == 200


async def test_history_is_paged_by_tokens(served: Served) -> None:
    model, versions = await a_model(served, "churn", "1.0.0", "1.1.0", "1.2.0")
    for version in versions:
        await json_of(await served.client.put(f"{model}/aliases/production", json={"modelVersionId": version}))
    found: list[int] = []
    query: Json = {"pageSize": 1, "alias": "PRODUCTION"}
    while True:
        page = await json_of(await served.client.get(f"{model}/history", params=query))
        found += [move["serial"] for move in page["items"]]
        if not page["nextPageToken"]:
            break
        query["nextPageToken"] = page["nextPageToken"]
    assert found == [3, 2, 1]


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("^1.2", "1.10.0"),
        ("~1.2.0", "v1.2.3"),
        ("1.x", "1.10.0"),
        (">=1 <1.3", "v1.2.3"),
        ("*", "2.0.0"),
        ("^2.0.0-rc.1", "2.0.0"),
        ("2.1.0-rc.1", "2.1.0-rc.1"),
        (">=2.1.0-rc.0", "2.1.0-rc.1"),
        ("3.0.0", "v3.0.0"),
        ("nightly", "nightly"),
        ("1.2.3", "v1.2.3"),
    ],
)
async def test_a_range_means_its_highest_live_version(served: Served, wanted: str, name: str) -> None:
    names = ("1.10.0", "v1.2.3", "1.2.0", "2.0.0", "2.1.0-rc.1", "nightly", "v3.0.0", "1.2", "4.0.0")
    model, versions = await a_model(served, "churn", *names)
    for archived in (versions[-1], *([] if wanted == "3.0.0" else [versions[-3]])):
        await served.client.patch(f"/model_versions/{archived}", json={"state": "ARCHIVED"})
    found = await json_of(await served.client.get(f"{model}/versions:resolve", params={"range": wanted}))
    assert found["name"] == name


async def test_a_range_without_versions_is_404_and_a_text_that_is_no_range_400(served: Served) -> None:
    model, _ = await a_model(served, "churn", "1.0.0")
    ask = served.client.get
    assert (await ask(f"{model}/versions:resolve", params={"range": "^3"})).status_code == 404
    assert (await ask(f"{EXTENSIONS}/registered_models/99/versions:resolve?range=^3")).status_code == 404
    for wrong in ("junk", "=>1", "^1,2", " "):
        refused = await json_of(await ask(f"{model}/versions:resolve", params={"range": wrong}), 400)
        assert "range of versions" in refused["message"]
    assert (await ask(f"{model}/versions:resolve")).status_code == 400


RELEASE = f"""{POLICY}
aliases:
  - names: ["Champion", "prod*"]
    mover: {{users: [changer]}}
"""


async def guarded_aliases(guarded: Guarded) -> tuple[str, str, list[str]]:
    """Creates a model that all may see and one that is secret; returns their addresses, and the versions of the first."""
    model, versions = await a_model(guarded.served, "open model", "1.0.0", "1.1.0")
    hidden, (version,) = await a_model(guarded.served, "secret model", "1.0.0")
    await json_of(await guarded.served.client.put(f"{hidden}/aliases/staging", json={"modelVersionId": version}))
    return model, hidden, versions


async def test_aliases_of_hidden_models_are_absent(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        model, hidden, versions = await guarded_aliases(guarded)
        for user, status in (("outsider", 404), ("reader", 200), ("insider", 200)):
            client = guarded.by(user)
            paths = ("aliases", "aliases/staging", "aliases/staging/version", "history", "versions:resolve?range=*")
            assert {(await client.get(f"{hidden}/{path}")).status_code for path in paths} == {status}, user
        outsider, reader, insider = (guarded.by(user) for user in ("outsider", "reader", "insider"))
        assert (await outsider.put(f"{hidden}/aliases/x", json={"modelVersionId": "1"})).status_code == 404
        assert (await outsider.delete(f"{hidden}/aliases/staging")).status_code == 404
        assert (await outsider.post(f"{hidden}/aliases/staging:rollback")).status_code == 404
        assert (await reader.put(f"{hidden}/aliases/staging", json={"modelVersionId": "1"})).status_code == 403
        assert (await insider.get(f"{model}/aliases")).status_code == 404
        made = await outsider.put(f"{model}/aliases/staging", json={"modelVersionId": versions[0]})
        assert made.status_code == 200
        (move,) = (await json_of(await outsider.get(f"{model}/history")))["items"]
        assert move["actor"] == "outsider"


async def test_only_movers_and_admins_move_the_aliases_that_the_policy_names(tmp_path: Path) -> None:
    async with guarding(tmp_path, RELEASE) as guarded:
        model, _, (first, second) = await guarded_aliases(guarded)
        outsider, changer, root = (guarded.by(user) for user in ("outsider", "changer", "root"))
        for name in ("champion", "CHAMPION", "production"):
            alias = f"{model}/aliases/{name}"
            refused = await json_of(await outsider.put(alias, json={"modelVersionId": first}), 403)
            assert "role mover" in refused["message"]
            assert (await outsider.get(alias)).status_code == (200 if name == "CHAMPION" else 404)
            await json_of(await changer.put(alias, json={"modelVersionId": first}))
            await json_of(await root.put(alias, json={"modelVersionId": second}))
            for attempt in (outsider.delete(alias), outsider.post(f"{alias}:rollback")):
                assert (await attempt).status_code == 403
            await json_of(await changer.post(f"{alias}:rollback"))
        assert (await outsider.put(f"{model}/aliases/other", json={"modelVersionId": first})).status_code == 200
        archived = await outsider.patch(f"/model_versions/{first}", json={"state": "ARCHIVED"})
        assert archived.status_code == 409, "a rule protects what its aliases point to"


async def test_only_admins_move_an_alias_that_is_marked_as_protected(tmp_path: Path) -> None:
    async with guarding(tmp_path, RELEASE) as guarded:
        model, _, (first, second) = await guarded_aliases(guarded)
        changer, root = guarded.by("changer"), guarded.by("root")
        alias = f"{model}/aliases/production"
        await json_of(await changer.put(alias, json={"modelVersionId": first, "protected": True}))
        for body in ({"modelVersionId": second}, {"modelVersionId": second, "force": True},
                     {"modelVersionId": first, "protected": False}):  # fmt: skip
            refused = await json_of(await changer.put(alias, json=body), 403)
            assert "the role admin; changer has the role writer" in refused["message"]
        await json_of(await root.put(alias, json={"modelVersionId": second}))
        assert (await json_of(await changer.get(alias)))["protected"] is True


async def test_a_move_is_a_few_calls_of_the_store() -> None:
    store = MemoryStore()
    async with serving(store) as served:
        model, (first, second) = await a_model(served, "churn", "1.0.0", "1.1.0")
        alias = f"{model}/aliases/production"
        await json_of(await served.client.put(alias, json={"modelVersionId": first}))
        store.forget()
        await json_of(await served.client.put(alias, json={"modelVersionId": second}))
        assert store.writes == ["put_recorded"]
