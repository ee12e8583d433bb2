"""Makes the commands of the catalogue. Each is built only when it is called."""

import importlib
import importlib.metadata
import inspect
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from model_registry_cli.catalogue import SUMMARY, Entry, Group, commands
from model_registry_cli.exits import Exit, guarded
from model_registry_cli.options import COMMON, parameters

# Help is plain text (`rich_markup_mode=None`): the import of typer's panels takes 0.25 s, also after each mistyped flag.
SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 120}


class LazyCommand(TyperCommand):
    """A placeholder of a command in lists. It is replaced by the real command for a call, completion or help."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.name, help=entry.help, context_settings=SETTINGS, rich_markup_mode=None)
        self._entry = entry

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Returns the context of the real command, so that click calls that one."""
        return built(self._entry).make_context(*args, **kwargs)


def built(entry: Entry) -> Any:
    """Builds the real command of an entry."""
    # httpx imports its own command line tool, which takes as long as all other imports. It works without it.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    module = importlib.import_module(f"model_registry_cli.commands.{entry.module}")
    function: Callable[..., None] = partial(module.run, resource=entry.about) if entry.about else module.run
    own = module.parameters(entry.about) if entry.about else _parameters_of(module.run)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    shared = parameters(getattr(module, "COMMON", tuple(COMMON)))
    text = inspect.cleandoc(getattr(module, "HELP", None) or module.run.__doc__ or entry.help)
    if entry.about:
        text = f"{entry.help}\n\n{text.format(resource=entry.about)}"
    app.command(entry.name, help=text, context_settings=SETTINGS)(_with_session(function, own, shared))
    return typer.main.get_command(app)


def _parameters_of(run: Callable[..., None]) -> list[inspect.Parameter]:
    _, *own = inspect.signature(run).parameters.values()
    return [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]


def _with_session(
    function: Callable[..., None], own: Sequence[inspect.Parameter], shared: Sequence[inspect.Parameter]
) -> Callable[..., None]:
    def run(context: typer.Context, /, **given: Any) -> None:
        chosen = {each.name: given.pop(each.name) for each in shared}
        options = {**(context.obj or {}), **{name: value for name, value in chosen.items() if value is not None}}
        with importlib.import_module("model_registry_cli.session").Session(options) as session:
            function(session, **given)

    first = inspect.Parameter("context_", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    guard = guarded(run)

    def call(**given: Any) -> None:
        guard(given.pop("context_"), **given)

    call.__signature__ = inspect.Signature([first, *own, *shared])  # type: ignore[attr-defined]
    return call


def mount(group: TyperGroup) -> None:
    """Adds all commands to a group, except those whose name the group already has."""
    for each in commands():
        if each.name in group.commands:
            continue
        group.add_command(_lazy_group(each) if isinstance(each, Group) else LazyCommand(each))


def _lazy_group(group: Group) -> TyperGroup:
    plain: dict[str, Any] = {"rich_markup_mode": None, "context_settings": SETTINGS}
    lazy = TyperGroup(name=group.name, help=group.help, no_args_is_help=True, **plain)
    for entry in group.entries:
        lazy.add_command(LazyCommand(entry))
    return lazy


def _print_version(wanted: bool) -> None:  # noqa: FBT001 (typer's callback)
    if wanted:
        print(f"mr {importlib.metadata.version('model-registry-client')}")  # noqa: T201 (the output of the flag)
        raise typer.Exit


_VERSION = Annotated[
    bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
]


def _begin(**given: Any) -> None:
    given.pop("version")
    context: typer.Context = given.pop("context_")
    context.obj = {name: value for name, value in given.items() if value is not None}


_begin.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter("context_", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
        *parameters(tuple(COMMON)),
        inspect.Parameter("version", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_VERSION),
    ]
)


def command() -> TyperGroup:
    """Builds the command `mr`."""
    app = typer.Typer(
        name="mr",
        help=SUMMARY,
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings=SETTINGS,
        pretty_exceptions_enable=False,
    )
    app.callback()(_begin)
    group = typer.main.get_command(app)
    if not isinstance(group, TyperGroup):
        raise TypeError(type(group).__name__)
    mount(group)
    return group


def run() -> None:
    """Runs `mr` with the arguments of the process. Exits with 141 if the reader of stdout has closed it."""
    try:
        command()(prog_name="mr")
    except BrokenPipeError:
        sys.exit(Exit.BROKEN_PIPE)
