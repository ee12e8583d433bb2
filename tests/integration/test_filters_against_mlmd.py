"""filterQuery through the real C++ store: fetching by `wide_query` and keeping by `matches` loses and adds no row.

A reference written here from the description of the language, without any of the package's code, decides each row by force.
Set MLMD_SERVER_BINARY to run the same over gRPC against Google's server.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.entities import LISTED_ARTIFACTS, ModelVersion, RegisteredModel
from converters.entity import Entity
from converters.filters import parse_filter
from model_registry_proxy.mlmd.filters import text as mlmd_text
from model_registry_proxy.mlmd.filters.narrowing import wide_query
from tests.support import processes
from tests.support.fake_store import need_filters

mlmd = pytest.importorskip("ml_metadata", reason="the ml-metadata wheel is not installed")
pb = pytest.importorskip("ml_metadata.proto.metadata_store_pb2")

Row = dict[str, Any]
Term = tuple[Any, ...]

TEXTS = [
    "", "x", "X", "abc", "ABC", "a_c", "a%c", "a'b", 'a"b', "a\"b'c", "a\\b", "a`b", "--", "a -- b", "\n", "a\tb", "é", "É", "日本",
    "\u212a", "K", "k", "İ", "i", "ß", "name", "id", "string_value", "custom_properties.k.int_value",
    "properties.owner.string_value",
    "state = LIVE", "state in (x)", "contexts_a.name", "x' OR '1'='1", 'x" OR "1"="1', "%", "_", "5", "-7", "007", "1.5", "?", "$1",
    "a:b", "\x01", "\U0001f600", "null", "true", "v1 ", " v1",
]  # fmt: skip
NAMES = [
    "k", "K", "a.b", "a b", "a-b", "a`b", "a\\b", "a'b", 'a"b', "é", "", "a%b", "--", "select", "string_value", "name x", "a(b",
    "properties.k", "mlflow.source.type", "mlflow.source_type", "state in x", "Upper", "and", "a\nb", "is_custom_property",
]  # fmt: skip
WHOLE = [0, 1, -1, 5, 7, 2**31, -(2**31) - 1, 2**62, 2**53 + 1, 2**53, 2**63, 10**30]
NUMBERS = [0.0, 0.5, -0.5, 1.0, 5.0, 1e-20, 0.123456789012, 1.2e-6, 1e20, -1e300, 3.1415926, 2.0**53, 7.0]
WRITTEN = [
    Decimal(text)
    for text in (
        "1.0", "5.0", "5.", "5e0", "50e-1", "+5.00", "4.5", "5.5", "-0.5", "0.0", "-1.0", "1E0", "0.123456789012", "1.2e-6",
        "9007199254740992.0", "9007199254740993.0", "9007199254740992.5", "9007199254740993.5", "1e20", "1e60",
        "5.0000000000000000001",
        "4611686018427387904.0", "9223372036854775807.0", "9223372036854775807.5", "-2147483649.0", "1e-400",
    )
]  # fmt: skip
"""Numbers as a person may write them: each keeps its value, not its spelling."""
STORED_WHOLE = [number for number in WHOLE if abs(number) < 2**63]


@dataclass(frozen=True)
class Store:
    """A store for the tests: its rows with their node ids, and the ids that a filter_query keeps."""

    rows: dict[str, list[Row]]
    keep: Callable[[str, str | None], list[str]]
    entities: dict[str, tuple[type[Entity], ...]]


# --- entities, put into MLMD and kept as REST rows ----------------------------------------------------------------------


class World:
    """Puts nodes into a store directly and notes the REST row of each."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.rows: dict[str, list[Row]] = {"models": [], "versions": [], "artifacts": []}
        self.types: dict[str, int] = {}
        for name, kind, properties in (
            ("kf.RegisteredModel", "context", {"owner": pb.STRING, "description": pb.STRING, "language": pb.STRUCT}),
            ("kf.ModelVersion", "context", {"author": pb.STRING, "state": pb.STRING}),
            ("kf.ExperimentRun", "context", {}),
            ("kf.Experiment", "context", {}),
            ("kf.ModelArtifact", "artifact", {"model_format_name": pb.STRING, "description": pb.STRING}),
            ("kf.Metric", "artifact", {"value": pb.DOUBLE, "step": pb.INT, "timestamp": pb.STRING}),
            ("kf.Parameter", "artifact", {"value": pb.STRING}),
        ):
            message = pb.ContextType if kind == "context" else pb.ArtifactType
            put = store.put_context_type if kind == "context" else store.put_artifact_type
            self.types[name] = put(message(name=name, properties=properties))

    def put(self, group: str, type_name: str, stored_name: str, row: Row, **properties: Any) -> int:
        """Puts one node; the row is the answer of REST, `properties` go into MLMD unchanged."""
        is_artifact = group == "artifacts"
        node = (pb.Artifact if is_artifact else pb.Context)(type_id=self.types[type_name], name=stored_name)
        for key, value in properties.items():
            if is_artifact and key in {"uri", "state"}:
                setattr(node, key, value)
            else:
                _set(node.properties[key], value)
        for key, value in row.get("customProperties", {}).items():
            _set(node.custom_properties[key], _content(value))
        if "externalId" in row:
            node.external_id = row["externalId"]
        [node_id] = (self.store.put_artifacts if is_artifact else self.store.put_contexts)([node])
        if group in self.rows:
            self.rows[group].append({"id": str(node_id), "customProperties": {}, **row})
        return int(node_id)


