"""Sources files, one and several."""

import json
from pathlib import Path

import pytest

from model_catalog.entries import AssetType, SourceError
from model_catalog.reading.merging import merge
from model_catalog.reading.settings import Settings
from model_catalog.reading.sources_file import read_sources_file

FIXTURES = Path(__file__).parents[3] / "fixtures" / "catalog"
ANSWERS = {each["url"]: each["body"] for each in json.loads((FIXTURES / "answers.json").read_text("utf-8"))["entries"]}


def settings_of(folder: Path, *texts: str) -> Settings:
    paths = [folder / f"{number}.yaml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, "utf-8")
    return merge(map(read_sources_file, paths))


@pytest.fixture(scope="module")
def recorded() -> Settings:
    """The settings of the recorded catalog."""
    return merge(read_sources_file(FIXTURES / "fixtures" / name) for name in ("sources.yaml", "sources-override.yaml"))


@pytest.mark.parametrize(
    ("question", "asset_type"),
    [("sources?pageSize=100", AssetType.MODELS), ("sources?assetType=mcp_servers", AssetType.MCP_SERVERS)],
)
def test_the_sources_are_shown_as_in_the_recorded_answers(
    recorded: Settings, question: str, asset_type: AssetType
) -> None:
    shown = [source.shown() for source in recorded.sources.values() if source.asset_type is asset_type]
    answer = ANSWERS[f"/api/model_catalog/v1alpha1/{question}"]["items"]
    expected = [{key: value for key, value in item.items() if key not in {"status", "error"}} for item in answer]
    assert sorted(shown, key=lambda source: str(source["id"])) == expected


def test_the_labels_and_queries_are_those_of_the_recorded_answers(recorded: Settings) -> None:
    answer = ANSWERS["/api/model_catalog/v1alpha1/labels"]["items"]
    assert [label for label in recorded.labels if label.get("assetType", "models") == "models"] == answer
    assert {name: query.asset_type.value for name, query in recorded.named_queries.items()} == {
        "small_models": "models",
        "fast": "models",
        "safe_servers": "mcp_servers",
        "sea_or_weather": "mcp_servers",
        "not_sky": "mcp_servers",
        "many_seats": "mcp_servers",
        "lower_like": "mcp_servers",
        "second_file": "models",
    }
    assert recorded.named_queries["small_models"].filters == {
        "params_b": {"operator": "<", "value": 4},
        "model_type": {"operator": "=", "value": "generative"},
        "region": {"operator": "NOT IN", "value": ["east"]},
    }
    assert recorded.errors == []


def test_later_files_replace_fields(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    first = tmp_path / "first.yaml"
    second = tmp_path / "sub" / "second.yaml"
    first.write_text(
        "model_catalogs:\n"
        "- {id: a, name: A, type: yaml, labels: [x], properties: {yamlCatalogPath: a.yaml}, includedModels: ['*']}\n"
        "- {id: b, properties: {yamlCatalogPath: b.yaml}}\n"
    )
    second.write_text(
        "model_catalogs:\n- {id: a, name: '', labels: [], enabled: false, assetType: models}\n- {id: b, properties: {c: 1}}\n"
    )
    a, b = merge(map(read_sources_file, (first, second))).sources.values()
    assert (a.name, a.type, a.enabled, a.labels, a.included, a.directory) == ("A", "yaml", False, [], ["*"], tmp_path)
    assert (b.properties, b.directory, a.declared_asset_type) == ({"c": 1}, tmp_path / "sub", None)


def test_the_old_list_of_sources_gives_way_to_the_new_one(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "catalogs: [{id: a, name: old}, {id: b}]\nmodel_catalogs: [{id: a, name: new}]\n")
    assert [(source.id, source.name) for source in settings.sources.values()] == [("a", "new"), ("b", "")]
    assert settings.errors == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{id: a, lables: [x]}", "line 2: source 'a': a source has no key 'lables'; did you mean 'labels'?"),
        ("{id: a, colour: x}", "a source has no key 'colour'; it may have: assetType"),
        ("{id: a, enabled: 'yes'}", 'enabled must be true or false, but is the text "yes"'),
        ("{id: a, name: 5}", 'name must be a text, but is the number 5; put it in quotes: "5"'),
        ("{id: a, name: y}", "put it in quotes"),
        ("{id: a, labels: x}", "labels must be a list of texts such as [a, b]"),
        ("{id: a, labels: [x, 5]}", "labels has an entry that must be a text, but is the number 5"),
        ("{id: a, assetType: cars}", "assetType must be models or mcp_servers"),
        ("{id: a, includedModels: ['x', ' ']}", "includedModels has an empty pattern"),
        ("{id: a, includedServers: [x]}", "a source has no key 'includedServers'; did you mean 'includedModels'?"),
        ("{id: a, properties: [x]}", "properties must be a mapping, but is a list"),
    ],
)
def test_a_bad_source_is_an_error_of_this_source_only(tmp_path: Path, source: str, words: str) -> None:
    settings = settings_of(tmp_path, f"model_catalogs:\n- {source}\n- {{id: good}}\n")
    assert words in (settings.sources["a"].error or "")
    assert settings.sources["good"].error is None
    assert settings.errors == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("modelcatalogs: []", "a sources file has no key 'modelcatalogs'; did you mean 'model_catalogs'?"),
        ("model_catalogs: 5", "model_catalogs must be a list, but is the number 5"),
        ("model_catalogs: [~]", "a source must be a mapping, but one is nothing"),
        ("model_catalogs:\n- name: X", "line 2: a source needs a text as its id, but it has none"),
        ("model_catalogs: [{id: 5}]", "its id is the number 5"),
        ("model_catalogs: [{id: a}, {id: a}]", "the id 'a' is used twice"),
        ("model_catalogs: [{id: a}]\nmcp_catalogs:\n- {id: a}", "line 3: the id 'a' is used twice"),
        ("labels: [5]", "a label must be a mapping"),
        ("labels: [{displayName: x}]", "a label needs a name"),
        ("labels: [{name: ''}]", "a label needs a name"),
        ("labels: [{name: 5}]", "name must be a text, but is the number 5"),
        ("labels: [{name: a, order: 5}]", "label 'a': order must be a text"),
        ("labels: [{name: a}, {name: a}]", "label 'a' is there twice"),
        ("labels: [{name: a, assetType: cars}]", "assetType must be models or mcp_servers"),
        ("namedQueries: {q: 5}", "named query 'q': must be a mapping"),
        ("namedQueries: {q: {}}", "named query 'q': has no filter"),
        ("namedQueries: {q: {filters: {}}}", "named query 'q': has no filter"),
        (
            "namedQueries: {q: {assetType: cars, filters: {a: {operator: '=', value: 1}}}}",
            "assetType must be models or mcp_servers",
        ),
        ("namedQueries: {q: {a: {operator: '~', value: 1}}}", "a: the operator must be one of ="),
        ("namedQueries: {q: {a: {operator: '=', value: null}}}", "a: = needs one value, but has nothing"),
        ("namedQueries: {q: {a: {operator: in, value: x}}}", "a: in needs a list of values"),
        ("namedQueries: {q: {a: {operator: '=', value: [x]}}}", "a: = needs one value, but has a list"),
        ("namedQueries: {q: {a: {operater: '=', value: x}}}", "did you mean 'operator'?"),
    ],
)
def test_what_cannot_be_used_is_reported_and_the_rest_counts(tmp_path: Path, text: str, words: str) -> None:
    settings = settings_of(tmp_path, text, "model_catalogs: [{id: z}]")
    assert [words in error for error in settings.errors] == [True], settings.errors
    assert "z" in settings.sources


