"""The formats of `-o`, in one table. Rows of a list are printed as soon as they arrive."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any

from model_registry_cli.exits import say
from model_registry_cli.output import table
from model_registry_cli.output.details import lines
from model_registry_cli.output.rows import Row


class Output(StrEnum):
    """The values of `-o`."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


def show_many(output: Output, rows: Iterable[Row], titles: Sequence[str], nothing: str = "Nothing found.") -> None:
    """Prints a list. For an empty table, `nothing` is printed on stderr."""
    _MANY[output](rows, titles, nothing)


def show_one(output: Output, row: Row) -> None:
    """Prints one row with all of its fields, one per line."""
    _ONE[output](row)


def _many_as_table(rows: Iterable[Row], titles: Sequence[str], nothing: str) -> None:
    counted = 0

    def counting() -> Iterable[Row]:
        nonlocal counted
        for row in rows:
            counted += 1
            yield row

    table.show(counting(), titles)
    if not counted:
        say(nothing)


def _many_as_json(rows: Iterable[Row], _: Sequence[str], __: str) -> None:
    separator = "[\n"
    for row in rows:
        sys.stdout.write(separator + _indented(json.dumps(row.plain(), indent=2, ensure_ascii=False)))
        separator = ",\n"
    put("[]" if separator == "[\n" else "\n]")


def _many_as_yaml(rows: Iterable[Row], _: Sequence[str], __: str) -> None:
    is_empty = True
    for row in rows:
        sys.stdout.write(_yaml([row.plain()]))
        is_empty = False
    if is_empty:
        put("[]")


def _many_as_names(rows: Iterable[Row], _: Sequence[str], __: str) -> None:
    for row in rows:
        put(row.name())


def put(line: str) -> None:
    """Prints a line on stdout."""
    print(line)  # noqa: T201 (the output of a command)


def _indented(lines: str) -> str:
    return "\n".join("  " + line for line in lines.split("\n"))


def _yaml(content: Any) -> str:
    import yaml  # noqa: PLC0415 (most commands do not need it)

    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000)


def _one_as_lines(row: Row) -> None:
    for line in lines(row.details()):
        put(line)


_MANY: dict[Output, Callable[[Iterable[Row], Sequence[str], str], None]] = {
    Output.TABLE: _many_as_table,
    Output.WIDE: _many_as_table,
    Output.JSON: _many_as_json,
    Output.YAML: _many_as_yaml,
    Output.NAME: _many_as_names,
}
_ONE: dict[Output, Callable[[Row], None]] = {
    Output.TABLE: _one_as_lines,
    Output.WIDE: _one_as_lines,
    Output.JSON: lambda row: put(json.dumps(row.plain(), indent=2, ensure_ascii=False)),
    Output.YAML: lambda row: put(_yaml(row.plain()).rstrip()),
    Output.NAME: lambda row: put(row.name()),
}