def _set(value: Any, content: Any) -> None:
    if isinstance(content, list):
        value.struct_value.update({"language": content})
    else:
        column = {str: "string_value", bool: "bool_value", int: "int_value", float: "double_value"}[type(content)]
        setattr(value, column, content)


def _content(value: Row) -> Any:
    if "int_value" in value:
        return int(value["int_value"])
    return next(content for key, content in value.items() if key != "metadataType")


def _custom(content: Any) -> Row:
    match content:
        case bool():
            return {"metadataType": "MetadataBoolValue", "bool_value": content}
        case int():
            return {"metadataType": "MetadataIntValue", "int_value": str(content)}
        case float():
            return {"metadataType": "MetadataDoubleValue", "double_value": content}
        case _:
            return {"metadataType": "MetadataStringValue", "string_value": content}


def _fill(store: Any) -> dict[str, list[Row]]:
    world = World(store)
    models = [_model(world, number) for number in range(len(TEXTS))]
    versions = [_version(world, models[number % 3], number) for number in range(len(TEXTS))]
    store.put_parent_contexts([pb.ParentContext(child_id=c, parent_id=models[n % 3]) for n, c in enumerate(versions)])
    experiments = [world.put("", "kf.Experiment", f"e{number}", {}) for number in range(2)]
    runs = [(world.put("", "kf.ExperimentRun", f"{experiments[n % 2]}:r{n}", {}), experiments[n % 2]) for n in range(4)]
    attributions = []
    for number in range(60):
        own = [runs[number % 4]] if number % 5 else [runs[0], runs[3]] if number % 2 else []
        artifact = _artifact(world, number, own)
        attributions += [pb.Attribution(artifact_id=artifact, context_id=run) for run, _ in own]
        attributions.append(pb.Attribution(artifact_id=artifact, context_id=versions[number % 7]))
    store.put_attributions_and_associations(attributions, [])
    return world.rows


def _custom_properties(number: int) -> Row:
    """Each name occurs with several types, and each text and number occurs."""
    some: Row = {}
    for offset, name in enumerate(NAMES):
        choice = (number * 7 + offset) % 9
        if choice < 4:
            some[name] = _custom(TEXTS[(number + offset) % len(TEXTS)])
        elif choice == 4:
            some[name] = _custom(STORED_WHOLE[(number + offset) % len(STORED_WHOLE)])
        elif choice == 5:
            some[name] = _custom(NUMBERS[(number + offset) % len(NUMBERS)])
        elif choice == 6:
            some[name] = _custom(number % 2 == 0)
    return some


