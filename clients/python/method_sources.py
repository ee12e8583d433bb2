"""Makes the source of the named methods from the table of entities. `generate.py` writes it to a file."""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = Path(__file__).parent / "model_registry_client"

# The package without its `__init__`, which imports files that are not generated yet.
sys.modules.setdefault("model_registry_client", ModuleType("model_registry_client")).__path__ = [str(PACKAGE)]

from model_registry_client import states  # noqa: E402
from model_registry_client.entities import ENTITIES  # noqa: E402
from model_registry_client.entity import Entity  # noqa: E402

HEAD = '''"""The named methods, generated from `entities.py` by `make client`. Edit that file, or `method_sources.py`."""

from collections.abc import AsyncIterator, Mapping

from model_registry_client.bodies import below
from model_registry_client._async.verbs import AsyncVerbs
from model_registry_client.custom_properties import PropertyValue
from model_registry_client.entities import {entities}
from model_registry_client.entity import UNSET, Unset
from model_registry_client.questions import PAGE_SIZE
from model_registry_client.states import {states}


class AsyncNamedMethods(AsyncVerbs):
    """A method for each verb on each entity.

    Every method may also raise `Unreachable`, if the server does not respond, and other kinds of `ApiError`.
    """
'''
ERRORS = {
    "create": {
        "Conflict": "The name or the external id is taken.",
        "NotFound": "The parent does not exist.",
        "Invalid": "The server refuses a value.",
        "InvalidValue": "The API cannot express a value; nothing was sent.",
        "UnknownOutcome": "The server did not respond, and it is unknown whether the {words} was created.",
    },
    "find": {"InvalidValue": "The arguments do not identify one {words}."},
    "get": {"NotFound": "There is no such {words}.", "InvalidValue": "The id is not a whole number."},
    "list": {"Invalid": "The server refuses the filter. This is raised when the first item is requested."},
    "update": {
        "NotFound": "There is no such {words}.",
        "Conflict": "The external id is taken.",
        "Invalid": "The server refuses a value.",
        "InvalidValue": "The API cannot express a value, or a field cannot be cleared; nothing was sent.",
    },
}
ERRORS["upsert"] = {
    **ERRORS["create"],
    "Conflict": "The external id is taken.",
    "InvalidValue": "There is neither a name nor an external id, or the API cannot express a value.",
}
LISTING = {
    "filter_query": 'Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.',
    "order_by": "ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.",
    "descending": "Whether the highest comes first.",
    "page_size": "Entities per request. Older servers return at most 100.",
}


def type_of(entity: type[Entity], name: str) -> str:
    """Returns the annotation of a field as an argument, without `None`."""
    if name == "custom_properties":
        return "Mapping[str, PropertyValue]"
    annotation: Any = entity.model_fields[name].annotation
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    text = text.replace(" | None", "").replace("model_registry_client.states.", "")
    return f"{text} | str" if hasattr(states, text) else text


def description_of(entity: type[Entity], name: str) -> str:
    """Returns the description of a field on one line."""
    return (entity.model_fields[name].description or "").replace("\n", " ")


def stem(words: str) -> str:
    """Converts words to a part of an identifier."""
    return words.replace(" ", "_")


def article(entity: type[Entity]) -> str:
    """Returns the words of an entity with their article."""
    return ("an " if entity.words[0] in "aeiou" else "a ") + entity.words


def method(
    signature: list[str],
    head: str,
    answer: str,
    sentence: str,
    arguments: dict[str, str],
    errors: dict[str, str],
    body: str,
) -> str:
    """Returns the source of one method.

    Args:
        signature: The parameters after `self`.
        head: What stands before the parenthesis, such as `async def get_model`.
        answer: The return annotation.
        sentence: The first line of the docstring.
        arguments: The descriptions of the arguments by name.
        errors: When each error is raised, by its class.
        body: The only statement.
    """
    sections = "".join(
        f"\n\n{title}:\n" + "\n".join(f"    {name}: {text}" for name, text in entries.items())
        for title, entries in (("Args", arguments), ("Raises", errors))
    )
    doc = f'"""{sentence}{sections}\n"""'
    lines = [
        f"{head}(",
        *(f"    {part}," for part in ["self", *signature]),
        f") -> {answer}:",
        textwrap.indent(doc, "    "),
        f"    {body}",
    ]
    return textwrap.indent("\n".join(lines), "    ")


def errors_of(entity: type[Entity], verb: str) -> dict[str, str]:
    """Returns when the method of a verb raises an error. Without parents, no parent can be missing."""
    errors = {name: text.format(words=entity.words) for name, text in ERRORS[verb].items()}
    if entity.is_upserted and verb == "create":
        errors["Conflict"] = "The external id is taken."
    return (
        errors if entity.parents or verb in ("get", "update") else {k: v for k, v in errors.items() if k != "NotFound"}
    )


def parents_of(entity: type[Entity]) -> dict[str, str]:
    """Returns the arguments that name parents, with their descriptions."""
    return {parent.argument: f"The id of the {parent.entity.words} that is its parent." for parent in entity.parents}


