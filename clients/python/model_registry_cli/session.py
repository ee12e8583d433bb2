"""The session of a command: its server, its references, and its output."""

import os
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import TracebackType
from typing import Any, Self

from model_registry_client import Entity, Registry, Unreachable
from model_registry_client.bodies import Below, below

from model_registry_cli.connection import Connection, choose
from model_registry_cli.exits import Problem, say
from model_registry_cli.output.printing import Output, show_many, show_one
from model_registry_cli.output.rows import Row, rows, titles
from model_registry_cli.references import References
from model_registry_cli.resources import BY_WORD, Resource, resource_of


def _say(message: Warning | str, *_: Any) -> None:
    """Prints a warning as a line on stderr, without the line of code."""
    say(f"mr: warning: {' '.join(str(message).split())}")


class Session:
    """One run of a command. It closes its connection at the end.

    Attributes:
        options: The values of the common flags.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.options = options
        self.output = Output(options.get("output") or Output.TABLE)

    @cached_property
    def connection(self) -> Connection:
        """The server and its credentials."""
        return choose(self.options)

    def use_server(self, address: str) -> None:
        """Uses the server of an argument. Raises `Problem` if a flag names one too."""
        if flag := next((name for name in ("server", "context") if self.options.get(name)), None):
            raise Problem(f"Name one server only; got {address} and --{flag} {self.options[flag]}.")
        self.connection = replace(choose({**self.options, "server": address}), source="the argument")

    @cached_property
    def registry(self) -> Registry:
        """The client. It sends nothing before the first request."""
        return self.connection.open()

    @cached_property
    def references(self) -> References:
        """The references of this server."""
        return References(self.registry)

    @property
    def is_wide(self) -> bool:
        """Whether tables show all columns."""
        return self.output is Output.WIDE

    def parent(self, resource: Resource, named: Mapping[str, str | None]) -> Below:
        """Returns the parent that flags such as `--model fraud` name, if any. `named`: references by the word of the parent."""
        ids = {
            parent.argument: self.references.one(BY_WORD[word], reference).id
            for parent in resource.entity.parents
            if (word := resource_of(parent.entity).word) and (reference := named.get(word))
        }
        return below(resource.entity, **ids)

    def resource_of(self, entity: Entity) -> Resource:
        """Returns the resource of an entity."""
        return resource_of(entity)

    def list(self, resource: Resource, entities: Iterable[Entity], under: Below = None) -> None:
        """Prints a list. Rows are printed as soon as they arrive."""
        is_plain = self.output in (Output.JSON, Output.YAML)
        shown = rows(resource, entities, self.references, under, is_wide=self.is_wide, is_plain=is_plain)
        nothing = f"There are no {resource.name} here."
        show_many(self.output, shown, titles(resource, is_wide=self.is_wide), nothing)

    def print_one(self, entity: Entity, under: Below = None) -> None:
        """Prints one entity."""
        for row in rows(resource_of(entity), [entity], self.references, under, is_wide=True, is_plain=True):
            show_one(self.output, row)

    def table(self, shown: Iterable[Row], heads: Sequence[str], nothing: str = "Nothing found.") -> None:
        """Prints rows that are not entities."""
        show_many(self.output, shown, heads, nothing)

    def __enter__(self) -> Self:
        for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
            if getattr(sys, name) is None:  # closed by the parent process
                setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123 (as long as the process)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        warnings.showwarning = _say  # type: ignore[assignment]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "registry" in self.__dict__:
            self.registry.close()
        if isinstance(error, Unreachable):
            message = str(error).rstrip(".")
            error.args = (f"{message}. The address comes from {self.connection.source}.",)
