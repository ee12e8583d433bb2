"""First parts of names that have a meaning: those of MLMD, and those that users of other registries know."""

import re
from collections.abc import Collection, Iterable, Mapping

from converters.entity import Entity
from converters.filters.complaints import complain
from converters.filters.tree import Path

CUSTOM = ("custom_properties", "customProperties")
"""Before the name of a custom property, also where a field has the same name."""
STORED = ("properties",)
"""Before the name under which MLMD keeps a field."""
HABITS: Mapping[str, bool] = {
    **dict.fromkeys(("tag", "tags", "metric", "metrics", "param", "params", "parameter", "parameters"), False),
    **dict.fromkeys(("attribute", "attributes", "attr"), True),
}
"""MLflow's prefixes, and whether the rest of the name may be a field. The name with its prefix may be a custom property too."""
_JOIN = re.compile("(?:parent_contexts|child_contexts|contexts|artifacts|executions|events)_[A-Za-z0-9]+")


def refuse_join(path: Path, id_fields: Collection[str]) -> None:
    """Raises `FilterError` for MLMD's condition on another node. The message names a field to use instead, one of `id_fields`."""
    if not _JOIN.fullmatch(path.prefix):
        return
    instead = f"filter by its id, such as {min(id_fields)} = 1" if id_fields else "list that entity by its path"
    raise complain(
        f"{path.name} at {path.where} asks about another entity, which a filter cannot do; {instead}{_or_literally(path)}"
    )


def refuse_rows(path: Path, entities: Iterable[type[Entity]]) -> None:
    """Raises `FilterError` for a prefix of rows of their own, such as `metrics`, in a list where no row has them as fields.

    `entities` are those of the list: they may be such rows themselves, or have such rows below them, as a run has metrics.
    """
    asked = f'name = "{path.rest}" AND value ...'
    for entity in entities:
        if path.prefix in entity.filter_prefixes:
            raise complain(f"{path.name} at {path.where} is a row of its own here: write {asked}{_or_literally(path)}")
        row = next((row for row in entity.attributed if path.prefix in row.filter_prefixes), None)
        if row:
            noun = entity.words.rpartition(" ")[2]
            raise complain(
                f"{path.name} at {path.where} is no property of a {noun}: list {row.kind}s with "
                f"artifactType={row.artifact_type} and filterQuery={asked}{_or_literally(path)}"
            )


def _or_literally(path: Path) -> str:
    return f". For a custom property of this name write `{path.name}` in backquotes"
