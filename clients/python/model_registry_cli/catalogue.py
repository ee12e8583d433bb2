"""All commands, in one table: what `mr --help` shows. What a command needs is imported when it is called."""

from collections.abc import Iterator
from dataclasses import dataclass

from model_registry_cli.resources import RESOURCES, Resource

SUMMARY = "Model registries from the shell: models, their versions and artifacts, where they are deployed, experiments and metrics."


@dataclass(frozen=True)
class Entry:
    """A command. `module`: of `model_registry_cli.commands`. `about`: the resource that it works on, for verbs."""

    name: str
    help: str
    module: str
    about: Resource | None = None


@dataclass(frozen=True)
class Group:
    """Commands under one word."""

    name: str
    help: str
    entries: tuple[Entry, ...]


VERBS = {
    "list": ("List {name}, all or below something.", "listing"),
    "get": ("Show one, or several, with all fields.", "getting"),
    "create": ("Create one.", "creating"),
    "update": ("Change fields and properties; the others stay.", "updating"),
    "archive": ("Put away: {field} becomes {away}.", "retiring"),
    "restore": ("Take back: {field} becomes {back}.", "restoring"),
}
MORE = {
    "metrics": (
        Entry("history", "Show every value that metrics of a run have had.", "history"),
        Entry("plot", "Draw metrics of runs in the terminal, or into a PNG.", "plot"),
    ),
}
"""What a group has beyond the verbs."""
CONTEXTS = Group(
    "context",
    "Named servers, kept in a file.",
    (
        Entry("list", "List the contexts.", "context_list"),
        Entry("show", "Show which server is spoken to, and why.", "context_show"),
        Entry("set", "Make a context, or change it.", "context_set"),
        Entry("use", "Choose the context that is used from now on.", "context_use"),
        Entry("remove", "Forget a context.", "context_remove"),
    ),
)
SINGLE = (
    Entry("register", "Register a model, a version and its files in one go.", "register"),
    Entry("search", "Find anything by a word of its name, or by a filter.", "search"),
    Entry("tree", "Show a model, its versions, artifacts, deployments and runs.", "tree"),
    Entry("export", "Write all that a registry holds to a file.", "exporting"),
    Entry("import", "Bring an exported registry into a server.", "importing"),
    Entry("doctor", "Check a server: reachable, offers, health, clock, latency.", "doctor"),
)


def _group(resource: Resource) -> Group:
    words = {"name": resource.name, **(vars(resource.retirement) if resource.retirement else {})}
    verbs = [Entry(verb, VERBS[verb][0].format(**words), VERBS[verb][1], resource) for verb in resource.verbs]
    return Group(resource.name, resource.summary, (*verbs, *MORE.get(resource.name, ())))


def commands() -> Iterator[Group | Entry]:
    """Everything, in the order in which help shows it."""
    yield from (_group(resource) for resource in RESOURCES)
    yield from SINGLE
    yield CONTEXTS
