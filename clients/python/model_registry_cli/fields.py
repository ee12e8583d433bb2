"""Makes flags from the fields of entities, and field values from the flags."""

import inspect
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, get_args

import typer
from model_registry_client import Entity

from model_registry_cli.completion import completes
from model_registry_cli.exits import Problem
from model_registry_cli.options import parameter
from model_registry_cli.references import References
from model_registry_cli.resources import REFERS_TO, Resource, entity_named, resource_of

_TIME = "_time_since_epoch"
_TIMES = ("timestamp",)
PROPERTY = parameter(
    "property_",
    list[str] | None,
    typer.Option(
        "--property",
        "-P",
        metavar="KEY=TEXT",
        help="A custom property. team=payments is text; accuracy:=0.93, epochs:=3, final:=true and x:={...} are JSON. Repeatable.",
    ),
)
REMOVE_PROPERTY = parameter(
    "remove_property",
    list[str] | None,
    typer.Option("--remove-property", metavar="KEY", help="A custom property to remove. Repeatable."),
)


def of_new(resource: Resource) -> list[str]:
    """Returns the fields that a create may set, except name, properties and parent."""
    parents = {parent.argument for parent in resource.entity.parents}
    found = dict.fromkeys(name for kind in resource.creatable.values() for name, _ in kind.creatable())
    return [name for name in found if name not in {"name", "custom_properties", *parents}]


def of_change(resource: Resource) -> list[str]:
    """Returns the fields that an update may set, except properties."""
    found = dict.fromkeys(name for kind in resource.creatable.values() for name, _ in kind.writable())
    return [name for name in found if name != "custom_properties"]


def flags(resource: Resource, names: Iterable[str]) -> list[inspect.Parameter]:
    """Returns a flag for each field. Its help is the docstring of the field."""
    return [_flag(resource, name) for name in names]


def flag_name(name: str) -> str:
    """Returns the flag of a field: `--end-time` for `end_time_since_epoch`, `--model` for `registered_model_id`."""
    name = resource_of(entity_named(REFERS_TO[name])).word if name in REFERS_TO else name
    return "--" + name.removesuffix("_since_epoch").replace("_", "-")


def values(given: Mapping[str, Any], references: References, kind: type[Entity] | None = None) -> dict[str, Any]:
    """Converts the flags to field values.

    Args:
        given: The values of the flags by field name. An absent flag is `None` or an empty list.
        references: Resolves references to ids.
        kind: The class of the entity, to check that it has the fields.

    Raises:
        Problem: A time or a reference is not valid, or the entity has no such field.
    """
    found = {name: value for name, value in given.items() if value is not None and value != []}
    if kind and (unfit := sorted(set(found) - {name for name, _ in kind.creatable()})):
        raise Problem(f"A {kind.words} has no {flag_name(unfit[0])}.")
    return {name: _value(name, value, references) for name, value in found.items()}


def properties(given: Sequence[str] | None) -> dict[str, Any]:
    """Converts `KEY=TEXT` and `KEY:=JSON` to custom properties. Raises `Problem`, which names the wrong one."""
    return dict(_property(each) for each in given or ())


def _property(given: str) -> tuple[str, Any]:
    key, equals, value = given.partition("=")
    if not equals or not key.rstrip(":"):
        raise Problem(f"--property must be KEY=TEXT or KEY:=JSON; got {given!r}.")
    if not key.endswith(":"):
        return key, value
    try:
        return key[:-1], json.loads(value)
    except ValueError:
        hint = f"For a text write {key[:-1]}={value}."
        raise Problem(f"--property {key[:-1]} must be JSON after :=; got {value!r}.", hint) from None


def _flag(resource: Resource, name: str) -> inspect.Parameter:
    info = next(kind.model_fields[name] for kind in resource.creatable.values() if name in kind.model_fields)
    description = (info.description or "").strip().rstrip(".")
    kind, metavar, extra = _kind(name, [each.model_fields[name].annotation for each in _having(resource, name)])
    if name in REFERS_TO:
        of = resource_of(entity_named(REFERS_TO[name]))
        return parameter(
            name,
            str | None,
            typer.Option(
                flag_name(name),
                metavar=of.path,
                help=description.replace("The id of the", "The") + ".",
                autocompletion=completes((of,)),
            ),
        )
    return parameter(name, kind | None, typer.Option(flag_name(name), metavar=metavar, help=f"{description}.", **extra))


def _having(resource: Resource, name: str) -> list[type[Entity]]:
    return [kind for kind in resource.creatable.values() if name in kind.model_fields]


def _kind(name: str, annotations: Sequence[Any]) -> tuple[Any, str, dict[str, Any]]:
    """Returns the type for typer, the metavar for the help, and more options such as the completion."""
    if _is_time(name):
        return str, "TIME", {}
    kinds = {part for annotation in annotations for part in (get_args(annotation) or (annotation,))} - {type(None)}
    if enums := [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Enum)]:
        words = [str(member.value) for member in enums[0]]
        return str, "|".join(words), {"autocompletion": lambda: words}
    if any("list" in str(annotation) for annotation in annotations):
        return list[str], "TEXT", {}
    if len(kinds) == 1 and kinds <= {int, float}:
        return kinds.pop(), "NUMBER", {}
    return str, "TEXT", {}


def _is_time(name: str) -> bool:
    return name.endswith(_TIME) or name in _TIMES


def _value(name: str, value: Any, references: References) -> Any:
    if name in REFERS_TO:
        return references.one(resource_of(entity_named(REFERS_TO[name])), value).id
    return _milliseconds(flag_name(name), value) if _is_time(name) else value


def _milliseconds(flag: str, value: str) -> str:
    if value.isdigit():
        return value
    if value == "now":
        return str(round(time.time() * 1000))
    try:
        then = datetime.fromisoformat(value)
    except ValueError:
        hint = "Write 2026-11-25T08:30:00Z, milliseconds since 1970, or now."
        raise Problem(f"{flag} must be a time; got {value!r}.", hint) from None
    return str(round((then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp() * 1000))
