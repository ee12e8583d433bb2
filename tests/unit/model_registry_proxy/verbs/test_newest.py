"""The newest serve of many inference services in one request."""

from pathlib import Path

import pytest

from tests.support.asking import ask, refusal
from tests.support.guarded import guarding
from tests.support.serving import Served, serving

PATH = "/inference_services/newest_serves"


async def services(served: Served, *names: str, model: str = "model") -> tuple[str, list[str]]:
    """Creates a model with a version, and services of it; returns the ids of the version and the services."""
    model_id = (await served.make("/registered_models", name=model))["id"]
    version = (await served.make("/model_versions", name="v", registeredModelId=model_id))["id"]
    environment = (await served.make("/serving_environments", name=f"environment of {model}"))["id"]
    body = {"registeredModelId": model_id, "servingEnvironmentId": environment}
    return version, [(await served.make("/inference_services", name=name, **body))["id"] for name in names]


async def serve(served: Served, service: str, version: str, name: str) -> str:
    """Creates a serve; returns its id."""
    made = await served.make(f"/inference_services/{service}/serves", name=name, modelVersionId=version)
    return str(made["id"])


async def test_each_service_has_its_newest_serve_in_the_order_of_the_ids() -> None:
    async with serving() as served:
        version, (one, two, idle) = await services(served, "one", "two", "idle")
        await serve(served, one, version, "first")
        newest = {two: await serve(served, two, version, "only"), one: await serve(served, one, version, "last")}
        found = await ask(served.client, PATH, ids=f"{two},{idle},{one},{one}")
        assert [(item["inferenceServiceId"], item["serve"]["id"]) for item in found["items"]] == [
            (two, newest[two]),
            (one, newest[one]),
        ]
        assert found["size"] == 2
        assert (
            found["items"][1]["serve"]
            == (await served.client.get(f"/inference_services/{one}/serves")).json()["items"][1]
        )


async def test_200_services_take_one_question() -> None:
    async with serving() as served:
        version, ids = await services(served, *(f"s{number}" for number in range(200)))
        for id_ in ids:
            await serve(served, id_, version, "x")
        served.store.forget()
        assert (await ask(served.client, PATH, ids=",".join(ids)))["size"] == 200
        assert served.store.counts["newest"] == 1


async def test_what_is_no_service_is_left_out() -> None:
    async with serving() as served:
        version, (one,) = await services(served, "one")
        await serve(served, one, version, "x")
        found = await ask(served.client, PATH, ids=f"{version},0,-5,987,{one}")
        assert [item["inferenceServiceId"] for item in found["items"]] == [one]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, "ids must name inference services by their ids, separated by commas."),
        ({"ids": " , "}, 'ids must be whole numbers of up to 18 digits, separated by commas; got " , ".'),
        ({"ids": "a"}, 'ids must be whole numbers of up to 18 digits, separated by commas; got "a".'),
        ({"ids": ",".join(map(str, range(1, 202)))}, "ids may have at most 200 ids; got 201."),
    ],
)
async def test_a_bad_list_of_ids_is_400(query: dict[str, str], message: str) -> None:
    async with serving() as served:
        assert await refusal(served.client, PATH, **query) == (400, message)


async def test_hidden_services_are_left_out_and_a_hidden_serve_does_not_hide_an_older_one(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        served = guarded.served
        open_version, (service,) = await services(served, "service", model="open")
        secret_version, (secret,) = await services(served, "secret service", model="secret")
        await serve(served, secret, secret_version, "s")
        older = await serve(served, service, open_version, "older")
        newer = served.store.nodes["execution"][int(await serve(served, service, open_version, "newer"))]
        newer.properties["model_version_id"].int_value = int(secret_version)  # as a client of gRPC may write it
        found = await ask(guarded.by("outsider"), PATH, ids=f"{service},{secret}")
        assert [(item["inferenceServiceId"], item["serve"]["id"]) for item in found["items"]] == [(service, older)]
        everything = await ask(guarded.by("changer"), PATH, ids=f"{service},{secret}")
        assert [item["serve"]["name"] for item in everything["items"]] == ["newer", "s"]
