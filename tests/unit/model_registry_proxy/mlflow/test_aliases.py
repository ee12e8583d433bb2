"""Aliases by MLflow's API: the same as those of the extensions, with names and ranges of versions where there is no alias."""

from typing import Any

import pytest

from tests.support.serving import EXTENSIONS
from tests.unit.model_registry_proxy.mlflow.conftest import Mlflow

ALIAS = "registered-models/alias"


async def point(mlflow: Mlflow, alias: str, version: str) -> None:
    """Points an alias of the model `churn`."""
    assert await mlflow.post(ALIAS, name="churn", alias=alias, version=version) == {}


async def at(mlflow: Mlflow, alias: str) -> str:
    """The number of the version that an alias of `churn` stands for, or the code of the refusal."""
    answer = (await mlflow.ask("GET", ALIAS, name="churn", alias=alias)).json()
    return str(answer["model_version"]["version"] if "model_version" in answer else answer["error_code"])


async def aliases(mlflow: Mlflow) -> dict[str, str]:
    """The aliases in the answer about the model `churn`."""
    model = (await mlflow.get("registered-models/get", name="churn"))["registered_model"]
    return {each["alias"]: each["version"] for each in model["aliases"]}


async def test_an_alias_is_set_moved_shown_and_removed(mlflow: Mlflow) -> None:
    await mlflow.model(versions=2)
    await point(mlflow, "champion", "1")
    await point(mlflow, "Champion", "2")
    await point(mlflow, "old", "1")
    assert (await at(mlflow, "champion"), await at(mlflow, "CHAMPION"), await at(mlflow, "old")) == ("2", "2", "1")
    assert await aliases(mlflow) == {"Champion": "2", "old": "1"}
    found = (await mlflow.get("model-versions/search"))["model_versions"]
    assert {version["version"]: version["aliases"] for version in found} == {"1": ["old"], "2": ["Champion"]}
    for _ in range(2):
        assert await mlflow.delete(ALIAS, name="churn", alias="old") == {}
    assert await aliases(mlflow) == {"Champion": "2"}
    refused = await mlflow.refusal("GET", ALIAS, name="churn", alias="old")
    assert refused == (400, "INVALID_PARAMETER_VALUE", "Registered model alias old not found.")


async def test_moves_are_in_the_history_that_the_extensions_show(mlflow: Mlflow) -> None:
    await mlflow.model(versions=2)
    await point(mlflow, "champion", "1")
    await point(mlflow, "champion", "2")
    model = (await mlflow.served.client.get("/registered_model", params={"name": "churn"})).json()["id"]
    response = await mlflow.served.client.get(f"{EXTENSIONS}/registered_models/{model}/history")
    assert [move["kind"] for move in response.json()["items"]] == ["set", "set"]


@pytest.mark.parametrize("alias", ["latest", "Latest", "v12", "12", "a b", "a/b", "é", "-x", "a" * 101])
async def test_a_name_that_no_alias_may_have_is_refused(alias: str, mlflow: Mlflow) -> None:
    await mlflow.model(versions=1)
    status, code, message = await mlflow.refusal("POST", ALIAS, name="churn", alias=alias, version="1")
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message


async def test_an_alias_cannot_be_pointed_to_what_is_not_there_or_archived(mlflow: Mlflow) -> None:
    await mlflow.model(versions=3)
    await mlflow.model("other", versions=4)
    await mlflow.delete("model-versions/delete", name="churn", version="2")
    for number in ("2", "4", "77"):
        refused = await mlflow.refusal("POST", ALIAS, name="churn", alias="x", version=number)
        assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    await mlflow.stage("3", "Archived")
    assert (await mlflow.refusal("POST", ALIAS, name="churn", alias="x", version="3"))[1] == "INVALID_PARAMETER_VALUE"


