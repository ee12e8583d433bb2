"""Filters of models and servers: what each condition finds, and how conditions on artifacts are joined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.errors import FilterError
from converters.filters.evaluation import compile_test
from converters.filters.names import Subject
from converters.filters.parser import parse
from converters.filters.tree import Path
from model_catalog.entries import AssetType
from model_catalog.index.fields import ARTIFACT, MODEL, FieldTable
from model_catalog.index.queries import Query

from .made import artifact, catalog_of, found, model, models_of, server

FLEET = models_of(
    model(
        "a/one", artifact(h="A10", n=1, quant="int4"), artifact(h="H100", n=4), provider="Ann", language=["en", "nl"]
    ),
    model(
        "a/two",
        artifact(h="A10", n=4),
        provider="Bob",
        tasks=["chat"],
        custom={"params": 9, "notes": '["fast","small"]'},
    ),
    model(
        "a/three", artifact(h="L4", n=2.5, quant="fp8"), custom={"params": 9.0, "tier": "gold", "provider": "hidden"}
    ),
    model("a/four", provider="Ann", license="MIT", libraryName="vllm", custom={"params": 3, "gated": True}),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name = 'a/one'", "one"),
        ("name != 'a/one'", "four three two"),
        ("name IN ('a/one', 'a/two', 'x')", "one two"),
        ("name NOT IN ('a/one')", "four three two"),
        ("name LIKE 'a/t%'", "three two"),
        ("name ILIKE 'A/T%'", "three two"),
        ("name = 'a:a/one'", "one"),
        ("name = 'b:a/one'", ""),
        ("source_id = 'a'", "four one three two"),
        ("provider = 'Ann'", "four one"),
        ("provider = \"Ann\" AND NOT license = 'MIT'", ""),
        ("provider.string_value = 'Ann'", "four one"),
        ("custom_properties.provider = 'hidden'", "three"),
        ("provider != 'Ann'", "two"),
        ("provider IS NULL", "three"),
        ("NOT provider IS NULL", "four one two"),
        ("NOT (provider = 'Ann' OR params > 100)", "two"),
        ("library_name = 'vllm'", "four"),
        ("libraryName = 'vllm'", "four"),
        ("language = 'en'", "one"),
        ("language = 'nl' OR tasks = 'chat'", "one two"),
        ("language != 'en'", "four three two"),
        ("language IN ('xx', 'nl')", "one"),
        ("language LIKE 'e_'", "one"),
        ("language LIKE '%\"nl\"%'", "one"),
        ("language IS NULL", "four three two"),
        ("params = 9", "three two"),
        ("params = 9.0", "three two"),
        ("params IN (3, 9)", "four three two"),
        ("params.int_value = 9", "two"),
        ("params.double_value = 9", "three"),
        ("params >= 3.5", "three two"),
        ("params = '9'", ""),
        ("gated = true", "four"),
        ("gated = TRUE or tier = 'gold'", "four three"),
        ("notes.array_value = 'fast'", "two"),
        ("notes.array_value IN ('x', 'small')", "two"),
        ("notes.array_value != 'fast'", ""),
        ("notes LIKE '%fast%'", "two"),
        ("`params.int_value` = 9", "two"),
        ("nosuch = 1", ""),
        ("nosuch != 1", ""),
        ("nosuch IS NULL", "four one three two"),
    ],
)
def test_conditions_on_models(text: str, expected: str) -> None:
    assert found(FLEET, text) == [f"a/{name}" for name in expected.split()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("artifacts.h = 'A10'", "one two"),
        ("`artifacts.h` = 'A10'", "one two"),
        ("artifacts.`h` = 'A10'", "one two"),
        ("artifacts.h.string_value = 'A10'", "one two"),
        ("artifacts.h = 'A10' AND artifacts.n = 4", "two"),
        ("(artifacts.h = 'A10' AND provider != 'x') AND artifacts.n = 4", "two"),
        ("artifacts.h = 'A10' AND (artifacts.n = 4 OR artifacts.quant = 'int4')", "one two"),
        ("artifacts.h = 'H100' AND (artifacts.n = 1 OR artifacts.quant = 'int4')", ""),
        ("artifacts.h = 'H100' OR artifacts.n = 2.5", "one three"),
        ("artifacts.h = 'L4' OR provider = 'Bob'", "three two"),
        ("(artifacts.h = 'A10' AND artifacts.n = 1) OR (artifacts.h = 'L4' AND tier = 'gold')", "one three"),
        ("artifacts.quant != 'int4'", "three"),
        ("artifacts.h != 'A10'", "one three"),
        ("NOT artifacts.h = 'A10'", "one three"),
        ("NOT (artifacts.h = 'A10' OR artifacts.h = 'L4')", "one"),
        ("NOT (provider = 'Bob' OR artifacts.h = 'A10')", "one"),
        ("artifacts.h = 'A10' AND artifacts.quant IS NULL", "two"),
        ("artifacts.quant IS NOT NULL", "one three"),
        ("artifacts.n > 2 AND artifacts.n < 3", "three"),
        ("artifacts.artifactType = 'model-artifact'", ""),
        ("artifacts.nosuch = 1", ""),
    ],
)
def test_conditions_on_artifacts_that_are_joined_hold_for_one_artifact(text: str, expected: str) -> None:
    assert found(FLEET, text) == [f"a/{name}" for name in expected.split()]


@pytest.mark.parametrize(
    "text",
    [
        "provider > 5",
        "id = 'x'",
        "params.int_value = 'x'",
        "params.int_value LIKE '9'",
        "language = 4",
        "artifacts.uri > 5",
    ],
)
def test_values_of_another_type_are_refused(text: str) -> None:
    with pytest.raises(FilterError, match=r"^invalid filter query, type mismatch or invalid value in comparison: "):
        found(FLEET, text)


@pytest.mark.parametrize("text", ["x =", "x", "(x = 1", "x CONTAINS 'a'", "x = 'a", "x = y"])
def test_malformed_filters_are_refused(text: str) -> None:
    with pytest.raises(FilterError, match=r"^invalid filter query syntax: "):
        found(FLEET, text)


def test_fields_of_servers_are_flat_and_may_be_true_or_false() -> None:
    servers = catalog_of(
        {
            "s": [
                server("a", securityIndicators={"sast": True}, tags=["sea"], endpoints={"http": "https://x"}),
                server("b", securityIndicators={"sast": False}, artifacts=[{"uri": "oci://b"}]),
                server("c"),
            ]
        },
        AssetType.MCP_SERVERS,
    ).servers
    for text, expected in {
        "sast = true": "a",
        "sast != true": "b",
        "base_name = 'c'": "c",
        "tags = 'sea' OR name = 'c'": "a c",
        "endpoints LIKE '%https://x%'": "a",
        "artifacts LIKE '%oci://%'": "b",
        "sast IS NULL": "c",
    }.items():
        assert found(servers, text) == expected.split(), text
    with pytest.raises(FilterError, match="sast is true or false"):
        found(servers, "sast = 'yes'")


def test_filters_of_artifacts_see_their_type_and_fields() -> None:
    parts = [artifact(uri="oci://x", h="A10"), artifact(metricsType="accuracy-metrics", h="A10")]
    table = models_of(model("a", *parts))

    def sizes(text: str) -> int:
        return table.parts(0, Query(filter=text)).size

    assert sizes("artifactType = 'model-artifact'") == 1
    assert sizes("metricsType = 'accuracy-metrics'") == 1
    assert sizes("h = 'A10'") == 2
    assert sizes("artifacts.h = 'A10' AND uri LIKE 'oci:%'") == 1


class AsNames:
    """A table of the catalog for the shared evaluation of whole rows."""

    def __init__(self, table: FieldTable) -> None:
        self._table = table

    def subject(self, path: Path) -> Subject:
        return self._table.meaning(path)[0]


VALUES = st.one_of(st.sampled_from(["x", "y", "5"]), st.integers(4, 6), st.sampled_from([4.5, 5.0]), st.booleans())
ROWS = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(("p", "q", "r"), VALUES)), min_size=1, max_size=6)
LEAVES = st.builds(
    "{}{} {} {}".format,
    st.sampled_from(["p", "q", "r"]),
    st.just(""),
    st.sampled_from(["=", "!=", "<", ">="]),
    st.sampled_from(["'x'", "'5'", "5", "4.5", "6"]),
) | st.sampled_from(["p = true", "p IS NULL", "q LIKE 'x%'", "r IN (5, 'x')", "r NOT IN ('y')", "p IN ()"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("NOT ({})".format, inner),
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
    ),
    max_leaves=6,
)


@given(ROWS, TREES)
def test_sets_of_models_are_those_that_the_shared_evaluation_decides(rows: list[dict[str, object]], text: str) -> None:
    entries = [model(str(number), custom=row) for number, row in enumerate(rows)]
    node = parse(text)
    assert node
    test = compile_test(node, AsNames(MODEL))
    expected = [str(number) for number, entry in enumerate(entries) if test(entry.item) is True]
    assert found(models_of(*entries), text) == expected


@given(st.lists(ROWS, min_size=1, max_size=4), TREES)
def test_a_tree_about_artifacts_finds_models_with_an_artifact_for_which_it_is_true(
    models: list[list[dict[str, object]]], text: str
) -> None:
    entries = [model(str(number), *(artifact(**row) for row in rows)) for number, rows in enumerate(models)]
    node = parse(text)
    assert node
    test = compile_test(node, AsNames(ARTIFACT))
    expected = [e.item["name"] for e in entries if any(test(part) is True for part in e.parts)]
    about_artifacts = text
    for name in "pqr":
        about_artifacts = about_artifacts.replace(f"{name} ", f"artifacts.{name} ")
    assert found(models_of(*entries), about_artifacts) == expected
