"""All commands in one table: what `mr --help` shows. The imports of a command happen when it is called."""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass

from model_registry_cli.resources import RESOURCES, Resource

SUMMARY = "Model registries from the shell: models, their versions and artifacts, where they are deployed, experiments and metrics."


@dataclass(frozen=True)
class Entry:
    """A command. `module`: the name of its module in `model_registry_cli.commands`. `about`: the resource of a verb."""

    name: str
    help: str
    module: str
    about: Resource | None = None


@dataclass(frozen=True)
class Group:
    """A group of commands with a common first word."""

    name: str
    help: str
    entries: tuple[Entry, ...]


VERBS = {
    "list": ("List {name}, all or below a parent.", "listing"),
    "get": ("Show one or several, with all fields.", "getting"),
    "create": ("Create one.", "creating"),
    "update": ("Change fields and properties. The others stay.", "updating"),
    "archive": ("Archive: {field} becomes {archived}.", "archiving"),
    "restore": ("Restore: {field} becomes {restored}.", "restoring"),
    "changes": ("Show which user changed one, and which fields.", "changes"),
}
MORE = {
    "metrics": (
        Entry("history", "Show the history of the metrics of a run.", "history"),
        Entry("plot", "Draw metrics of runs in the terminal or as a PNG.", "plot"),
    ),
}
"""The commands of a group that are not verbs."""
CONTEXTS = Group(
    "context",
    "Named servers, stored in a file.",
    (
        Entry("list", "List the contexts.", "context_list"),
        Entry("show", "Show which server is used, and why.", "context_show"),
        Entry("set", "Create or change a context.", "context_set"),
        Entry("use", "Select the context to use from now on.", "context_use"),
        Entry("remove", "Remove a context.", "context_remove"),
    ),
)
CATALOG = Group(
    "catalog",
    "The model catalog: models that can be discovered and registered.",
    (
        Entry("sources", "List the sources of the catalog.", "catalog_sources"),
        Entry("models", "List or search models of the catalog.", "catalog_models"),
        Entry("show", "Show a model of the catalog with its artifacts.", "catalog_show"),
        Entry("register", "Register a model of the catalog.", "catalog_register"),
    ),
)
ALIASES = Group(
    "alias",
    "Aliases of a model: names that point to versions, such as production.",
    (
        Entry("set", "Point an alias to a version.", "alias_set"),
        Entry("ls", "List the aliases of a model.", "alias_list"),
        Entry("rm", "Remove an alias.", "alias_remove"),
        Entry("history", "Show the moves of a model's aliases.", "alias_history"),
        Entry("rollback", "Point an alias to where it was before.", "alias_rollback"),
    ),
)
GET = Group(
    "get",
    "Show a version by its alias or by a range.",
    (Entry("version", "Show the version of an alias, also at a time, or the highest one in a range.", "get_version"),),
)
SINGLE = (
    Entry("register", "Register a model, a version and its files in one command.", "register"),
    Entry("search", "Find anything by a part of its name, or by a filter.", "search"),
    Entry("tree", "Show a model, its versions, artifacts, deployments and runs.", "tree"),
    Entry("lineage", "Show what a version was made from, and what came of it.", "lineage"),
    Entry("export", "Write everything in a registry to a file.", "exporting"),
    Entry("import", "Import an exported registry into a server.", "importing"),
    Entry("doctor", "Check a server: reachable, API versions, health, clock, latency.", "doctor"),
)
UPLOAD = Entry("upload", "Copy files to an OCI registry or to S3, and register them.", "upload")
"""It is a command where the upload job is installed."""


def _group(resource: Resource) -> Group:
    words = {"name": resource.name, **(vars(resource.archiving) if resource.archiving else {})}
    verbs = [Entry(verb, VERBS[verb][0].format(**words), VERBS[verb][1], resource) for verb in resource.verbs]
    return Group(resource.name, resource.summary, (*verbs, *MORE.get(resource.name, ())))


def commands() -> Iterator[Group | Entry]:
    """Yields all groups and commands in the order of the help."""
    yield from (_group(resource) for resource in RESOURCES)
    yield ALIASES
    yield GET
    yield from SINGLE
    if importlib.util.find_spec("model_registry_upload_job"):
        yield UPLOAD
    yield CATALOG
    yield CONTEXTS