@pytest.mark.parametrize(
    "texts", [("model_catalogs: [{id: a}, {id: a}]",), ("model_catalogs: [{id: a}]", "mcp_catalogs: [{id: a}]")]
)
def test_a_source_says_that_its_id_is_used_twice(tmp_path: Path, texts: tuple[str, ...]) -> None:
    source = settings_of(tmp_path, *texts).sources["a"]
    assert source.error is None
    assert "the id 'a' is used twice" in (source.notice or "")


@pytest.mark.parametrize("text", ["a: [", "[1]", "a: 1\na: 2", "text"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match=r"0\.yaml: line \d"):
        settings_of(tmp_path, text)


@pytest.mark.parametrize(
    "between",
    ["", "labels: [{name: a, x: {model_catalogz: b}}]", "namedQueries:\n  model_catalogz: &a\n  b: *a\n? c\n: [*a]"],
)
def test_a_key_that_is_no_section_is_named_with_its_line(tmp_path: Path, between: str) -> None:
    before = f"# of our team\ncatalogs: []\n{between}\n"
    errors = settings_of(tmp_path, f"{before}model_catalogz:\n- id: a\n").errors
    line = before.count("\n") + 1
    assert any(f"line {line}: a sources file has no key 'model_catalogz'" in error for error in errors)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        read_sources_file(tmp_path / "none.yaml")


def test_an_empty_file_is_no_error(tmp_path: Path) -> None:
    assert settings_of(tmp_path, "").sources == {}


def test_keys_count_in_any_case(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        "Model_Catalogs:\n- {ID: a, NAME: A, includedmodels: [x]}\nNamedQueries: {q: {F: {Operator: '=', Value: 1}}}",
    )
    assert settings.sources["a"].shown() == {
        "enabled": True,
        "id": "a",
        "includedModels": ["x"],
        "labels": [],
        "name": "A",
    }
    assert settings.named_queries["q"].filters == {"F": {"operator": "=", "value": 1}}
    assert settings.errors == []
