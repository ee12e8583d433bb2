"""Writes what is made from the table of entities: the named methods for asyncio, and the package for threads from that for asyncio.

Run by `make client`. A test compares.
"""

import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import unasync

HERE = Path(__file__).parent
PACKAGE = HERE / "model_registry_client"

# A package without its `__init__`, which imports what is yet to be written.
sys.modules.setdefault("model_registry_client", ModuleType("model_registry_client")).__path__ = [str(PACKAGE)]

from model_registry_client import states  # noqa: E402
from model_registry_client.entities import ENTITIES  # noqa: E402
from model_registry_client.entity import Entity  # noqa: E402

SYNC_NAMES = {
    "_async": "_sync",
    "aclose": "close",
    "AsyncBaseTransport": "BaseTransport",
    "AsyncClient": "Client",
    "AsyncDeployments": "Deployments",
    "AsyncExperimentOfRun": "ExperimentOfRun",
    "AsyncOpenExperiment": "OpenExperiment",
    "AsyncNamedMethods": "NamedMethods",
    "AsyncRegistry": "Registry",
    "AsyncRun": "Run",
    "AsyncTransport": "Transport",
    "AsyncVerbs": "Verbs",
}
WRITTEN_TWICE = {"__init__.py", "waiting.py"}
HEAD = '''"""The named methods, made from `entities.py` by `make client`. Change that, or `generate.py`."""

from collections.abc import AsyncIterator, Mapping

from model_registry_client.bodies import below
from model_registry_client._async.verbs import AsyncVerbs
from model_registry_client.custom_properties import PropertyValue
from model_registry_client.entities import {entities}
from model_registry_client.entity import UNSET, Unset
from model_registry_client.questions import PAGE_SIZE
from model_registry_client.states import {states}


class AsyncNamedMethods(AsyncVerbs):
    """Each verb on each entity, by name."""
'''
LISTING = {
    "filter_query": 'What they must match, such as `state = "LIVE" AND accuracy > 0.9`.',
    "order_by": "ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.",
    "descending": "Whether the last comes first.",
    "page_size": "How many are fetched per request, up to 100 on older servers.",
}


def type_of(entity: type[Entity], name: str) -> str:
    """The annotation of a field as an argument, without `None`."""
    if name == "custom_properties":
        return "Mapping[str, PropertyValue]"
    annotation: Any = entity.model_fields[name].annotation
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    text = text.replace(" | None", "").replace("model_registry_client.states.", "")
    return f"{text} | str" if hasattr(states, text) else text


def told(entity: type[Entity], name: str) -> str:
    """The sentence on a field."""
    return (entity.model_fields[name].description or "").replace("\n", " ")


def stem(words: str) -> str:
    """Words as part of a name."""
    return words.replace(" ", "_")


def article(entity: type[Entity]) -> str:
    """The words with their article."""
    return ("an " if entity.words[0] in "aeiou" else "a ") + entity.words


def method(signature: list[str], head: str, answer: str, sentence: str, arguments: dict[str, str], body: str) -> str:
    """One method."""
    explained = "\n".join(f"    {name}: {text}" for name, text in arguments.items())
    doc = f'"""{sentence}' + (f"\n\nArgs:\n{explained}\n" if explained else "") + '"""'
    lines = [
        f"{head}(",
        *(f"    {part}," for part in ["self", *signature]),
        f") -> {answer}:",
        textwrap.indent(doc, "    "),
        f"    {body}",
    ]
    return textwrap.indent("\n".join(lines), "    ")


def parents_of(entity: type[Entity]) -> dict[str, str]:
    """The arguments that name parents, with their sentences."""
    return {parent.argument: f"The id of the {parent.entity.words} that it is below." for parent in entity.parents}


def creating(entity: type[Entity], verb: str, sentence: str) -> str:
    """`create_*` and `upsert_*`."""
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
    arguments = {name: told(entity, name) if name in fields else parents[name] for name in ordered}
    sent = ", ".join(f'"{name}": {name}' for name in fields if name not in parents)
    body = f"return await self.{verb}({entity.__name__}, {{{sent}}}{_below(entity, ', ')})"
    return method(signature, f"async def {verb}_{stem(entity.words)}", entity.__name__, sentence, arguments, body)


def _below(entity: type[Entity], before: str) -> str:
    ids = ", ".join(f"{parent.argument}={parent.argument}" for parent in entity.parents)
    return f"{before}below({entity.__name__}, {ids})" if ids else ""


