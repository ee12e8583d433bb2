"""Searches for models and versions: filters, orders and pages."""

from typing import Any

import pytest

from tests.unit.model_registry_proxy.mlflow.conftest import Mlflow

PROMPT = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]


async def models(mlflow: Mlflow, **asked: Any) -> list[str]:
    """The names of the models that a search finds, page by page."""
    return [model["name"] for model in await pages(mlflow, "registered_models", **asked)]


async def versions(mlflow: Mlflow, **asked: Any) -> list[str]:
    """The names and numbers of the versions that a search finds, page by page."""
    found = await pages(mlflow, "model_versions", **asked)
    return [f"{version['name']}/{version['version']}" for version in found]


async def pages(mlflow: Mlflow, kind: str, **asked: Any) -> list[dict[str, Any]]:
    """What all pages of a search have. None but the last is short, and none is empty but the only one."""
    path, found = kind.replace("_", "-") + "/search", list[dict[str, Any]]()
    size = asked.get("max_results", 10**9)
    while True:
        page = await mlflow.get(path, **asked)
        found += page[kind]
        if "next_page_token" not in page:
            return found
        assert len(page[kind]) == size
        asked["page_token"] = page["next_page_token"]


async def some_models(mlflow: Mlflow) -> None:
    """Models, one of them deleted, and a prompt."""
    await mlflow.model("RM2", tags=[{"key": "t1", "value": "abc"}, {"key": "odd name", "value": "x"}])
    await mlflow.model("RM1", tags=[{"key": "t1", "value": "abcd"}, {"key": "T2", "value": "XYZ"}])
    await mlflow.model("rm3")
    await mlflow.model("gone", tags=[{"key": "t1", "value": "abc"}])
    await mlflow.delete("registered-models/delete", name="gone")
    await mlflow.model("prompt", tags=[*PROMPT, {"key": "t1", "value": "abc"}])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["RM2", "RM1", "rm3"]),
        ("name = 'RM1'", ["RM1"]),
        ("name = 'gone'", []),
        ("name != 'RM1'", ["RM2", "rm3"]),
        ("name LIKE 'RM%'", ["RM2", "RM1"]),
        ("name ilike '_m%'", ["RM2", "RM1", "rm3"]),
        ('attribute.name = "rm3"', ["rm3"]),
        ("name IN ('RM1', 'rm3')", ["RM1", "rm3"]),
        ("name NOT IN ('RM1')", ["RM2", "rm3"]),
        ("tags.t1 = 'abc'", ["RM2"]),
        ("tag.t1 LIKE 'abc%' AND tags.T2 = 'XYZ'", ["RM1"]),
        ("tag.t2 = 'XYZ'", []),
        ("tags.t1 != 'abcd'", ["RM2"]),
        ("tags.`odd name` = 'x'", ["RM2"]),
        ('tags."odd name" = "x"', ["RM2"]),
        ("tags.`mlflow.prompt.is_prompt` = 'true'", ["prompt"]),
        ("tags.mlflow.prompt.is_prompt != 'false' AND name LIKE 'p%'", ["prompt"]),
        ("tags.`mlflow.prompt.is_prompt` = 'false'", ["RM2", "RM1", "rm3"]),
        ("name = 'prompt'", []),
    ],
)
async def test_models_are_found_by_a_filter(text: str, found: list[str], mlflow: Mlflow) -> None:
    await some_models(mlflow)
    assert await models(mlflow, filter=text) == found
    assert await models(mlflow, filter=text, max_results=1) == found
    assert await models(mlflow, filter=text, max_results=1, order_by=["name"]) == sorted(found)


