"""The names of the filter language in the catalog: fields of models, artifacts, servers and tools, and custom properties.

A field goes by the name that answers show and by Kubeflow's name in filters. Its type may be written after it
(`provider.string_value`). `.array_value` after a custom property is the list whose JSON is the text of the property.
`custom_properties.` comes before the name of a custom property that has the name of a field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from converters.entity import Field, Id, Stored
from converters.filters.complaints import complain
from converters.filters.evaluation import value_types
from converters.filters.names import FieldKind, Subject, kind_of
from converters.filters.prefixes import CUSTOM
from converters.filters.tree import Comparison, In, IsNull, Leaf, Like, Path, ValueType

_PARTS = "artifacts"
_ARRAY = ".array_value"
_TYPES = {FieldKind.TEXT: ValueType.STRING, FieldKind.TEXTS: ValueType.STRING, FieldKind.BOOLEAN: ValueType.BOOL}


@dataclass(frozen=True, slots=True)
class FieldTable:
    """The fields of a kind of row.

    Attributes:
        by_name: Each field by all its names.
        parts: The fields of the parts that conditions may ask about with `artifacts.` before the name; None if there are none.
        is_parts: Whether these are the rows themselves that `artifacts.` names.
    """

    by_name: Mapping[str, Field]
    parts: "FieldTable | None" = None
    is_parts: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        """Each field once."""
        return tuple({field.rest: field for field in self.by_name.values()}.values())

    def meaning(self, path: Path) -> "tuple[Subject, bool]":
        """What a path is about, and whether that is a part of the row."""
        path = suffixed(path)
        if path.name.startswith(f"{_PARTS}.") and (self.parts or self.is_parts):
            inner = replace(path, name=path.name.removeprefix(f"{_PARTS}."), prefix="")
            return (self.parts or self)._own(inner), self.parts is not None  # noqa: SLF001
        return self._own(path), False

    def _own(self, path: Path) -> Subject:
        first, _, rest = path.name.partition(".")
        if first in CUSTOM and rest:
            return _custom(replace(path, name=rest))
        field = self.by_name.get(path.name)
        if field and (path.suffix is None or _TYPES.get(kind_of(field)) is path.suffix):
            return Subject(replace(path, suffix=None), (field,))
        return _custom(path)


def suffixed(path: Path) -> Path:
    """A path whose type may also stand inside the backquotes."""
    name, dot, last = path.name.rpartition(".")
    if path.suffix is None and dot and last in set(ValueType):
        return replace(path, name=name, suffix=ValueType(last))
    return path


def _custom(path: Path) -> Subject:
    if path.suffix is None and path.name.endswith(_ARRAY):
        name = path.name.removesuffix(_ARRAY)
        return Subject(path, (Field(name, name, list[str], Stored.PROPERTY, None),), (name,))
    return Subject(path, (), (path.name,))


def is_list(subject: Subject) -> bool:
    """Returns whether the values are lists."""
    return FieldKind.TEXTS in subject.kinds


def check(leaf: Leaf, subject: Subject) -> None:
    """Raises `FilterError` for a typed custom property that is compared with a value of another type."""
    suffix = subject.path.suffix
    if suffix is None or isinstance(leaf, IsNull):
        return
    values = leaf.values if isinstance(leaf, In) else (leaf.value,) if isinstance(leaf, Comparison) else ()
    for value in values:
        if not value_types(suffix, value.content):
            raise complain(f"{leaf.path.name}.{suffix} is compared with a value of another type at {value.where}")
    if isinstance(leaf, Like) and suffix is not ValueType.STRING:
        raise complain(f"{leaf.path.name}.{suffix} is no text, so LIKE cannot be used at {leaf.pattern.where}")


def _table(kinds: Mapping[type, str], *, parts: FieldTable | None = None, is_parts: bool = False) -> FieldTable:
    """A table from the names for each type; `=` joins the name in answers, Kubeflow's name in filters, and others."""
    found: dict[str, Field] = {}
    for type_, names in {Id: "id createTimeSinceEpoch lastUpdateTimeSinceEpoch", **kinds}.items():
        for both in names.split():
            shown, *others = both.split("=")
            field = Field(shown, next(iter(others), shown), type_, Stored.PROPERTY, None)
            found |= dict.fromkeys((shown, *others), field)
    return FieldTable(found, parts, is_parts)


_JOINED = _table({str: "name externalId uri description metricsType"}, is_parts=True)
"""Artifacts in filters of models. `artifacts.artifactType` is a custom property there, as in Kubeflow's catalog."""
ARTIFACT = _table({str: "name externalId uri description metricsType artifactType"}, is_parts=True)
MODEL = _table(
    {
        str: "name externalId source_id description readme maturity provider logo license licenseLink=license_link"
        " libraryName=library_name",
        list[str]: "language tasks",
    },
    parts=_JOINED,
)
SERVER = _table(
    {
        str: "name=base_name externalId source_id description provider license license_link=license_link=licenseLink logo readme"
        " version deploymentMode documentationUrl repositoryUrl sourceCode publishedDate endpoints artifacts runtimeMetadata",
        list[str]: "tags transports",
        bool: "verifiedSource secureEndpoint sast readOnlyTools",
    }
)
TOOL = _table({str: "name externalId description accessType"})