def creating(entity: type[Entity], verb: str, sentence: str) -> str:
    """Returns the source of `create_*` or `upsert_*`."""
    parents = parents_of(entity)
    needed = [parent.argument for parent in entity.parents if parent.is_required]
    fields = [name for name, _ in entity.creatable()]
    first = [*needed, *(name for name in entity.required if name not in needed)]
    rest = [name for name in [*parents, *fields] if name not in first and name != "name"]
    signature = [f"{name}: {type_of(entity, name) if name in fields else 'str'}" for name in first]
    signature += [] if "name" in first else ["name: str | None = None"]
    signature += [
        "*",
        *(
            f"{name}: {type_of(entity, name) if name in fields else 'str'} | None = None"
            for name in dict.fromkeys(rest)
        ),
    ]
    ordered = [*first, *([] if "name" in first else ["name"]), *dict.fromkeys(rest)]
    arguments = {name: description_of(entity, name) if name in fields else parents[name] for name in ordered}
    sent = ", ".join(f'"{name}": {name}' for name in fields if name not in parents)
    body = f"return await self.{verb}({entity.__name__}, {{{sent}}}{_below(entity, ', ')})"
    head = f"async def {verb}_{stem(entity.words)}"
    return method(signature, head, entity.__name__, sentence, arguments, errors_of(entity, verb), body)


def _below(entity: type[Entity], before: str) -> str:
    ids = ", ".join(f"{parent.argument}={parent.argument}" for parent in entity.parents)
    return f"{before}below({entity.__name__}, {ids})" if ids else ""


def finding(entity: type[Entity]) -> str:
    """Returns the source of `find_*`."""
    parents = parents_of(entity)
    signature = [
        "name: str | None = None",
        "*",
        *(f"{name}: str | None = None" for name in parents),
        "external_id: str | None = None",
    ]
    arguments = {
        "name": "The name." if not parents else "The name. It needs the parent too.",
        **parents,
        "external_id": "The id in another system, instead of a name.",
    }
    body = f"return await self.find({entity.__name__}, name, {_below(entity, '') or 'None'}, external_id)"
    sentence = f"Finds {article(entity)} by name or external id. Returns `None` if there is none."
    return method(
        signature,
        f"async def find_{stem(entity.words)}",
        f"{entity.__name__} | None",
        sentence,
        arguments,
        errors_of(entity, "find"),
        body,
    )


def getting(entity: type[Entity]) -> str:
    """Returns the source of `get_*`."""
    body = f"return await self.get({entity.__name__}, id_)"
    sentence = f"Returns the {entity.words} of this id."
    errors = errors_of(entity, "get")
    return method(
        ["id_: str"], f"async def get_{stem(entity.words)}", entity.__name__, sentence, {"id_": "The id."}, errors, body
    )


def listing(entity: type[Entity]) -> str:
    """Returns the source of `list_*`."""
    parents = parents_of(entity)
    is_needed = not entity.collection
    each = [f"{name}: str" + ("" if is_needed else " | None = None") for name in parents]
    signature = [*each, "*"] if len(each) == 1 else ["*", *each]
    signature += [
        "filter_query: str | None = None",
        "order_by: OrderBy | str | None = None",
        "descending: bool = False",
        "page_size: int = PAGE_SIZE",
    ]
    arguments = {
        name: f"Only those below the {parent.entity.words} of this id."
        for name, parent in zip(parents, entity.parents, strict=True)
    }
    keywords = ", ".join(f"{name}={name}" for name in LISTING)
    body = f"return self.list({entity.__name__}{_below(entity, ', ')}, {keywords})"
    sentence = f"Iterates over the {entity.plural}. Pages are fetched when they are needed."
    return method(
        signature,
        f"def list_{stem(entity.plural)}",
        f"AsyncIterator[{entity.__name__}]",
        sentence,
        arguments | LISTING,
        errors_of(entity, "list"),
        body,
    )


def updating(entity: type[Entity]) -> str:
    """Returns the source of `update_*`."""
    fields = [name for name, _ in entity.writable()]
    own = stem(entity.words)
    signature = [
        f"{own}: {entity.__name__} | str",
        "*",
        *(f"{name}: {type_of(entity, name)} | Unset | None = UNSET" for name in fields),
    ]
    arguments = {
        own: "The id; or an entity that was read, whose own changes are sent too.",
        **{name: description_of(entity, name) for name in fields},
    }
    sent = ", ".join(f'"{name}": {name}' for name in fields)
    body = f"return await self.update_either({entity.__name__}, {own}, {{{sent}}})"
    sentence = f"Updates the given fields of {article(entity)} and no others. `None` clears a field."
    errors = errors_of(entity, "update")
    return method(signature, f"async def update_{own}", entity.__name__, sentence, arguments, errors, body)


def methods_of(entity: type[Entity]) -> Iterator[str]:
    """Yields the source of each method of an entity."""
    is_kind_known = entity.artifact_type or not entity.model_fields.keys() & {"experiment_run_id"}
    if is_kind_known:
        yield creating(
            entity,
            "create",
            f"Creates {article(entity)}."
            if not entity.is_upserted
            else f"Creates {article(entity)}. Below a parent, it updates the one of the same name.",
        )
        yield creating(
            entity,
            "upsert",
            f"Updates the {entity.words} of this name (without a name, of this external id), or creates it.",
        )
    yield finding(entity)
    if entity.collection:
        yield getting(entity)
    yield listing(entity)
    if entity.collection and is_kind_known:
        yield updating(entity)


def named_methods() -> str:
    """Returns the source of the module of named methods."""
    text = "\n\n".join(part for entity in ENTITIES for part in methods_of(entity))
    used = sorted(
        name for name in vars(states) if name + " " in text and name[0].isupper() and name not in ("Enum", "Self")
    )
    return (
        HEAD.format(entities=", ".join(sorted(entity.__name__ for entity in ENTITIES)), states=", ".join(used))
        + "\n"
        + text
        + "\n"
    )