def _model(world: World, number: int) -> int:
    text, other = TEXTS[number], TEXTS[(number * 3 + 1) % len(TEXTS)]
    name = text or "m"
    row: Row = {"name": name, "customProperties": _custom_properties(number)}
    properties: Row = {}
    if other and number % 4:
        row["owner"] = properties["owner"] = other
    if number % 3 == 0:
        row["language"] = properties["language"] = ["en", other or "fr"]
    if number % 5 == 0:
        row["externalId"] = f"ext-{text}-{number}"
    return world.put("models", "kf.RegisteredModel", name, row, **properties)


def _version(world: World, model: int, number: int) -> int:
    text = TEXTS[number]
    row: Row = {"name": text, "registeredModelId": str(model), "customProperties": _custom_properties(number + 3)}
    properties: Row = {}
    if number % 2:
        row["state"] = properties["state"] = "LIVE" if number % 3 else "ARCHIVED"
    prefix = f"00{model}" if number % 6 == 0 else str(model)  # as a client of the Go proxy may have sent it
    return world.put("versions", "kf.ModelVersion", f"{prefix}:{text}", row, **properties)


def _artifact(world: World, number: int, runs: list[tuple[int, int]]) -> int:
    text = TEXTS[number % len(TEXTS)]
    prefix = "0b9ef3bc-7a5f-4a0e-9c3f-5b8f5a0e9c3f" if number % 2 else "12"
    row: Row = {"name": f"{text}{number}", "customProperties": _custom_properties(number + 5)}
    properties: Row = {}
    if number % 3:
        states = ["UNKNOWN", "PENDING", "LIVE", "MARKED_FOR_DELETION", "DELETED", "ABANDONED", "REFERENCE"]
        row["state"] = states[number % 7]
        properties["state"] = number % 7
    if len(runs) == 1:
        row["experimentRunId"], row["experimentId"] = (str(part) for part in runs[0])
    elif runs:
        row["experimentRunId"], row["experimentId"] = ([str(run[part]) for run in runs] for part in (0, 1))
    type_name = ("kf.ModelArtifact", "kf.Metric", "kf.Parameter")[number % 3]
    if type_name == "kf.ModelArtifact":
        row["uri"] = properties["uri"] = f"s3://{text}"
        if text:
            row["modelFormatName"] = properties["model_format_name"] = text
    elif type_name == "kf.Metric":
        row["value"] = properties["value"] = NUMBERS[number % len(NUMBERS)]
        row["step"] = properties["step"] = number % 8
        row["timestamp"] = properties["timestamp"] = ["5", "007", "-7", "soon", "1700000000000"][number % 5]
    else:
        row["value"] = properties["value"] = text
    return world.put("artifacts", type_name, f"{prefix}:{text}{number}", row, **properties)


# --- stores -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["embedded", "server"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The entities in a store of the wheel, and in Google's server."""
    opened = _embedded() if request.param == "embedded" else _server(tmp_path_factory.mktemp("mlmd"))
    for client in opened:
        rows = _fill(client)
        artifact_types = tuple(
            e for e in LISTED_ARTIFACTS if e.stored_as in {"kf.ModelArtifact", "kf.Metric", "kf.Parameter"}
        )
        entities: dict[str, tuple[type[Entity], ...]] = {
            "models": (RegisteredModel,),
            "versions": (ModelVersion,),
            "artifacts": artifact_types,
        }
        types = {name: client.get_context_type(name).id for name in ("kf.RegisteredModel", "kf.ModelVersion")}

        def keep(group: str, query: str | None, client: Any = client, types: dict[str, int] = types) -> list[str]:
            own = {"models": "kf.RegisteredModel", "versions": "kf.ModelVersion"}.get(group)
            parts = [f"type_id = {types[own]}"] if own else []
            parts += [query] if query else []
            options = mlmd.ListOptions(filter_query=" AND ".join(parts)) if parts else None
            nodes = client.get_contexts(options) if own else client.get_artifacts(options)
            return [str(node.id) for node in nodes]

        yield Store(rows, keep, entities)