async def test_the_aliases_of_what_is_deleted_are_removed(mlflow: Mlflow) -> None:
    await mlflow.model(versions=3)
    for alias, version in (("a", "1"), ("b", "2"), ("c", "2"), ("d", "3")):
        await point(mlflow, alias, version)
    await mlflow.delete("model-versions/delete", name="churn", version="2")
    assert await aliases(mlflow) == {"a": "1", "d": "3"}
    await mlflow.delete("registered-models/delete", name="churn")
    await mlflow.model()
    assert await aliases(mlflow) == {}


async def test_aliases_stay_with_a_renamed_model(mlflow: Mlflow) -> None:
    await mlflow.model("former", versions=1)
    await mlflow.post(ALIAS, name="former", alias="champion", version="1")
    await mlflow.post("registered-models/rename", name="former", new_name="churn")
    assert await at(mlflow, "champion") == "1"


async def named_versions(mlflow: Mlflow) -> dict[str, str]:
    """Versions with names of Kubeflow's users; returns their numbers."""
    id_ = (await mlflow.served.make("/registered_models", name="churn"))["id"]
    names = ("1.0.0", "1.2.0", "v1.10.1", "2.0.0-rc.1", "2.0.0", "9.0.0", "3")
    states = {"9.0.0": "ARCHIVED"}
    made = {}
    for name in names:
        given = {"name": name, "registeredModelId": id_, "state": states.get(name, "LIVE")}
        version = await mlflow.served.make("/model_versions", **given)
        made[name] = name if name == "3" else str(10**9 + int(version["id"]))
    return made


RANGES: list[tuple[str, str]] = [
    ("1.2.0", "1.2.0"),
    ("^1.2", "v1.10.1"),
    ("~1.2.0", "1.2.0"),
    ("1.x", "v1.10.1"),
    (">=1 <2", "v1.10.1"),
    ("2.0.0-rc.1", "2.0.0-rc.1"),
    (">=2.0.0-rc.0", "2.0.0"),
    ("v1.10.1", "v1.10.1"),
    ("9.0.0", ""),
    ("^9", ""),
    ("no range", ""),
    ("", ""),
]


@pytest.mark.parametrize(("asked", "expected"), RANGES)
async def test_where_there_is_no_alias_a_name_or_a_range_finds_a_version(
    asked: str, expected: str, mlflow: Mlflow
) -> None:
    numbers = await named_versions(mlflow)
    assert await at(mlflow, asked) == (numbers[expected] if expected else "INVALID_PARAMETER_VALUE")
    if not asked:
        return
    path, given = "registered-models/get-latest-versions", {"name": "churn", "stages": [asked]}
    if expected:
        (version,) = (await mlflow.post(path, **given))["model_versions"]
        assert version["version"] == numbers[expected]
    else:
        refused = await mlflow.refusal("POST", path, **given)
        assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")
        assert refused[2].startswith("Invalid Model Version stage")


async def test_an_alias_wins_over_a_version_of_the_same_name(mlflow: Mlflow) -> None:
    numbers = await named_versions(mlflow)
    await point(mlflow, "1.2.0", numbers["2.0.0"])
    assert await at(mlflow, "1.2.0") == numbers["2.0.0"]


async def test_a_protected_alias_keeps_its_version_from_being_deleted(mlflow: Mlflow) -> None:
    await mlflow.model(versions=2)
    await point(mlflow, "champion", "1")
    shown: dict[str, Any] = (await mlflow.served.client.get("/registered_model", params={"name": "churn"})).json()
    url = f"{EXTENSIONS}/registered_models/{shown['id']}/aliases/champion"
    version = (await mlflow.served.client.get(url)).json()["modelVersionId"]
    answer = await mlflow.served.client.put(url, json={"modelVersionId": version, "protected": True})
    assert answer.is_success, answer.text
    refused = await mlflow.refusal("DELETE", "model-versions/delete", name="churn", version="1")
    assert refused[:2] == (403, "PERMISSION_DENIED")
    refused = await mlflow.refusal("POST", ALIAS, name="churn", alias="champion", version="2")
    assert refused[:2] == (403, "PERMISSION_DENIED")
    assert (await mlflow.refusal("DELETE", "registered-models/delete", name="churn"))[0] == 403
    assert await at(mlflow, "champion") == "1"