HOSTILE = [
    "name = 'x' OR name = 'y'",
    "name = 'x'; DROP TABLE Context",
    "name = 'x' -- and so on",
    "name = 'x') OR (1 = 1",
    "name = 'x' AND",
    "AND name = 'x'",
    "NOT name = 'x'",
    "(name = 'x')",
    "nonsense ~ 3",
    "name",
    "name LIKE",
    "name = x",
    "name = 3",
    "name > 'a'",
    "tags.t IN ('a')",
    "custom_properties.a.string_value = 'x'",
    "params.x = '1'",
    "state = 'LIVE'",
    "evilhax = true",
    "name IN ()",
    "name IN (1, 2)",
    "name IN ('a',,'b')",
    "name IN (",
    "name = 'a\0b'",
    "name = 'never closed",
    "parent_contexts_a.id = 3",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_filter_that_is_none_is_refused(text: str, mlflow: Mlflow) -> None:
    await some_models(mlflow)
    for path in ("registered-models/search", "model-versions/search"):
        status, code, message = await mlflow.refusal("GET", path, filter=text)
        assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
        assert message


TRICKS = ["x' OR '1' = '1", 'x" OR "1" = "1', "x\\", "%", "_", "`x`", "a.string_value", "x'' OR ''", "\u2019", "';--"]


@pytest.mark.parametrize("text", TRICKS)
async def test_what_is_in_quotes_never_leaves_them(text: str, mlflow: Mlflow) -> None:
    await mlflow.model("a", tags=[{"key": "k", "value": text}])
    await mlflow.model("b", tags=[{"key": "k", "value": "other"}])
    quote = '"' if "'" in text else "'"
    if quote in text:
        return
    assert await models(mlflow, filter=f"tags.k = {quote}{text}{quote}") == ["a"]
    key = f"key {text}".replace("`", "")
    await mlflow.post("registered-models/set-tag", name="b", key=key, value="here")
    assert await models(mlflow, filter=f"tags.`{key}` = 'here'") == ["b"]


async def some_versions(mlflow: Mlflow) -> None:
    """Versions of two models, one of them deleted, and of a prompt."""
    for name in ("RM1", "RM2"):
        await mlflow.model(name)
    await mlflow.version("RM1", source="A/B", run_id="r1", tags=[{"key": "t", "value": "x"}])
    await mlflow.version("RM2", source="A/C", run_id="r2")
    await mlflow.version("RM1", source="A/D", run_id="r2", tags=[{"key": "t", "value": "y"}])
    await mlflow.version("RM1", source="A/D", run_id="r3")
    await mlflow.delete("model-versions/delete", name="RM1", version="3")
    await mlflow.model("prompt", tags=PROMPT)
    await mlflow.version("prompt", tags=PROMPT)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["RM1/1", "RM1/2", "RM2/1"]),
        ("name = 'RM1'", ["RM1/1", "RM1/2"]),
        ("name = 'none'", []),
        ("name = 'RM1' AND name != 'RM1'", []),
        ("name = 'RM1' AND name = 'RM2'", []),
        ("name LIKE '%2'", ["RM2/1"]),
        ("name ILIKE 'rm%' AND version_number > 1", ["RM1/2"]),
        ("name IN ('RM2')", ["RM2/1"]),
        ("version_number = 1", ["RM1/1", "RM2/1"]),
        ("version_number <= '1' AND run_id = 'r1'", ["RM1/1"]),
        ("version_number != 1", ["RM1/2"]),
        ("run_id = 'r2'", ["RM1/2", "RM2/1"]),
        ("run_id IN ('r1', 'R2')", ["RM1/1"]),
        ("run_id LIKE 'r%'", ["RM1/1", "RM1/2", "RM2/1"]),
        ("source_path = 'A/D'", ["RM1/2"]),
        ("source_path LIKE 'A/%' AND name = 'RM1'", ["RM1/1", "RM1/2"]),
        ("source_path = ''", []),
        ("tags.t != 'x'", ["RM1/2"]),
        ("tags.`mlflow.prompt.is_prompt` = 'true'", ["prompt/1"]),
    ],
)
async def test_versions_are_found_by_a_filter(text: str, found: list[str], mlflow: Mlflow) -> None:
    await some_versions(mlflow)
    assert sorted(await versions(mlflow, filter=text)) == found
    assert sorted(await versions(mlflow, filter=text, max_results=1)) == found
    by_name = await versions(mlflow, filter=text, max_results=1, order_by=["name ASC", "version_number ASC"])
    assert by_name == found


@pytest.mark.parametrize(
    "text", ["version_number = 1.5", "version_number = 'one'", "version_number LIKE '1'", "run_id > 'a'"]
)
async def test_a_comparison_that_cannot_be_is_refused(text: str, mlflow: Mlflow) -> None:
    assert (await mlflow.refusal("GET", "model-versions/search", filter=text))[:2] == (400, "INVALID_PARAMETER_VALUE")


async def test_orders_of_versions(mlflow: Mlflow) -> None:
    await some_versions(mlflow)
    newest_first = ["RM1/2", "RM2/1", "RM1/1"]
    assert await versions(mlflow, order_by=["creation_timestamp DESC"], max_results=2) == newest_first
    assert await versions(mlflow, order_by=["creation_timestamp"]) == newest_first[::-1]
    assert await versions(mlflow, order_by=["name DESC"]) == ["RM2/1", "RM1/2", "RM1/1"]
    assert await versions(mlflow, order_by=["version_number  desc"]) == ["RM1/2", "RM1/1", "RM2/1"]
    mlflow_patch = await mlflow.ask("PATCH", "model-versions/update", name="RM1", version="1", description="new")
    assert mlflow_patch.is_success
    assert (await versions(mlflow))[0] == "RM1/1"
    assert (await versions(mlflow, order_by=["last_updated_timestamp ASC"]))[-1] == "RM1/1"