def _embedded() -> Iterator[Any]:
    need_filters()
    config = pb.ConnectionConfig()
    config.fake_database.SetInParent()
    yield mlmd.MetadataStore(config)


def _server(folder: Path) -> Iterator[Any]:
    if reason := processes.why_no_google_server():
        pytest.skip(reason)
    with processes.mlmd_server(folder, processes.sqlite_connection(folder / "registry.db")) as (_, port):
        yield mlmd.MetadataStore(pb.MetadataStoreClientConfig(host="127.0.0.1", port=port))


# --- the reference: terms are ("=", name, suffix, literal) and the like; None is unknown ---------------------------------

WHOLE_FIELDS = {"id", "registeredModelId", "step", "experimentId", "experimentRunId"}


def decide(term: Term, row: Row, fields: set[str]) -> bool | None:
    """The verdict of the language's description on one row."""
    match term:
        case ("not", inner):
            verdict = decide(inner, row, fields)
            return None if verdict is None else not verdict
        case ("and", *inner):
            return _kleene([decide(one, row, fields) for one in inner], False)
        case ("or", *inner):
            return _kleene([decide(one, row, fields) for one in inner], True)
        case ("in", name, suffix, literals):
            return _kleene([decide(("=", name, suffix, literal), row, fields) for literal in literals], True)
        case ("null", name, suffix):
            return not _candidates(name, suffix, row, fields)
        case (operator, name, suffix, literal):
            verdicts = [
                _compare(operator, kind, value, literal) for kind, value in _candidates(name, suffix, row, fields)
            ]
            if True in verdicts:
                return True
            return None if not verdicts or None in verdicts else False
    raise AssertionError(term)


def _kleene(verdicts: list[bool | None], decisive: bool) -> bool | None:
    if decisive in verdicts:
        return decisive
    return None if None in verdicts else not decisive


def _candidates(name: str, suffix: str | None, row: Row, fields: set[str]) -> list[tuple[str, Any]]:
    """The type and value of each field and custom property of that name in the row."""
    if name in fields:
        value = row.get(name)
        values = value if isinstance(value, list) else [] if value is None else [value]
        kind = "whole" if name in WHOLE_FIELDS else "time" if name == "timestamp" else "plain"
        return [(kind, one) for one in values]
    found = row["customProperties"].get(name)
    if found is None:
        return []
    [(key, value)] = [(key, value) for key, value in found.items() if key != "metadataType"]
    if suffix is None:
        return [("untyped " + key, int(value) if key == "int_value" else value)]
    return [("typed", int(value) if key == "int_value" else value)] if suffix == key else []


def _compare(operator: str, kind: str, value: Any, literal: Any) -> Any:
    if operator in {"like", "ilike"}:
        return _like(value, literal, operator == "ilike") if isinstance(value, str) and kind != "whole" else None
    if kind == "whole" or (kind == "time" and _digits(value) and (_digits(literal) or not isinstance(literal, str))):
        value, literal = int(value), int(literal) if isinstance(literal, str) else literal
    if isinstance(value, float) and isinstance(literal, Decimal):
        # A decimal means the double nearest to it; but where it is a whole number of 64 bits, it means just that.
        is_whole = literal == literal.to_integral_value() and abs(literal) <= 2**63
        literal = int(literal) if is_whole else float(literal)
    if isinstance(value, bool) or isinstance(literal, bool):
        if not (isinstance(value, bool) and isinstance(literal, bool)):
            return None
    elif isinstance(value, str) is not isinstance(literal, str):
        return None
    return {
        "=": value == literal,
        "<": value < literal,
        "<=": value <= literal,
        ">": value > literal,
        ">=": value >= literal,
    }[operator]


def _digits(value: Any) -> bool:
    return re.fullmatch(r"[+-]?[0-9]+", str(value)) is not None


