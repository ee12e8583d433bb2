"""First parts of names that mean something: MLMD's, and those that users of other registries are used to."""

import re
from collections.abc import Collection, Iterable, Mapping

from converters.entities import ExperimentRun, Metric, Parameter
from converters.entity import Entity
from converters.filters.complaints import complain
from converters.filters.tree import Path

CUSTOM = ("custom_properties", "customProperties")
"""Before the name of a custom property, whatever fields there are."""
STORED = ("properties",)
"""Before the name under which MLMD keeps a field."""
HABITS: Mapping[str, bool] = {
    **dict.fromkeys(("tag", "tags", "metric", "metrics", "param", "params", "parameter", "parameters"), False),
    **dict.fromkeys(("attribute", "attributes", "attr"), True),
}
"""MLflow's prefixes, and whether a field may stand behind one. The name with its prefix may be a custom property's, too."""
_ROWS: Mapping[str, type[Entity]] = {
    **dict.fromkeys(("metric", "metrics"), Metric),
    **dict.fromkeys(("param", "params", "parameter", "parameters"), Parameter),
}
"""Prefixes of what has rows of its own, where it belongs to a run."""
_JOIN = re.compile("(?:parent_contexts|child_contexts|contexts|artifacts|executions|events)_[A-Za-z0-9]+")


def refuse_join(path: Path, id_fields: Collection[str]) -> None:
    """Raises `FilterError` for MLMD's way of asking about another node, with the fields that tell the same."""
    if not _JOIN.fullmatch(path.prefix):
        return
    instead = f"filter by its id, such as {min(id_fields)} = 1" if id_fields else "list that entity by its path"
    raise complain(
        f"{path.name} at {path.where} asks about another entity, which a filter cannot do; {instead}{_or_literally(path)}"
    )


def refuse_rows(path: Path, entities: Iterable[type[Entity]]) -> None:
    """Raises `FilterError` for a metric or parameter among rows that do not hold it: runs, and artifacts themselves."""
    row = _ROWS.get(path.prefix)
    listed = set(entities)
    if row is None:
        return
    asked = f'name = "{path.rest}" AND value ...'
    if row in listed:
        raise complain(f"{path.name} at {path.where} is a row of its own here: write {asked}{_or_literally(path)}")
    if ExperimentRun in listed:
        raise complain(
            f"{path.name} at {path.where} is no property of a run: list artifacts with artifactType={row.artifact_type} and "
            f"filterQuery={asked}{_or_literally(path)}"
        )


def _or_literally(path: Path) -> str:
    return f". For a custom property of this name write `{path.name}` in backquotes"