async def test_orders_of_models(mlflow: Mlflow) -> None:
    await some_models(mlflow)
    assert await models(mlflow, order_by=["name ASC"], max_results=2) == ["RM1", "RM2", "rm3"]
    assert await models(mlflow, order_by=["name   DESC"], max_results=1) == ["rm3", "RM2", "RM1"]
    await mlflow.post("registered-models/set-tag", name="RM1", key="k", value="v")
    assert (await models(mlflow, order_by=["timestamp desc"]))[0] == "RM1"
    assert (await models(mlflow, order_by=["last_updated_timestamp\tASC", "name DESC"]))[-1] == "RM1"


@pytest.mark.parametrize(
    ("path", "clauses", "said"),
    [
        (
            "registered-models/search",
            ["name ASC", "creation_timestamp DESC"],
            "Invalid order by key 'creation_timestamp'",
        ),
        ("registered-models/search", ["last_updated_timestamp DESC blah"], "Invalid order_by clause"),
        ("registered-models/search", ["timestamp", "last_updated_timestamp"], "`order_by` contains duplicate fields:"),
        ("registered-models/search", ["name upwards"], "Invalid ordering key in order_by clause"),
        ("registered-models/search", ["'"], "Invalid order_by clause"),
        ("model-versions/search", ["run_id DESC"], "Invalid attribute key 'run_id' specified"),
    ],
)
async def test_an_order_that_cannot_be_is_refused(path: str, clauses: list[str], said: str, mlflow: Mlflow) -> None:
    status, code, message = await mlflow.refusal("GET", path, order_by=clauses)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message.startswith(said)


@pytest.mark.parametrize("order_by", [[], ["name ASC"]])
async def test_a_page_token_belongs_to_one_search(order_by: list[str], mlflow: Mlflow) -> None:
    await some_models(mlflow)
    path, asked = "registered-models/search", {"max_results": 1, "order_by": order_by}
    token = (await mlflow.get(path, **asked))["next_page_token"]
    for changed in ({"page_token": "evilhax"}, {"page_token": token, "filter": "name = 'RM1'"}):
        status, code, message = await mlflow.refusal("GET", path, **{**asked, **changed})
        assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
        assert "page token" in message
    assert (await mlflow.refusal("GET", path, **{**asked, "page_token": "evilhax"}))[2].startswith(
        "Invalid page token, could not base64-decode"
    )


async def test_a_model_that_is_created_between_two_pages_shows_up_where_it_belongs(mlflow: Mlflow) -> None:
    for name in ("b", "d", "f"):
        await mlflow.model(name)
    asked: dict[str, Any] = {"order_by": ["name"], "max_results": 2}
    first = await mlflow.get("registered-models/search", **asked)
    for name in ("a", "e"):
        await mlflow.model(name)
    second = await mlflow.get("registered-models/search", **asked, page_token=first["next_page_token"])
    assert [model["name"] for model in second["registered_models"]] == ["e", "f"]
    assert "next_page_token" not in second


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("registered-models/search", "Invalid value for request parameter max_results"),
        ("model-versions/search", "Invalid value for max_results."),
    ],
)
@pytest.mark.parametrize("number", [0, -1, 10**15])
async def test_a_page_of_a_size_that_cannot_be_is_refused(path: str, said: str, number: int, mlflow: Mlflow) -> None:
    status, code, message = await mlflow.refusal("GET", path, max_results=number)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message.startswith(said)


async def test_versions_that_another_client_puts_below_a_deleted_model_are_hidden_too(mlflow: Mlflow) -> None:
    await mlflow.model(versions=1)
    await mlflow.delete("registered-models/delete", name="churn")
    model = (await mlflow.served.client.get("/registered_model", params={"name": "churn"})).json()
    await mlflow.served.make("/model_versions", name="2", registeredModelId=model["id"])
    assert await versions(mlflow) == []


async def test_the_newest_versions_of_a_model_are_in_a_search_too(mlflow: Mlflow) -> None:
    await mlflow.model(versions=2)
    (model,) = (await mlflow.get("registered-models/search"))["registered_models"]
    assert [version["source"] for version in model["latest_versions"]] == ["s3://b/2"]