def finding(entity: type[Entity]) -> str:
    """`find_*`."""
    parents = parents_of(entity)
    signature = [
        "name: str | None = None",
        "*",
        *(f"{name}: str | None = None" for name in parents),
        "external_id: str | None = None",
    ]
    arguments = {
        "name": "Its name." if not parents else "Its name, with its parent.",
        **parents,
        "external_id": "What another system calls it, instead.",
    }
    body = f"return await self.find({entity.__name__}, name, {_below(entity, '') or 'None'}, external_id)"
    sentence = f"Looks {article(entity)} up; `None` when there is none."
    return method(
        signature, f"async def find_{stem(entity.words)}", f"{entity.__name__} | None", sentence, arguments, body
    )


def getting(entity: type[Entity]) -> str:
    """`get_*`."""
    body = f"return await self.get({entity.__name__}, id_)"
    sentence = f"Answers the {entity.words} of this id. Raises `NotFound`."
    return method(
        ["id_: str"], f"async def get_{stem(entity.words)}", entity.__name__, sentence, {"id_": "Its id."}, body
    )


def listing(entity: type[Entity]) -> str:
    """`list_*`."""
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
        name: f"Those below the {parent.entity.words} of this id only."
        for name, parent in zip(parents, entity.parents, strict=True)
    }
    keywords = ", ".join(f"{name}={name}" for name in LISTING)
    body = f"return self.list({entity.__name__}{_below(entity, ', ')}, {keywords})"
    sentence = f"Goes through the {entity.plural}, fetching a page of them when it is needed."
    return method(
        signature,
        f"def list_{stem(entity.plural)}",
        f"AsyncIterator[{entity.__name__}]",
        sentence,
        arguments | LISTING,
        body,
    )


def updating(entity: type[Entity]) -> str:
    """`update_*`."""
    fields = [name for name, _ in entity.writable()]
    own = stem(entity.words)
    signature = [
        f"{own}: {entity.__name__} | str",
        "*",
        *(f"{name}: {type_of(entity, name)} | Unset | None = UNSET" for name in fields),
    ]
    arguments = {
        own: "Its id, or the entity as it was read and changed since.",
        **{name: told(entity, name) for name in fields},
    }
    sent = ", ".join(f'"{name}": {name}' for name in fields)
    body = f"return await self.update_either({entity.__name__}, {own}, {{{sent}}})"
    sentence = f"Changes {article(entity)}: the fields that are given, and no others; `None` clears. Raises `NotFound`."
    return method(signature, f"async def update_{own}", entity.__name__, sentence, arguments, body)


def methods_of(entity: type[Entity]) -> Iterator[str]:
    """All methods of an entity."""
    is_kind_known = entity.artifact_type or not entity.model_fields.keys() & {"experiment_run_id"}
    if is_kind_known:
        yield creating(
            entity,
            "create",
            f"Creates {article(entity)}. Raises `Conflict` where its name or external id is taken."
            if not entity.is_upserted
            else f"Records {article(entity)}; below a parent, one of the same name is changed.",
        )
        yield creating(
            entity,
            "upsert",
            f"Changes the {entity.words} of this name (or this external id, without a name), or creates it.",
        )
    yield finding(entity)
    if entity.collection:
        yield getting(entity)
    yield listing(entity)
    if entity.collection and is_kind_known:
        yield updating(entity)


def named_methods() -> str:
    """The module of named methods."""
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


def write(package: Path) -> None:
    """Writes all of it into a copy of the package, or the package itself."""
    target = package / "_async" / "named_methods.py"
    target.write_text(named_methods())
    with tempfile.TemporaryDirectory() as folder:
        sources = [path for path in (package / "_async").glob("*.py") if path.name not in WRITTEN_TWICE]
        rule = unasync.Rule(str(package / "_async"), f"{folder}/", additional_replacements=SYNC_NAMES)
        unasync.unasync_files([str(path) for path in sources], [rule])
        for path in Path(folder).rglob("*.py"):
            text = path.read_text().replace("asyncio", "threads") if path.name == "__init__.py" else path.read_text()
            (package / "_sync" / path.name).write_text(f"# Made from _async/{path.name} by `make client`.\n{text}")
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
    files = [str(target), *(str(path) for path in (package / "_sync").glob("*.py"))]
    for command in (["check", "--quiet", "--select", "I", "--fix"], ["format", "--quiet"]):
        subprocess.run([ruff, *command, *files], check=True, cwd=HERE)  # noqa: S603 (the linter of this environment)


if __name__ == "__main__":
    write(PACKAGE)
