"""Files of models: what is taken, what is refused, and what is left out."""

import pytest

from model_catalog.entries import Entry, SourceError
from model_catalog.reading.models_file import ModelsFile
from model_catalog.reading.patterns import Patterns
from model_catalog.reading.report import Report

FILE = ModelsFile("models.yaml", "mine", "77")


def read(text: str, report: Report | None = None) -> list[Entry]:
    return [*FILE.entries(text.encode(), report or Report())]


@pytest.mark.parametrize("text", ["", "models:", "models: []", "source: X", "source: 5\nmodels: ~"])
def test_a_file_without_models_is_no_error(text: str) -> None:
    assert read(text) == []


def test_a_model_is_shown_with_lists_and_times_even_if_it_has_none() -> None:
    assert read("models: [{name: a}]") == [
        Entry(
            {
                "name": "a",
                "source_id": "mine",
                "language": [],
                "tasks": [],
                "createTimeSinceEpoch": "77",
                "lastUpdateTimeSinceEpoch": "77",
            },
            [],
        )
    ]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("'1700000000000'", "1700000000000"),
        ("'-5'", "-5"),
        ("'007'", "7"),
        ("yesterday", "77"),
        ("'1.5'", "77"),
        ("~", "77"),
    ],
)
def test_times_are_decimal_texts(given: str, shown: str) -> None:
    assert read(f"models: [{{name: a, createTimeSinceEpoch: {given}}}]")[0].item["createTimeSinceEpoch"] == shown


def test_ids_of_the_file_are_not_used_but_external_ids_are() -> None:
    item = read("models: [{name: a, id: '5', source_id: other, externalId: e}]")[0].item
    assert (item["source_id"], item["externalId"], "id" in item) == ("mine", "e", False)


def test_names_of_keys_count_in_any_case_but_those_of_properties_stay() -> None:
    text = "models: [{NAME: a, customproperties: {Size: {METADATATYPE: MetadataStringValue, String_Value: big}}}]"
    assert read(text)[0].item["customProperties"] == {
        "Size": {"metadataType": "MetadataStringValue", "string_value": "big"}
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "models:\n- name: a\n- name: b\n  licence: mit",
            "models.yaml: line 3: model 'b': a model has no key 'licence'; did you mean 'license'?",
        ),
        ("models: [{name: 5}]", "model '5': name must be a text"),
        ("models: [{name: y}]", "line 1: a model: name must be a text, but is true"),
        ("models: [{Name: a, nam: b}]", "line 1: model 'a': a model has no key 'nam'"),
        ("models: [{nam: b}]", "line 1: a model: a model has no key 'nam'; did you mean 'name'?"),
        (
            "models: [{name: a, createTimeSinceEpoch: 5}]",
            'createTimeSinceEpoch must be a text, but is the number 5; put it in quotes: "5"',
        ),
        ("models: [{name: a, Name: b}]", "the key 'name' is set twice, in different case"),
        ("models: [{name: a, artifacts: 5}]", "artifacts must be a list, but is the number 5"),
        ("models: [{name: a, artifacts: [5]}]", "artifact 0 must be a mapping, but is the number 5"),
        ("models: [{name: a, artifacts: [{uri: 5}]}]", "artifact 0: uri must be a text"),
        (
            "models: [{name: a, artifacts: [{artifactType: x}]}]",
            'artifactType must be model-artifact or metrics-artifact, but is the text "x"',
        ),
        ("models: [{name: a, customProperties: [x]}]", "customProperties must be a mapping"),
        ("models: [text]", 'line 1: an entry of models must be a mapping with a name, but is the text "text"'),
        ("models: {a: 1}", "models must be a list, but is a mapping"),
        ("model: []", "a file of models has no key 'model'; did you mean 'models'?"),
        ("- name: a", "a file of models is a mapping with models, but this is a list"),
        ("models: [{name: a}]\nmodels2: [", "models.yaml: line 3: "),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_line_and_model(text: str, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("~", "line 3: an entry of models is empty"),
        ("{description: x}", "line 3: a model has no name"),
        ("{name: ''}", "line 3: a model has no name"),
        (f"{{name: {'n' * 256}}}", "has 256 characters; 255 are allowed"),
        ("{name: bad, artifacts: [~]}", "model 'bad': artifact 0 is empty"),
        (
            "{name: bad, artifacts: [{uri: 'ftp://x'}]}",
            'artifact 0: its uri "ftp://x" has the scheme ftp; it needs one of oci',
        ),
        ("{name: bad, artifacts: [{uri: 'oci://x'}, {}]}", "artifact 1: its uri is empty"),
        ("{name: bad, artifacts: [{uri: x/y}]}", 'its uri "x/y" has no scheme'),
        ("{name: bad, artifacts: [{uri: 'http://[x'}]}", 'its uri "http://[x" is no URI'),
    ],
)
def test_a_bad_model_is_left_out_and_named(model: str, words: str) -> None:
    report = Report()
    entries = read(f"models:\n- name: good\n- {model}\n- name: fine\n", report)
    assert [entry.item["name"] for entry in entries] == ["good", "fine"]
    assert [words in failure for failure in report.failures] == [True], report.failures


def test_metrics_of_an_unknown_kind_are_left_out_without_a_failure() -> None:
    report = Report()
    (entry,) = read("models: [{name: a, artifacts: [{artifactType: metrics-artifact, metricsType: x}]}]", report)
    assert (entry.parts, report.failures) == ([], [])


def test_an_artifact_keeps_its_name_and_loses_unknown_keys() -> None:
    (entry,) = read(
        "models: [{name: a, artifacts: [{URI: 's3://x', name: w, description: d, externalId: e, other: 1}]}]"
    )
    assert entry.parts == [
        {
            "artifactType": "model-artifact",
            "uri": "s3://x",
            "name": "w",
            "description": "d",
            "externalId": "e",
            "createTimeSinceEpoch": "77",
            "lastUpdateTimeSinceEpoch": "77",
        }
    ]


def test_patterns_choose_the_models_and_all_names_are_known() -> None:
    file = ModelsFile("models.yaml", "mine", "77", Patterns(["a/*"], ["*-draft"]))
    text = b"models: [{name: a/x}, {name: a/y-draft}, {name: b/z, artifacts: [{uri: bad}]}]"
    report = Report()
    assert [entry.item["name"] for entry in file.entries(text, report)] == ["a/x"]
    assert [*file.names(text, report)] == ["a/x", "a/y-draft", "b/z"]
    assert report.failures == []


def test_only_the_first_failures_are_kept() -> None:
    report = Report()
    read("models:\n" + "- ~\n" * 1000, report)
    assert (report.failed, len(report.failures)) == (1000, 101)


def test_messages_are_short_even_if_names_are_long() -> None:
    with pytest.raises(SourceError) as caught:
        read(f"models: [{{name: {'n' * 100_000}, {'k' * 100_000}: 5}}]")
    assert len(str(caught.value)) < 500


def test_fields_of_newer_catalogs_are_shown_as_they_are() -> None:
    (entry,) = read("models: [{name: a, validatedTasks: [x], servingConfig: {a: [{b: 1}]}}]")
    assert (entry.item["validatedTasks"], entry.item["servingConfig"]) == (["x"], {"a": [{"b": 1}]})
