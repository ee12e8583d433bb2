"""Doubles are read bit for bit as they were written, although MLMD keeps six decimals; REST does not show how."""

import math
import struct
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.mlmd_client import over_grpc
from tests.support.processes import Proxy

Json = dict[str, Any]

RESERVED = "__exact_doubles__"
VALUES = [
    0.1 + 0.2, 1 / 3, 1e-20, 5e-324, 1.7976e50, -0.0, 0.0, 123456789.123456789, 9007199254740993.0, 1.5, -2.0, 1e-6, 1e-7,
    -1e-7, 0.1, 2.2250738585072014e-308, math.nextafter(1.0, 2), math.nextafter(1e60, 0), -math.nextafter(1e60, 0), 1e22,
    123456.1234565, 0.0000005, 4503599627370496.5,
]  # fmt: skip


def bits(value: float) -> str:
    return struct.pack(">d", value).hex() + f" {value!r}"


def custom(values: list[float]) -> Json:
    return {
        f"d{index}": {"metadataType": "MetadataDoubleValue", "double_value": value}
        for index, value in enumerate(values)
    }


def held(entity: Json) -> list[str]:
    """The custom doubles of an answer, as bits."""
    properties = entity["customProperties"]
    return [bits(properties[f"d{index}"]["double_value"]) for index in range(len(properties))]


def exactly(values: list[float]) -> list[str]:
    return [bits(value) for value in values]


@pytest.fixture
def client(any_proxy: Proxy) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=any_proxy.api, timeout=30) as client:
        yield client


@pytest.fixture
def mlmd(any_proxy: Proxy) -> Any:
    return over_grpc(any_proxy)


def sent(client: httpx.Client, method: str, path: str, **body: Any) -> Json:
    return client.request(method, path, json=body).raise_for_status().json()  # type: ignore[no-any-return]


def read(client: httpx.Client, path: str, **query: Any) -> Json:
    return client.get(path, params=query).raise_for_status().json()  # type: ignore[no-any-return]


def a_name() -> str:
    return f"d-{uuid.uuid4()}"


def a_model(client: httpx.Client, **fields: Any) -> Json:
    return sent(client, "POST", "/registered_models", name=a_name(), **fields)


def a_version(client: httpx.Client) -> str:
    model = a_model(client)["id"]
    return sent(client, "POST", "/model_versions", name="v", registeredModelId=model)["id"]  # type: ignore[no-any-return]


def a_run(client: httpx.Client) -> str:
    experiment = sent(client, "POST", "/experiments", name=a_name())["id"]
    return sent(client, "POST", "/experiment_runs", name="r", experimentId=experiment)["id"]  # type: ignore[no-any-return]


# --- custom properties ----------------------------------------------------------------------------


def test_custom_doubles_of_a_model_come_back_exactly_from_every_read(client: httpx.Client) -> None:
    model = a_model(client, customProperties=custom(VALUES))
    assert held(model) == exactly(VALUES)
    assert read(client, f"/registered_models/{model['id']}") == model
    assert read(client, "/registered_model", name=model["name"]) == model
    (listed,) = read(client, "/registered_models", filterQuery=f'name = "{model["name"]}"')["items"]
    assert held(listed) == exactly(VALUES)


def test_custom_doubles_of_a_child_an_artifact_and_a_serve_come_back_exactly(client: httpx.Client) -> None:
    model, environment = a_model(client)["id"], sent(client, "POST", "/serving_environments", name=a_name())["id"]
    properties = custom(VALUES)
    version = sent(client, "POST", "/model_versions", name="v", registeredModelId=model, customProperties=properties)
    service = sent(
        client, "POST", "/inference_services", name="s", registeredModelId=model, servingEnvironmentId=environment
    )
    below = f"/model_versions/{version['id']}/artifacts"
    serves = f"/inference_services/{service['id']}/serves"
    artifact = sent(client, "POST", below, artifactType="doc-artifact", name="a", customProperties=properties)
    serve = sent(client, "POST", serves, modelVersionId=version["id"], customProperties=properties)
    for entity in (version, artifact, serve, read(client, below)["items"][0], read(client, serves)["items"][0]):
        assert held(entity) == exactly(VALUES)


def test_custom_doubles_stay_exact_when_other_fields_are_patched(client: httpx.Client) -> None:
    model = a_model(client, customProperties=custom(VALUES))
    for change in ({"description": "d"}, {"owner": "o", "state": "ARCHIVED"}, {}):
        assert held(sent(client, "PATCH", f"/registered_models/{model['id']}", **change)) == exactly(VALUES)


