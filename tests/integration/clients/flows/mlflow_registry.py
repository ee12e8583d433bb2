"""MLflow's registry client, as notebooks use it: models, versions, tags, aliases, stages, searches, files and prompts."""

import logging
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402
from mlflow.store.artifact.models_artifact_repo import get_model_name_and_version  # noqa: E402

EXISTS, MISSING, INVALID = "RESOURCE_ALREADY_EXISTS", "RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"


def _connect(address: str) -> MlflowClient:
    mlflow.set_registry_uri(address)
    mlflow.set_tracking_uri(address)
    return MlflowClient(tracking_uri=address, registry_uri=address)


def _unique(word: str = "churn") -> str:
    return f"{word}-{uuid.uuid4().hex[:12]}"


def _model(client: MlflowClient, versions: int = 0) -> str:
    name = _unique()
    client.create_registered_model(name)
    for number in range(1, versions + 1):
        client.create_model_version(name, f"s3://b/{number}")
    return name


def _refused(code: str, ask: Callable[[], Any], words: str = "") -> None:
    refusal = None
    try:
        answer = ask()
    except MlflowException as error:
        refusal = error
    assert refusal, f"it was accepted: {answer!r}"
    assert refusal.error_code == code, (refusal.error_code, str(refusal))
    assert words in str(refusal), str(refusal)


def _numbers(versions: Any) -> list[str]:
    return sorted(str(version.version) for version in versions)


def a_model_is_created_read_changed_and_refused(address: str) -> None:
    client, name = _connect(address), _unique()
    assert client.create_registered_model(name, tags={"team": "risk"}, description="d").name == name
    _refused(EXISTS, lambda: client.create_registered_model(name), f"Registered Model (name={name}) already exists")
    model = client.get_registered_model(name)
    assert (model.name, model.description, model.tags, list(model.latest_versions)) == (name, "d", {"team": "risk"}, [])
    assert abs(model.creation_timestamp - time.time() * 1000) < 60_000
    assert client.update_registered_model(name, "new").description == "new"
    _refused(MISSING, lambda: client.get_registered_model(_unique()), "not found")
    _refused(INVALID, lambda: client.create_registered_model("a/b"))


def versions_are_numbered_and_keep_what_they_were_given(address: str) -> None:
    client = _connect(address)
    name = _model(client)
    assert str(client.create_model_version(name, "s3://b/m1", tags={"stage": "x"}).version) == "1"
    run, link = "a" * 32, "http://l"
    made = client.create_model_version(
        name, "s3://b/m2", run_id=run, tags={"acc": "0.9"}, description="two", run_link=link
    )
    assert str(made.version) == "2"
    read = client.get_model_version(name, "2")
    assert (read.name, str(read.version), read.source, read.run_id) == (name, "2", "s3://b/m2", run)
    assert (read.run_link, read.description, read.tags) == (link, "two", {"acc": "0.9"})
    assert (read.status, read.current_stage) == ("READY", "None")
    assert client.update_model_version(name, "2", "zwei").description == "zwei"
    assert client.get_model_version_download_uri(name, "2") == "s3://b/m2"
    _refused(
        MISSING, lambda: client.get_model_version(name, "77"), f"Model Version (name={name}, version=77) not found"
    )
    client.delete_model_version(name, "1")
    _refused(MISSING, lambda: client.get_model_version(name, "1"))
    assert str(client.create_model_version(name, "s3://b/m3").version) == "3"


def tags_of_models_and_versions_are_set_and_removed(address: str) -> None:
    client = _connect(address)
    name = _model(client, versions=2)
    client.set_registered_model_tag(name, "a.b c", "1")
    client.set_registered_model_tag(name, "gone", "1")
    client.delete_registered_model_tag(name, "gone")
    assert client.get_registered_model(name).tags == {"a.b c": "1"}
    client.set_model_version_tag(name, "1", "k", "v")
    client.set_model_version_tag(name, "1", "gone", "1")
    client.delete_model_version_tag(name, "1", "gone")
    assert client.get_model_version(name, "1").tags == {"k": "v"}
    assert client.get_model_version(name, "2").tags == {}


def aliases_point_move_and_disappear(address: str) -> None:
    client = _connect(address)
    name = _model(client, versions=2)
    client.set_registered_model_alias(name, "champion", "1")
    assert str(client.get_model_version_by_alias(name, "champion").version) == "1"
    client.set_registered_model_alias(name, "champion", "2")
    client.set_registered_model_alias(name, "old", "1")
    assert str(client.get_model_version_by_alias(name, "champion").version) == "2"
    aliases = {alias: str(version) for alias, version in client.get_registered_model(name).aliases.items()}
    assert aliases == {"champion": "2", "old": "1"}
    assert list(client.get_model_version(name, "2").aliases) == ["champion"]
    client.delete_registered_model_alias(name, "old")
    assert list(client.get_registered_model(name).aliases) == ["champion"]
    _refused(INVALID, lambda: client.get_model_version_by_alias(name, "old"), "Registered model alias old not found")
    client.delete_model_version(name, "2")
    assert client.get_registered_model(name).aliases == {}
    for alias in ("latest", "v12", "a b", ""):
        _refused(INVALID, lambda alias=alias: client.set_registered_model_alias(name, alias, "1"))
    _refused(MISSING, lambda: client.set_registered_model_alias(name, "champion", "2"))