def _like(text: str, pattern: str, ignores_case: bool) -> bool:
    if ignores_case:
        text, pattern = text.lower(), pattern.lower()
    tokens = re.findall(r"\\[\\%_]|.", pattern, re.DOTALL)
    expression = "".join(
        ".*" if t == "%" else "." if t == "_" else re.escape(t[-1] if len(t) > 1 else t) for t in tokens
    )
    return re.fullmatch(expression, text, re.DOTALL) is not None


# --- from terms to the text of a query ----------------------------------------------------------------------------------


def write(term: Term) -> str:
    """The text of a term in the language."""
    match term:
        case ("not", inner):
            return f"NOT ({write(inner)})"
        case ("and" | "or" as word, *inner):
            return "(" + f" {word.upper()} ".join(write(one) for one in inner) + ")"
        case ("in", name, suffix, literals):
            return f"{_path(name, suffix)} in ({', '.join(map(_literal, literals))})"
        case ("null", name, suffix):
            return f"{_path(name, suffix)} IS NULL"
        case (operator, name, suffix, literal):
            return f"{_path(name, suffix)} {operator} {_literal(literal)}"
    raise AssertionError(term)


def _path(name: str, suffix: str | None) -> str:
    path = "`" + name.replace("\\", "\\\\").replace("`", "\\`").replace(".", "\\.") + "`"
    return path if suffix is None else f"{path}.{suffix}"


def _literal(content: Any) -> str:
    if isinstance(content, bool):
        return str(content).lower()
    if not isinstance(content, str):
        return str(content)
    return '"' + content.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


# --- terms at random ----------------------------------------------------------------------------------------------------

texts = st.sampled_from(TEXTS) | st.text(st.sampled_from("aAkKbcx%_\\'\"`-.: é日\n1"), max_size=6)
patterns = st.builds(lambda a, b, c: a + b + c, st.sampled_from(["", "%"]), texts, st.sampled_from(["", "%", "_"]))
whole = st.sampled_from(WHOLE)
numbers = st.sampled_from(NUMBERS) | st.floats(-10, 10) | st.sampled_from(WRITTEN)
orders = st.sampled_from(["=", "=", "<", "<=", ">", ">="])
suffixes = st.sampled_from([None, None, None, "string_value", "int_value", "double_value", "bool_value"])


def conditions_on(
    names: st.SearchStrategy[str], literals: st.SearchStrategy[Any], *, likes: bool
) -> st.SearchStrategy[Term]:
    """Every form of condition that fits literals of one type."""
    kinds = [
        st.tuples(orders, names, st.none(), literals),
        st.tuples(st.just("in"), names, st.none(), st.lists(literals, max_size=3)),
        st.tuples(st.just("null"), names, st.none()),
    ]
    if likes:
        kinds.append(st.tuples(st.sampled_from(["like", "ilike"]), names, st.none(), patterns))
    return st.one_of(kinds)


custom = st.sampled_from(NAMES)
of_custom = st.one_of(
    st.tuples(orders, custom, suffixes, texts | whole | numbers),
    st.tuples(st.just("="), custom, suffixes, st.booleans()),
    st.tuples(st.sampled_from(["like", "ilike"]), custom, suffixes, patterns),
    st.tuples(st.just("in"), custom, suffixes, st.lists(texts | whole | numbers | st.booleans(), max_size=3)),
    st.tuples(st.just("null"), custom, suffixes),
)
small = st.integers(0, 130)
leaves = {
    "models": conditions_on(st.sampled_from(["name", "owner", "externalId", "language"]), texts, likes=True)
    | conditions_on(st.just("id"), small | numbers, likes=False),
    "versions": conditions_on(st.sampled_from(["name", "state", "author"]), texts, likes=True)
    | conditions_on(st.sampled_from(["id", "registeredModelId"]), small, likes=False),
    "artifacts": conditions_on(st.sampled_from(["name", "uri", "modelFormatName", "value"]), texts, likes=True)
    | conditions_on(st.just("state"), st.sampled_from(["LIVE", "UNKNOWN", "REFERENCE", "nonsense"]), likes=True)
    | conditions_on(st.just("timestamp"), texts | whole | numbers, likes=True)
    | conditions_on(st.just("value"), numbers | whole | texts, likes=False)
    | conditions_on(st.sampled_from(["step", "id"]), small | whole | numbers, likes=False)
    | conditions_on(st.sampled_from(["experimentId", "experimentRunId"]), st.integers(90, 110), likes=False),
}
FIELDS = {
    "models": {"name", "owner", "externalId", "language", "id"},
    "versions": {"name", "state", "author", "id", "registeredModelId"},
    "artifacts": {
        "name", "uri", "modelFormatName", "value", "state", "timestamp", "step", "id", "experimentId", "experimentRunId",
    },
}  # fmt: skip