def test_patched_custom_doubles_are_the_new_ones_exactly(client: httpx.Client, mlmd: Any) -> None:
    model = a_model(client, customProperties=custom(VALUES))
    path = f"/registered_models/{model['id']}"
    turned = VALUES[::-1]
    assert held(sent(client, "PATCH", path, customProperties=custom(turned))) == exactly(turned)
    assert held(sent(client, "PATCH", path, customProperties=custom([1.5]))) == exactly([1.5])
    assert sent(client, "PATCH", path, customProperties={})["customProperties"] == {}
    (node,) = mlmd.get_contexts_by_id([int(model["id"])])
    assert not node.custom_properties


def test_names_of_properties_may_look_like_places_in_the_companion(client: httpx.Client) -> None:
    names = ["value", "customProperties", "customProperties.value", "a.b", "", ".", "d.0", "é"]
    properties = {name: {"metadataType": "MetadataDoubleValue", "double_value": 1 / 3} for name in names}
    model = a_model(client, customProperties=properties)
    assert model["customProperties"] == properties
    version = a_version(client)
    metric = sent(
        client,
        "POST",
        f"/model_versions/{version}/artifacts",
        artifactType="metric",
        name="m",
        value=1e-20,
        customProperties=properties,
    )
    assert (metric["value"], metric["customProperties"]) == (1e-20, properties)


# --- metrics --------------------------------------------------------------------------------------


def test_metric_values_come_back_exactly_from_create_and_upsert(client: httpx.Client) -> None:
    below = f"/model_versions/{a_version(client)}/artifacts"
    for value in VALUES:
        metric = sent(client, "POST", below, artifactType="metric", name="m", value=value)
        assert bits(metric["value"]) == bits(value)
        assert read(client, f"/artifacts/{metric['id']}") == metric
    assert len(read(client, below)["items"]) == 1


def test_every_value_in_a_history_comes_back_exactly(client: httpx.Client) -> None:
    run = a_run(client)
    for value in VALUES:
        metric = sent(
            client,
            "POST",
            f"/experiment_runs/{run}/artifacts",
            artifactType="metric",
            name="m",
            value=value,
            customProperties=custom([value, 1e-20]),
        )
        assert bits(metric["value"]) == bits(value)
    rows = read(client, f"/experiment_runs/{run}/metric_history", name="m")["items"]
    assert [bits(row["value"]) for row in rows] == exactly(VALUES)
    assert [held(row) for row in rows] == [exactly([value, 1e-20]) for value in VALUES]


@pytest.mark.parametrize("parent", ["version", "run"])
def test_a_patch_of_the_value_or_of_the_properties_keeps_the_other_exact(client: httpx.Client, parent: str) -> None:
    below = f"/model_versions/{a_version(client)}" if parent == "version" else f"/experiment_runs/{a_run(client)}"
    first, second = [1 / 3, 1e-20, -0.0], [2 / 3, 5e-324]
    metric = sent(
        client,
        "POST",
        f"{below}/artifacts",
        artifactType="metric",
        name="m",
        value=0.1 + 0.2,
        customProperties=custom(first),
    )
    steps: list[tuple[Json, float, list[float]]] = [
        ({"description": "d"}, 0.1 + 0.2, first),
        ({"value": 1e-20}, 1e-20, first),
        ({"customProperties": custom(second)}, 1e-20, second),
        ({"value": 1.5}, 1.5, second),
        ({"customProperties": custom([1.5])}, 1.5, [1.5]),
        ({"value": 1 / 3}, 1 / 3, [1.5]),
        ({"customProperties": {}}, 1 / 3, []),
        ({"value": -0.0, "customProperties": custom(first)}, -0.0, first),
        ({"step": 4}, -0.0, first),
    ]
    for change, value, properties in steps:
        seen = sent(client, "PATCH", f"/artifacts/{metric['id']}", artifactType="metric", **change)
        assert (bits(seen["value"]), held(seen)) == (bits(value), exactly(properties)), change


@pytest.mark.parametrize("parent", ["version", "run"])
def test_an_upsert_of_the_value_or_of_the_properties_keeps_the_other_exact(client: httpx.Client, parent: str) -> None:
    below = f"/model_versions/{a_version(client)}" if parent == "version" else f"/experiment_runs/{a_run(client)}"
    steps: list[tuple[Json, float, list[float]]] = [
        ({"value": 1 / 3, "customProperties": custom([1e-20])}, 1 / 3, [1e-20]),
        ({"value": 2 / 3}, 2 / 3, [1e-20]),
        ({"value": 1.5}, 1.5, [1e-20]),
        ({"value": 1.5, "customProperties": custom([0.1 + 0.2])}, 1.5, [0.1 + 0.2]),
        ({"value": 5e-324, "customProperties": {}}, 5e-324, []),
    ]
    for change, value, properties in steps:
        seen = sent(client, "POST", f"{below}/artifacts", artifactType="metric", name="m", **change)
        assert (bits(seen["value"]), held(seen)) == (bits(value), exactly(properties)), change


