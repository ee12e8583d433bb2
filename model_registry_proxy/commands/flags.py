"""Command line flags from the settings: one flag for each field of `Settings`."""

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from model_registry_proxy import __version__
from model_registry_proxy.configuration.settings import DEFAULT_CONFIG, REPEATABLE, Settings, SettingsError, load
from model_registry_proxy.engine.supervisor import EngineError

_SHORT = {"hostname": "-n", "port": "-p", "listen": "-l"}


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"model-registry {__version__}")  # noqa: T201 (what was asked for)
        raise typer.Exit


VERSION = Annotated[
    bool, typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True)
]


def with_flags(
    command: Callable[..., None], names: Sequence[str], switches: Mapping[str, str] | None = None
) -> Callable[..., None]:
    """A command whose flags are the named settings, each without a default: an absent flag says nothing.

    `switches` are flags of this command only, name to help; the command gets them as keyword arguments.
    """
    switches = switches or {}

    def run(config: Path | None, version: bool, **flags: Any) -> None:
        del version  # its callback has ended the command
        chosen = {name: flags.pop(name) for name in switches}
        given = {
            name: ",".join(value) if isinstance(value, list) else value
            for name, value in flags.items()
            if value not in (None, [])
        }
        try:
            settings = load(config, given)
            command(settings, **chosen)
        except (SettingsError, EngineError) as error:
            print(f"model-registry: {error}", file=sys.stderr)  # noqa: T201 (one line for the operator)
            raise typer.Exit(1) from None

    parameters = [_flag(name) for name in names]
    parameters += [_switch(name, text) for name, text in switches.items()]
    config_help = f"YAML file with settings, written like the flags. [default: {DEFAULT_CONFIG}, if there]"
    option = typer.Option("--config", "-c", envvar="MR_CONFIG", help=config_help)
    parameters.append(
        inspect.Parameter(
            "config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[Path | None, option]
        )
    )
    parameters.append(inspect.Parameter("version", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=VERSION))
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__doc__ = command.__doc__
    return run


def _flag(name: str) -> inspect.Parameter:
    field = Settings.model_fields[name]
    flag = "--" + name.replace("_", "-")
    names = [flag, _SHORT[name]] if name in _SHORT else [flag]
    if field.annotation is bool:
        names = [f"{flag}/--no-{flag[2:]}"]
    default = "" if field.default in (None, "") else f" [default: {field.default}]"
    option = typer.Option(*names, help=f"{field.description}{default} [env: MR_{name.upper()}]", show_default=False)
    is_repeatable = field.json_schema_extra == REPEATABLE
    kind: Any = bool if field.annotation is bool else list[str] if is_repeatable else str
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
    )


def _switch(name: str, text: str) -> inspect.Parameter:
    option = typer.Option("--" + name.replace("_", "-"), help=text)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, option])