def trees(group: str) -> st.SearchStrategy[tuple[str, Term]]:
    """A group of rows and a query about them; many queries are conjunctions, since MLMD gets these."""
    leaf = leaves[group] | of_custom
    tree = st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(st.just("not"), inner),
            st.tuples(st.just("and"), inner, inner),
            st.tuples(st.just("or"), inner, inner),
            st.tuples(st.just("and"), inner, inner, inner),
        ),
        max_leaves=6,
    )
    return st.tuples(st.just(group), tree)


@given(case=st.one_of([trees(group) for group in leaves]))
def test_what_mlmd_keeps_and_the_filter_matches_is_what_the_language_means(
    store: Store, case: tuple[str, Term]
) -> None:
    group, term = case
    _check(store, group, term)


def _check(store: Store, group: str, term: Term) -> str | None:
    found = parse_filter(write(term), store.entities[group])
    assert found is not None
    kept = store.keep(group, wide_query(found))
    assert len(kept) == len(set(kept)), "a join must not repeat rows"
    rows = store.rows[group]
    expected = [row["id"] for row in rows if decide(term, row, FIELDS[group]) is True]
    assert [row["id"] for row in rows if found.matches(row)] == expected, "the evaluation itself"
    assert set(expected) <= set(kept), f"narrower than the query: {wide_query(found)}"
    return wide_query(found)


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_found_under_every_name(store: Store, name: str) -> None:
    for number, text in enumerate(TEXTS):
        term = ("=", name, None, text) if number % 2 else ("like", name, None, f"%{text}")
        _check(store, "models", term)


def test_every_text_is_found_in_every_field(store: Store) -> None:
    for text in TEXTS:
        for group, name in (("models", "name"), ("models", "owner"), ("versions", "name"), ("artifacts", "value")):
            for term in (("=", name, None, text), ("ilike", name, None, text), ("in", name, None, [text, "x"])):
                _check(store, group, term)


def test_known_traps_lose_no_row(store: Store) -> None:
    both = ("and", ("like", "mlflow.source.type", None, "%"), ("like", "mlflow.source_type", None, "%"))
    runs = [row["experimentRunId"] for row in store.rows["artifacts"] if isinstance(row.get("experimentRunId"), list)]
    in_two = ("and", *(("=", "experimentRunId", None, int(run)) for run in runs[0]))
    traps: list[tuple[str, Term]] = [
        ("models", ("and", both, ("like", "mlflow-source-type", None, "%"))),
        ("models", both),
        ("models", ("ilike", "name", None, "k")),
        ("models", ("ilike", "name", None, "i̇")),
        ("artifacts", in_two),
        *(("artifacts", (order, "value", None, number)) for number in NUMBERS for order in ("=", "<=", ">=")),
        *(("models", (order, "k", None, number)) for number in NUMBERS for order in ("=", "<=", ">=")),
        *(("versions", ("in", "registeredModelId", None, [number])) for number in range(10)),
    ]
    for group, term in traps:
        _check(store, group, term)
        meant = [row for row in store.rows[group] if decide(term, row, FIELDS[group])]
        assert meant or term[0] in {"=", "<=", ">=", "in"} or "mlflow-source-type" in str(term), term