# --- any double -----------------------------------------------------------------------------------


any_double = st.floats(min_value=-1e60, max_value=1e60, exclude_min=True, exclude_max=True)
some_doubles = st.lists(any_double | st.integers(-(10**15), 10**15).map(lambda n: n / 10**6), min_size=30, max_size=30)


@given(values=some_doubles)
def test_any_double_below_the_limit_comes_back_exactly(any_proxy: Proxy, values: list[float]) -> None:
    with httpx.Client(base_url=any_proxy.api, timeout=30) as client:
        body = {"artifactType": "metric", "name": a_name(), "value": values[0], "customProperties": custom(values[1:])}
        made = sent(client, "POST", "/artifacts", **body)
    assert [bits(made["value"]), *held(made)] == exactly(values)


@pytest.mark.parametrize("value", [1e60, -1e60, math.nextafter(1e60, math.inf), 1e100, -1.7976931348623157e308])
def test_doubles_from_the_limit_on_are_refused(client: httpx.Client, value: float) -> None:
    model, version = a_model(client, customProperties=custom([1.5])), a_version(client)
    metric = sent(client, "POST", f"/model_versions/{version}/artifacts", artifactType="metric", name="m", value=1.0)
    refused = [
        ("POST", "/registered_models", {"name": a_name(), "customProperties": custom([value])}),
        ("PATCH", f"/registered_models/{model['id']}", {"customProperties": custom([value])}),
        ("POST", f"/model_versions/{version}/artifacts", {"artifactType": "metric", "name": "m", "value": value}),
        (
            "POST",
            f"/experiment_runs/{a_run(client)}/artifacts",
            {"artifactType": "metric", "name": "m", "value": value},
        ),
        ("PATCH", f"/artifacts/{metric['id']}", {"artifactType": "metric", "value": value}),
    ]
    for method, path, body in refused:
        answer = client.request(method, path, json=body)
        assert answer.status_code == httpx.codes.BAD_REQUEST, (method, path, answer.text)
    assert read(client, f"/registered_models/{model['id']}") == model
    assert read(client, f"/artifacts/{metric['id']}") == metric


# --- clients of gRPC ------------------------------------------------------------------------------


def test_a_custom_double_changed_over_grpc_is_what_counts(client: httpx.Client, mlmd: Any) -> None:
    model = a_model(client, customProperties=custom([1 / 3, 1e-20, 0.1 + 0.2]))
    (node,) = mlmd.get_contexts_by_id([int(model["id"])])
    node.custom_properties["d0"].double_value = 2.5
    node.custom_properties["d1"].double_value = 0.25
    mlmd.put_contexts([node])
    after = exactly([2.5, 0.25, 0.1 + 0.2])
    path = f"/registered_models/{model['id']}"
    assert held(read(client, path)) == after
    assert held(sent(client, "PATCH", path, description="d")) == after


def test_a_custom_double_removed_or_given_another_kind_over_grpc_stays_so(client: httpx.Client, mlmd: Any) -> None:
    model = a_model(client, customProperties=custom([1 / 3, 1e-20]))
    (node,) = mlmd.get_contexts_by_id([int(model["id"])])
    del node.custom_properties["d0"]
    node.custom_properties["d1"].string_value = "text"
    mlmd.put_contexts([node])
    shown = {"d1": {"metadataType": "MetadataStringValue", "string_value": "text"}}
    assert read(client, f"/registered_models/{model['id']}")["customProperties"] == shown


def test_a_metric_value_changed_over_grpc_is_what_counts(client: httpx.Client, mlmd: Any) -> None:
    below = f"/model_versions/{a_version(client)}/artifacts"
    body: Json = {"artifactType": "metric", "name": "m", "value": 1 / 3, "customProperties": custom([1e-20])}
    metric = sent(client, "POST", below, **body)
    path = f"/artifacts/{metric['id']}"
    (node,) = mlmd.get_artifacts_by_id([int(metric["id"])])
    node.properties["value"].double_value = 2.5
    mlmd.put_artifacts([node])
    seen = read(client, path)
    assert (bits(seen["value"]), held(seen)) == (bits(2.5), exactly([1e-20]))
    seen = sent(client, "PATCH", path, artifactType="metric", customProperties=custom([2 / 3]))
    assert (bits(seen["value"]), held(seen)) == (bits(2.5), exactly([2 / 3]))
    seen = sent(client, "PATCH", path, artifactType="metric", value=1e-20)
    assert (bits(seen["value"]), held(seen)) == (bits(1e-20), exactly([2 / 3]))


