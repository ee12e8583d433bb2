"""Makes of MLflow's conditions the trees of filterQuery.

What the store knows of a row goes into a tree for the list, so that MLMD may narrow it. What only the row as it is shown to MLflow
has (the name of a version's model, its number, its source) goes into a second tree, for shown rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from converters.entity import Entity, Field, Id, Stored
from converters.errors import FilterError
from converters.filters import Filter
from converters.filters.evaluation import compile_test
from converters.filters.filter import filter_of
from converters.filters.names import Subject
from converters.filters.tree import (
    And,
    Comparison,
    In,
    IsNull,
    Like,
    Node,
    Operator,
    Or,
    Path,
    Value,
    ValueType,
    negate,
)
from converters.mlflow_filters.parser import Condition, parse

PROMPT = "mlflow.prompt.is_prompt"
"""The tag of prompts, which MLflow keeps as models."""
_TEXT_OPERATORS = ("=", "!=", "LIKE", "ILIKE")
_LIST_OPERATORS = (*_TEXT_OPERATORS, "IN", "NOT IN")
_NUMBER_OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
_NUMBERED = "version_number"
_OF_VERSION: Mapping[str, tuple[str, ...]] = {
    "name": _LIST_OPERATORS,
    "run_id": _LIST_OPERATORS,
    "source_path": _TEXT_OPERATORS,
    _NUMBERED: _NUMBER_OPERATORS,
}
_OF_MODEL: Mapping[str, tuple[str, ...]] = {"name": _LIST_OPERATORS}
_SHOWN_AS = {"name": "name", "source_path": "source", _NUMBERED: "version"}

RowTest = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class ModelSearch:
    """What models are searched. `filter`: for the list of models."""

    filter: Filter


@dataclass(frozen=True, slots=True)
class VersionSearch:
    """What versions are searched.

    Attributes:
        filter: For the list of versions.
        model_name: The name of the only model whose versions are wanted, if there is one.
        shown: The test of rows as they are shown, which have `name`, `version` and `source`; `None` if there is none.
        needs_source: Whether that test looks at `source`.
        meaning: A text that is equal for equal tests of shown rows.
    """

    filter: Filter
    model_name: str | None
    shown: RowTest | None
    needs_source: bool
    meaning: str


def model_search(text: str | None, entity: type[Entity]) -> ModelSearch:
    """Returns the search for models of a text, which are rows of `entity`. Raises `FilterError`."""
    conditions = _checked(text, _OF_MODEL)
    nodes = [_node(each, _tag(each.key) if each.is_tag else Path(each.key, None, "")) for each in _others(conditions)]
    return ModelSearch(filter_of(_joined([*nodes, _of_prompts(conditions)]), (entity,)))


def version_search(text: str | None, entity: type[Entity], run_property: str) -> VersionSearch:
    """Returns the search for versions of a text. `run_property` is the custom property with the run. Raises `FilterError`."""
    conditions = _checked(text, _OF_VERSION)
    stored: list[Node] = [_of_prompts(conditions)]
    shown: list[Node] = []
    named: list[str] = []
    for each in _others(conditions):
        if each.is_tag:
            stored.append(_node(each, _tag(each.key)))
        elif each.key == "run_id":
            stored.append(_node(each, _tag(run_property)))
        elif each.key == "name" and each.operator == "=" and not named:
            named.append(str(each.value))
        else:
            shown.append(_node(each, Path(_SHOWN_AS[each.key], None, "")))
    test = filter_test(_joined(shown)) if shown else None
    return VersionSearch(
        filter_of(_joined(stored), (entity,)),
        named[0] if named else None,
        test,
        any(each.key == "source_path" and not each.is_tag for each in conditions),
        repr(shown),
    )


def _checked(text: str | None, attributes: Mapping[str, Sequence[str]]) -> tuple[Condition, ...]:
    """Returns the conditions of a text; raises `FilterError` for an unknown key, or an operator that it does not take."""
    found = parse(text)
    for each in found:
        if each.is_tag:
            allowed: Sequence[str] = _TEXT_OPERATORS
        elif each.key in attributes:
            allowed = attributes[each.key]
        else:
            raise FilterError(f"Invalid attribute key '{each.key}' specified. Valid keys are '{', '.join(attributes)}'")
        if each.operator not in allowed:
            what = "tag" if each.is_tag else f"attribute {each.key}"
            raise FilterError(f"Invalid comparator for {what}: {each.operator}. Use one of {', '.join(allowed)}.")
        _check_value(each)
    return found


def _check_value(condition: Condition) -> None:
    value = condition.value
    if not condition.is_tag and condition.key == _NUMBERED:
        if isinstance(value, float) or (isinstance(value, str) and not value.removeprefix("-").isdecimal()):
            raise FilterError(f"Invalid value for numeric attribute '{_NUMBERED}': {value!r}")
    elif not isinstance(value, str | tuple):
        raise FilterError(f"Expected a quoted string value for {condition.key} (e.g. 'my-value'). Got value {value}")


def _others(conditions: Sequence[Condition]) -> Sequence[Condition]:
    """Returns the conditions on anything but the tag of prompts."""
    return [each for each in conditions if not (each.is_tag and each.key == PROMPT)]


def _of_prompts(conditions: Sequence[Condition]) -> Node:
    """Returns the condition for prompts, or for all else: rows are not prompts unless the text asks for these."""
    path, on_prompts = _tag(PROMPT), [each for each in conditions if each.is_tag and each.key == PROMPT]
    wants = [(each.operator, str(each.value).lower()) for each in on_prompts]
    if wants and wants[0] in (("=", "true"), ("!=", "false")):
        return _joined([_node(each, path) for each in on_prompts])
    is_one = Comparison(path, Operator.EQUAL, Value("true", ""))
    return Or((IsNull(path), negate(is_one)))


def _tag(key: str) -> Path:
    """A custom property that is a text, whatever its name is."""
    return Path(key, ValueType.STRING, "")


def _node(condition: Condition, path: Path) -> Node:
    value = condition.value
    if isinstance(value, tuple):
        found: Node = In(path, tuple(Value(text, "") for text in value))
        return negate(found) if condition.operator == "NOT IN" else found
    content = int(value) if condition.key == _NUMBERED and not condition.is_tag else str(value)
    match condition.operator:
        case "LIKE" | "ILIKE":
            pattern = str(value).replace("\\", "\\\\")  # MLflow's patterns have no escapes
            return Like(path, Value(pattern, ""), ignores_case=condition.operator == "ILIKE")
        case "!=":
            return negate(Comparison(path, Operator.EQUAL, Value(content, "")))
    return Comparison(path, Operator(condition.operator), Value(content, ""))


def _joined(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


_SHOWN_FIELDS = {
    name: Field(name, name, Id if name == "version" else str, Stored.COLUMN, None) for name in _SHOWN_AS.values()
}


class _Shown:
    """What names mean for rows as they are shown."""

    def subject(self, path: Path) -> Subject:
        """Returns the meaning of a path."""
        return Subject(path, (_SHOWN_FIELDS[path.name],))


def filter_test(tree: Node) -> RowTest:
    """Returns the test of rows as they are shown."""
    test = compile_test(tree, _Shown())
    return lambda row: test(row) is True