def test_the_filters_that_clients_use_fetch_the_very_rows(store: Store) -> None:
    run, model = _a_run(store), store.rows["versions"][1]["registeredModelId"]
    exact: list[tuple[str, Term]] = [
        ("models", ("=", "name", None, "abc")),
        ("models", ("=", "owner", None, "日本")),
        ("models", ("and", (">", "k", None, 1), ("=", "mlflow.source.type", None, "abc"))),
        ("versions", ("and", ("=", "name", None, "v1 "), (">", "id", None, 3))),
        ("versions", ("=", "registeredModelId", None, int(model))),
        ("artifacts", ("and", ("=", "step", None, 4), (">", "value", None, 0.25))),
        ("artifacts", ("and", ("=", "experimentRunId", None, int(run)), ("=", "state", None, "LIVE"))),
    ]
    for group, term in exact:
        query = _check(store, group, term)
        assert query is not None
        meant = {row["id"] for row in store.rows[group] if decide(term, row, FIELDS[group])}
        assert set(store.keep(group, query)) == meant, query


def _a_run(store: Store) -> str:
    return next(run for row in store.rows["artifacts"] if isinstance(run := row.get("experimentRunId"), str))


def test_the_conditions_that_the_proxy_adds_do_not_disturb_a_filter(store: Store) -> None:
    rows, run = store.rows, _a_run(store)
    model = rows["versions"][0]["registeredModelId"]
    cases: list[tuple[str, str, Term, str, str]] = [
        ("artifacts", f"contexts_p.id = {run}", (">", "experimentRunId", None, 0), "experimentRunId", run),
        ("artifacts", f"contexts_p.id = {run}", ("=", "state", None, "LIVE"), "experimentRunId", run),
        (
            "versions",
            f"parent_contexts_p.id = {model}",
            ("=", "registeredModelId", None, int(model)),
            "registeredModelId",
            model,
        ),
        ("versions", f"parent_contexts_p.id = {model}", ("like", "k", None, "%"), "registeredModelId", model),
    ]
    for group, own, term, field, value in cases:
        found = parse_filter(write(term), store.entities[group])
        assert found is not None
        kept = store.keep(group, f"{wide_query(found)} AND {own}")
        assert len(kept) == len(set(kept))
        mine = [row for row in rows[group] if value in (row.get(field) or [])]
        expected = {row["id"] for row in mine if decide(term, row, FIELDS[group])}
        assert expected
        assert expected <= set(kept) <= {row["id"] for row in mine}


@pytest.mark.parametrize(
    "query",
    [
        "name IN (" + ", ".join(f'"{n}"' for n in range(1000)) + ")",
        " OR ".join(f"id = {n}" for n in range(600)),
        " AND ".join(f"k{n} = 1" for n in range(600)),
        "id IN (" + ", ".join(map(str, range(1200))) + ")",
        "(" * 100 + "id = 1" + ")" * 100,
        "".join(f"(id > {n} {('AND', 'OR')[n % 2]} NOT " for n in range(90)) + "(id = 1)" + ")" * 90,
        'name LIKE "' + "%a" * 2000 + '"',
        'k = "' + "x" * 8000 + '"',
    ],
    ids=lambda query: query[:20],
)
def test_mlmd_can_answer_the_largest_queries(store: Store, query: str) -> None:
    for group, entities in store.entities.items():
        found = parse_filter(query, entities)
        assert found is not None
        assert set(store.keep(group, wide_query(found))) >= {
            row["id"] for row in store.rows[group] if found.matches(row)
        }


def test_every_column_of_mlmd_is_known_as_a_word_that_sqlite_would_misread(tmp_path: Path) -> None:
    config = pb.ConnectionConfig()
    config.sqlite.filename_uri = str(tmp_path / "registry.db")
    config.sqlite.connection_mode = 3
    mlmd.MetadataStore(config)
    with sqlite3.connect(tmp_path / "registry.db") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in tables if not name.startswith("sqlite_")]
        columns = {row[1] for table in tables for row in database.execute(f"PRAGMA table_info('{table}')")}
    assert columns - mlmd_text.COLUMN_NAMES == set()