def test_a_companion_with_wrong_content_is_ignored(client: httpx.Client, mlmd: Any) -> None:
    model = a_model(client, customProperties=custom([0.25, 1 / 3]))
    (node,) = mlmd.get_contexts_by_id([int(model["id"])])
    for spoil in ("text", "struct"):
        companion = node.custom_properties[RESERVED]
        if spoil == "text":
            companion.string_value = "damaged"
        else:
            companion.struct_value.update(
                {"customProperties.d0": "x", "customProperties.d1": [1], "name": 1, "nothing": None}
            )
        mlmd.put_contexts([node])
        seen = read(client, f"/registered_models/{model['id']}")
        assert seen["name"] == model["name"]
        assert held(seen) == exactly([0.25, 0.333333])


def test_other_readers_of_the_store_see_the_rounded_value(client: httpx.Client, mlmd: Any) -> None:
    model = a_model(client, customProperties=custom([1 / 3, 0.25]))
    (node,) = mlmd.get_contexts_by_id([int(model["id"])])
    assert node.custom_properties["d0"].double_value == 0.333333
    assert node.custom_properties["d1"].double_value == 0.25
    assert dict(node.custom_properties[RESERVED].struct_value.items()) == {"customProperties.d0": 1 / 3}


def test_doubles_that_mlmd_keeps_exactly_need_no_companion(client: httpx.Client, mlmd: Any) -> None:
    model = a_model(client, customProperties=custom([0.25, 1.5, 0.1, 1e22]))
    (node,) = mlmd.get_contexts_by_id([int(model["id"])])
    assert RESERVED not in node.custom_properties


# --- the reserved name ----------------------------------------------------------------------------


def test_the_reserved_name_is_refused_wherever_a_client_sends_it(client: httpx.Client) -> None:
    model, version, run = a_model(client, customProperties=custom([1 / 3])), a_version(client), a_run(client)
    properties = {RESERVED: {"metadataType": "MetadataStringValue", "string_value": "x"}}
    metric = {"artifactType": "metric", "name": "m", "value": 1.0, "customProperties": properties}
    for method, path, body in [
        ("POST", "/registered_models", {"name": a_name(), "customProperties": properties}),
        ("PATCH", f"/registered_models/{model['id']}", {"customProperties": properties}),
        ("POST", "/artifacts", {"artifactType": "doc-artifact", "customProperties": properties}),
        ("POST", f"/model_versions/{version}/artifacts", metric),
        ("POST", f"/experiment_runs/{run}/artifacts", metric),
    ]:
        answer = client.request(method, path, json=body)
        assert answer.status_code == httpx.codes.BAD_REQUEST, (method, path, answer.text)
        assert answer.json()["code"] == "Bad Request"
    assert held(read(client, f"/registered_models/{model['id']}")) == exactly([1 / 3])


# --- filters see the exact value ------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition",
    [
        "d0 = 0.30000000000000004", "d0 > 0.3", "d0 < 0.30000000000000009", "d0 != 0.3", "d1 > 0", "d1 = 1e-20", "d1 < 2e-20",
        "d1.double_value IN (1e-20, 7.0)", "d1 != 0", "d2 = 5e-324", "d3 <= -1e-7", "d3 < 0", "d4 = 123456789.123456789",
    ],
)  # fmt: skip
def test_a_filter_compares_with_the_exact_value(client: httpx.Client, condition: str) -> None:
    model = a_model(client, customProperties=custom([0.1 + 0.2, 1e-20, 5e-324, -1e-7, 123456789.123456789]))
    named = f'name = "{model["name"]}"'
    query = {"filterQuery": f"{named} AND {condition}"}
    assert [item["id"] for item in read(client, "/registered_models", **query)["items"]] == [model["id"]]


@pytest.mark.parametrize("condition", ["d0 = 0.3", "d0 <= 0.3", "d1 = 0", "d1 <= 0", "d1 < 1e-20"])
def test_a_filter_does_not_find_the_rounded_value(client: httpx.Client, condition: str) -> None:
    model = a_model(client, customProperties=custom([0.1 + 0.2, 1e-20]))
    query = {"filterQuery": f'name = "{model["name"]}" AND {condition}'}
    assert read(client, "/registered_models", **query)["items"] == []


def test_a_filter_on_the_value_of_metrics_compares_with_the_exact_value(client: httpx.Client) -> None:
    below = f"/experiment_runs/{a_run(client)}"
    for value in (1e-20, 2e-20, 0.0):
        sent(client, "POST", f"{below}/artifacts", artifactType="metric", name="m", value=value)
    rows = read(client, f"{below}/metric_history", filterQuery="value > 0 AND value < 2e-20")["items"]
    assert [row["value"] for row in rows] == [1e-20]