def files_are_loaded_by_version_alias_and_newest(address: str) -> None:
    client, name = _connect(address), _unique()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "MLmodel").write_text("flavors:\n  python_function:\n    loader_module: x\n")
        (Path(folder) / "weights.bin").write_text("w")
        assert str(mlflow.register_model(f"file://{folder}", name, tags={"stage": "x"}).version) == "1"
        client.set_registered_model_alias(name, "live", "1")
        for way in ("/1", "@live", "/latest"):
            found = Path(mlflow.artifacts.download_artifacts(f"models:/{name}{way}"))
            assert (found / "weights.bin").read_text() == "w", way


def searches_find_models_by_names_tags_and_pages(address: str) -> None:
    client, word = _connect(address), uuid.uuid4().hex[:10]
    names = [f"p{number}-{word}" for number in range(5)]
    for name in names:
        client.create_registered_model(name, tags={"team": word, "a.b c": name})
    where = f"name LIKE '%-{word}'"

    def found(*conditions: str) -> list[str]:
        return [model.name for model in client.search_registered_models(" AND ".join([where, *conditions]))]

    assert found() == names
    assert found(f"name = '{names[1]}'") == names[1:2]
    assert found(f"tags.team = '{word}'", f"tags.`a.b c` = '{names[2]}'") == names[2:3]
    assert found("name ILIKE 'P3%'") == names[3:4]
    assert found("name = 'no'") == []
    _refused(INVALID, lambda: client.search_registered_models("nonsense ~ 3"), "Invalid clause(s) in filter string")
    for order_by, expected in ((None, names), (["name DESC"], names[::-1]), (["name ASC"], names)):
        seen: list[str] = []
        token = None
        while True:
            page = client.search_registered_models(where, max_results=2, order_by=order_by, page_token=token)
            seen += [model.name for model in page]
            token = page.token
            if not token:
                break
        assert seen == expected, order_by


def searches_find_versions(address: str) -> None:
    client, name, run = _connect(address), _unique(), uuid.uuid4().hex
    client.create_registered_model(name)
    client.create_model_version(name, "s3://b/1")
    client.create_model_version(name, "s3://b/2", run_id=run, tags={"acc": "0.9"})
    where = f"name = '{name}'"
    assert _numbers(client.search_model_versions(where)) == ["1", "2"]
    assert _numbers(client.search_model_versions(f"{where} AND run_id = '{run}'")) == ["2"]
    assert _numbers(client.search_model_versions(f"run_id = '{run}'")) == ["2"]
    assert _numbers(client.search_model_versions(f"{where} AND tags.acc = '0.9'")) == ["2"]
    ordered = client.search_model_versions(where, order_by=["version_number ASC"])
    assert [str(version.version) for version in ordered] == ["1", "2"]
    first = client.search_model_versions(where, max_results=1)
    second = client.search_model_versions(where, max_results=1, page_token=first.token)
    assert _numbers([*first, *second]) == ["1", "2"]
    assert not second.token


def versions_move_through_stages(address: str) -> None:
    client = _connect(address)
    name = _model(client, versions=2)
    assert client.transition_model_version_stage(name, "1", "Production").current_stage == "Production"
    assert _numbers(client.get_latest_versions(name, ["Production"])) == ["1"]
    moved = client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    assert (moved.current_stage, client.get_model_version(name, "1").current_stage) == ("Production", "Archived")
    latest = sorted((str(version.version), version.current_stage) for version in client.get_latest_versions(name))
    assert latest == [("1", "Archived"), ("2", "Production")]
    for stage in ("latest", "Production"):
        assert str(get_model_name_and_version(client, f"models:/{name}/{stage}")[1]) == "2"
    _refused(
        INVALID, lambda: client.transition_model_version_stage(name, "1", "unknown"), "Invalid Model Version stage"
    )


def versions_are_copied_with_their_files(address: str) -> None:
    client = _connect(address)
    name, other = _model(client, versions=2), _unique("copy")
    client.set_model_version_tag(name, "2", "k", "v")
    copy = client.copy_model_version(f"models:/{name}/2", other)
    assert (copy.name, str(copy.version), copy.tags) == (other, "1", {"k": "v"})
    assert client.get_model_version_download_uri(other, "1") == "s3://b/2"


def models_are_renamed_deleted_and_created_again(address: str) -> None:
    client = _connect(address)
    name = _model(client, versions=2)
    client.set_registered_model_alias(name, "champion", "2")
    client.rename_registered_model(name, f"re{name}")
    assert client.get_registered_model(f"re{name}").name == f"re{name}"
    assert _numbers(client.search_model_versions(f"name = 're{name}'")) == ["1", "2"]
    assert str(client.get_model_version_by_alias(f"re{name}", "champion").version) == "2"
    _refused(MISSING, lambda: client.get_registered_model(name))
    client.delete_registered_model(f"re{name}")
    assert list(client.search_registered_models(f"name = 're{name}'")) == []
    assert list(client.search_model_versions(f"name = 're{name}'")) == []
    _refused(MISSING, lambda: client.get_model_version_by_alias(f"re{name}", "champion"))
    assert client.create_registered_model(f"re{name}").name == f"re{name}"
    assert client.get_registered_model(f"re{name}").aliases == {}
    assert str(client.create_model_version(f"re{name}", "s3://b/3").version) == "3"


def versions_that_are_created_at_the_same_time_get_numbers_without_a_gap(address: str) -> None:
    client = _connect(address)
    name = _model(client)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: client.create_model_version(name, f"s3://b/{number}"), range(24)))
    assert sorted(int(version.version) for version in made) == list(range(1, 25))
