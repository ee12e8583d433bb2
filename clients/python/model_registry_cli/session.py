"""What a command has at hand: the server, references, and how to answer."""

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
    """A warning as a line on stderr, without the place in the code."""
    say(f"mr: warning: {' '.join(str(message).split())}")


class Session:
    """One run of a command. Closes its connection in the end."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self.output = Output(options.get("output") or Output.TABLE)

    @cached_property
    def connection(self) -> Connection:
        """Which server it is."""
        return choose(self._options)

    def use_server(self, address: str) -> None:
        """Takes a server that is named by an argument. Raises `Problem` where a flag names one too."""
        if flag := next((name for name in ("server", "context") if self._options.get(name)), None):
            raise Problem(f"Name one server only; got {address} and --{flag} {self._options[flag]}.")
        self.connection = replace(choose({**self._options, "server": address}), source="the argument")

    @cached_property
    def registry(self) -> Registry:
        """The server. Nothing is sent before it is asked something."""
        return self.connection.open()

    @cached_property
    def references(self) -> References:
        """What things are called on it."""
        return References(self.registry)

    @property
    def is_wide(self) -> bool:
        """Whether tables have all columns."""
        return self.output is Output.WIDE

    def place(self, resource: Resource, named: Mapping[str, str | None]) -> Below:
        """What the flags of parents name, such as `--model fraud`. `named`: word to reference."""
        ids = {
            parent.argument: self.references.one(BY_WORD[word], reference).id
            for parent in resource.entity.parents
            if (word := resource_of(parent.entity).word) and (reference := named.get(word))
        }
        return below(resource.entity, **ids)

    def resource_of(self, entity: Entity) -> Resource:
        """The resource that an entity is shown as."""
        return resource_of(entity)

    def list(self, resource: Resource, entities: Iterable[Entity], place: Below = None) -> None:
        """Answers a list, as it comes."""
        is_plain = self.output in (Output.JSON, Output.YAML)
        shown = rows(resource, entities, self.references, place, is_wide=self.is_wide, is_plain=is_plain)
        nothing = f"There are no {resource.name} here."
        show_many(self.output, shown, titles(resource, is_wide=self.is_wide), nothing)

    def answer(self, entity: Entity, place: Below = None) -> None:
        """Answers one entity."""
        for row in rows(resource_of(entity), [entity], self.references, place, is_wide=True, is_plain=True):
            show_one(self.output, row)

    def table(self, shown: Iterable[Row], heads: Sequence[str], nothing: str = "Nothing found.") -> None:
        """Answers rows of another kind."""
        show_many(self.output, shown, heads, nothing)

    def __enter__(self) -> Self:
        for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
            if getattr(sys, name) is None:  # closed by whoever has started the command
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
            told = str(error).rstrip(".")
            error.args = (f"{told}. The address comes from {self.connection.source}.",)
