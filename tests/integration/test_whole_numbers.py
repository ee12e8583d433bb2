"""Whole numbers are read with all their 64 bits, although MySQL has columns of 32; REST does not show how."""

import uuid
from collections.abc import Callable, Iterator
from functools import partial
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.mlmd_client import over_grpc
from tests.support.processes import Database, Proxy
from tests.support.stores import proxy_on
from tests.support.tiers import slow

Json = dict[str, Any]

RESERVED = "__exact_doubles__"
LARGEST, SMALLEST = 2**31 - 1, -(2**31)
VALUES = [
    0, 1, LARGEST - 1, LARGEST, LARGEST + 1, 3_000_000_000, 1_764_241_386_000, 2**53 + 1, 2**63 - 1,
    -1, SMALLEST + 1, SMALLEST, SMALLEST - 1, -3_000_000_000, -(2**53) - 1, -(2**63),
]  # fmt: skip


def custom(*numbers: int) -> Json:
    return {f"n{i}": {"metadataType": "MetadataIntValue", "int_value": str(n)} for i, n in enumerate(numbers)}


@pytest.fixture
def client(any_proxy: Proxy) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=any_proxy.api, timeout=30) as client:
        yield client


@pytest.fixture
def mlmd(any_proxy: Proxy) -> Any:
    return over_grpc(any_proxy)


def sent(client: httpx.Client, method: str, path: str, **body: Any) -> Json:
    response = client.request(method, path, json=body)
    assert response.is_success, response.text
    return response.json()  # type: ignore[no-any-return]


def read(client: httpx.Client, path: str, **query: Any) -> Json:
    return client.get(path, params=query).raise_for_status().json()  # type: ignore[no-any-return]


def a_name() -> str:
    return f"i-{uuid.uuid4()}"


def a_model(client: httpx.Client, **fields: Any) -> Json:
    return sent(client, "POST", "/registered_models", name=a_name(), **fields)


def a_version(client: httpx.Client) -> str:
    model = a_model(client)["id"]
    return sent(client, "POST", "/model_versions", name="v", registeredModelId=model)["id"]  # type: ignore[no-any-return]


def a_run(client: httpx.Client) -> str:
    experiment = sent(client, "POST", "/experiments", name=a_name())["id"]
    return sent(client, "POST", "/experiment_runs", name="r", experimentId=experiment)["id"]  # type: ignore[no-any-return]


def test_custom_numbers_come_back_from_every_read(client: httpx.Client) -> None:
    model = a_model(client, customProperties=custom(*VALUES))
    assert model["customProperties"] == custom(*VALUES)
    assert read(client, f"/registered_models/{model['id']}") == model
    assert read(client, "/registered_model", name=model["name"]) == model
    (listed,) = read(client, "/registered_models", filterQuery=f'name = "{model["name"]}"')["items"]
    assert listed == model


def test_custom_numbers_of_every_kind_of_node_come_back(client: httpx.Client) -> None:
    properties = custom(*VALUES)
    model, environment = a_model(client)["id"], sent(client, "POST", "/serving_environments", name=a_name())["id"]
    version = sent(client, "POST", "/model_versions", name="v", registeredModelId=model, customProperties=properties)
    service = sent(
        client, "POST", "/inference_services", name="s", registeredModelId=model, servingEnvironmentId=environment
    )
    below = f"/model_versions/{version['id']}/artifacts"
    serves = f"/inference_services/{service['id']}/serves"
    artifact = sent(client, "POST", below, artifactType="doc-artifact", name="a", customProperties=properties)
    standalone = sent(client, "POST", "/model_artifacts", name=a_name(), customProperties=properties)
    serve = sent(client, "POST", serves, modelVersionId=version["id"], customProperties=properties)
    listed = (read(client, below)["items"][0], read(client, serves)["items"][0])
    for entity in (version, artifact, standalone, serve, *listed):
        assert entity["customProperties"] == properties


def test_patches_keep_and_replace_numbers(client: httpx.Client) -> None:
    model = a_model(client, customProperties=custom(*VALUES))
    path = f"/registered_models/{model['id']}"
    for change in ({"description": "d"}, {"owner": "o", "state": "ARCHIVED"}, {}):
        assert sent(client, "PATCH", path, **change)["customProperties"] == custom(*VALUES)
    for numbers in (VALUES[::-1], [LARGEST], [3_000_000_000, 1 << 62], [SMALLEST, 5], []):
        assert sent(client, "PATCH", path, customProperties=custom(*numbers))["customProperties"] == custom(*numbers)
        assert read(client, path)["customProperties"] == custom(*numbers)


@pytest.mark.parametrize("parent", ["version", "run"])
def test_a_step_the_value_and_the_properties_of_a_metric_keep_each_other(client: httpx.Client, parent: str) -> None:
    below = f"/model_versions/{a_version(client)}" if parent == "version" else f"/experiment_runs/{a_run(client)}"
    expected: Json = {"value": 1 / 3, "step": 3_000_000_000, "customProperties": custom(-3_000_000_000)}
    metric = sent(client, "POST", f"{below}/artifacts", artifactType="metric", name="m", **expected)
    changes: list[Json] = [
        {"description": "d"},
        {"value": 1e-20},
        {"step": 4},
        {"step": LARGEST},
        {"step": 2**63 - 1},
        {"customProperties": custom(2**40)},
        {"step": SMALLEST},
        {"step": -(2**40), "value": 1.5},
        {"customProperties": {}},
    ]
    for change in changes:
        for method, path, more in (
            ("PATCH", f"/artifacts/{metric['id']}", {}),
            ("POST", f"{below}/artifacts", {"id": metric["id"]}),
        ):
            expected |= change
            seen = sent(client, method, path, artifactType="metric", **change, **more)
            assert {key: seen[key] for key in expected} == expected, (method, change)
            assert read(client, f"/artifacts/{metric['id']}") == seen


def test_every_step_of_a_history_comes_back_and_is_found(client: httpx.Client) -> None:
    run = a_run(client)
    for step in VALUES:
        body = {"artifactType": "metric", "name": "m", "value": 1 / 3, "step": step}
        assert sent(client, "POST", f"/experiment_runs/{run}/artifacts", **body)["step"] == step
    path = f"/experiment_runs/{run}/metric_history"
    assert [row["step"] for row in read(client, path, name="m")["items"]] == VALUES
    for step in VALUES:
        assert [row["step"] for row in read(client, path, name="m", stepIds=str(step))["items"]] == [step]
    assert not read(client, path, stepIds=f"{LARGEST + 2},{SMALLEST - 2}")["items"]


whole_numbers = st.integers(-(2**63), 2**63 - 1) | st.sampled_from(VALUES) | st.integers(LARGEST - 3, LARGEST + 3)


@given(numbers=st.lists(whole_numbers, min_size=20, max_size=20))
def test_any_number_of_64_bits_comes_back(any_proxy: Proxy, numbers: list[int]) -> None:
    with httpx.Client(base_url=any_proxy.api, timeout=30) as client:
        body = {"artifactType": "metric", "name": a_name(), "value": 1 / 3, "step": numbers[0]}
        made = sent(client, "POST", "/artifacts", **body, customProperties=custom(*numbers[1:]))
    assert (made["step"], made["customProperties"]) == (numbers[0], custom(*numbers[1:]))


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_numbers_beyond_64_bits_are_refused(client: httpx.Client, number: int) -> None:
    response = client.post("/registered_models", json={"name": a_name(), "customProperties": custom(number)})
    assert response.status_code == 400
    assert "64 bits" in response.json()["message"]


# Filters see the exact number.

LITERALS = [
    *(limit + step for limit in (LARGEST, SMALLEST) for step in (-1, 0, 1)),
    3_000_000_000, -3_000_000_000, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, -(2**64), 0,
]  # fmt: skip
COMPARE = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


@pytest.fixture(scope="module")
def numbered(any_proxy: Proxy) -> tuple[str, dict[str, int]]:
    """A run with a metric for each number: its custom property `n`, and the step of its row in the history, by name."""
    numbers = {f"m{index}": number for index, number in enumerate(VALUES)}
    with httpx.Client(base_url=any_proxy.api, timeout=30) as client:
        run = a_run(client)
        for name, number in numbers.items():
            body = {"artifactType": "metric", "name": name, "value": 1.5, "step": number}
            properties = {"n": {"metadataType": "MetadataIntValue", "int_value": str(number)}}
            sent(client, "POST", f"/experiment_runs/{run}/artifacts", **body, customProperties=properties)
    return run, numbers


@pytest.mark.parametrize("field", ["n", "n.int_value", "step"])
@pytest.mark.parametrize("negated", [*slow(False), True], ids=["plain", "NOT"])
def test_filters_find_exactly_the_right_numbers(
    client: httpx.Client, numbered: tuple[str, dict[str, int]], field: str, negated: bool
) -> None:
    run, numbers = numbered
    questions: list[tuple[str, Callable[[int], bool]]] = [
        (f"{field} {sign} {literal}", partial(lambda test, literal, n: test(n, literal), test, literal))
        for sign, test in COMPARE.items()
        for literal in LITERALS
    ]
    lists = [[LARGEST], [3_000_000_000, 5], [SMALLEST, LARGEST], [2**53 + 1, -3_000_000_000], [2**63, 1], LITERALS]
    questions += [
        (f"{field} IN ({', '.join(map(str, some))})", partial(lambda some, n: n in some, some)) for some in lists
    ]
    path = f"/experiment_runs/{run}/" + ("metric_history" if field == "step" else "artifacts")
    for text, holds in questions:
        found = read(client, path, filterQuery=f"NOT {text}" if negated else text)["items"]
        assert {row["name"] for row in found} == {name for name, n in numbers.items() if holds(n) is not negated}, text


# Clients of gRPC.


def test_the_store_holds_the_number_or_the_nearest_of_32_bits(client: httpx.Client, mlmd: Any) -> None:
    model = a_model(client, customProperties=custom(3_000_000_000, SMALLEST - 1, LARGEST, 7))
    (node,) = mlmd.get_contexts_by_id([int(model["id"])])
    held = [node.custom_properties[f"n{i}"].int_value for i in range(4)]
    if RESERVED in node.custom_properties:
        assert held == [LARGEST, SMALLEST, LARGEST, 7]
        exact = {"customProperties.n0": "3000000000", "customProperties.n1": str(SMALLEST - 1)}
        assert dict(node.custom_properties[RESERVED].struct_value.items()) == exact
    else:
        assert held == [3_000_000_000, SMALLEST - 1, LARGEST, 7]


def test_a_number_changed_over_grpc_is_what_counts(client: httpx.Client, mlmd: Any) -> None:
    model = a_model(client, customProperties=custom(3_000_000_000, -3_000_000_000, 2**50))
    (node,) = mlmd.get_contexts_by_id([int(model["id"])])
    node.custom_properties["n0"].int_value = 5
    node.custom_properties["n1"].string_value = "text"
    mlmd.put_contexts([node])
    shown = custom(5, 0, 2**50) | {"n1": {"metadataType": "MetadataStringValue", "string_value": "text"}}
    path = f"/registered_models/{model['id']}"
    assert read(client, path)["customProperties"] == shown
    assert sent(client, "PATCH", path, description="d")["customProperties"] == shown


# A MySQL that is not strict.


@pytest.mark.store("embedded-mysql")
def test_a_mysql_that_clamps_silently_loses_nothing(tmp_path: Path, database: Callable[[], Database]) -> None:
    server = database()
    strict = server.run("SELECT @@GLOBAL.sql_mode").strip()
    server.run("SET GLOBAL sql_mode = ''")
    try:
        with proxy_on("embedded-mysql", tmp_path, database) as proxy, httpx.Client(base_url=proxy.api) as client:
            run = a_run(client)
            for number in (3_000_000_000, -(2**40)):
                body = {"artifactType": "metric", "name": "m", "value": 1 / 3, "step": number}
                made = sent(
                    client, "POST", f"/experiment_runs/{run}/artifacts", **body, customProperties=custom(number)
                )
                assert (made["step"], made["customProperties"]) == (number, custom(number))
            history = read(client, f"/experiment_runs/{run}/metric_history")["items"]
            assert [row["step"] for row in history] == [3_000_000_000, -(2**40)]
            assert [row["customProperties"] for row in history] == [custom(3_000_000_000), custom(-(2**40))]
    finally:
        server.run(f"SET GLOBAL sql_mode = '{strict}'")
