"""`doctor`."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer
from model_registry_client.addresses import root_url

from model_registry_cli.examination import Check, Examination, Status
from model_registry_cli.exits import Exit
from model_registry_cli.output.printing import Output, show_one
from model_registry_cli.output.rows import Row, told
from model_registry_cli.session import Session

_STYLES = {Status.OK: "green", Status.SKIPPED: "dim", Status.WARNING: "yellow", Status.FAILED: "red"}
_MOST_SHOWN = 100
_WORST = (Status.FAILED, Status.WARNING, Status.OK)


def run(
    session: Session,
    write: Annotated[
        bool, typer.Option("--write", help="Make a probe model with a version too, and archive both.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not look through all entities for whole numbers of more than 9 digits.")
    ] = False,
) -> None:
    """Checks a server: reachable, what it offers, health, clock, latency of each operation, whole numbers of more than 9 digits.

    Kubeflow's newest Python client fails on lists that hold such a number in a custom property; the entities are named.
    Reads only, each five times, unless --write is said. Ends with 0 where nothing failed, also with warnings; with 5 where the
    server cannot be reached, else with 8.
    """
    found: list[Check] = []

    def checks() -> Iterator[Check]:
        for check in Examination(session.connection, may_write=write, looks_through=not quick).checks():
            found.append(check)
            yield check

    if session.output in (Output.JSON, Output.YAML):
        content = [_content(check) for check in checks()]
        status = next(each for each in _WORST if each is Status.OK or any(check.status is each for check in found))
        server = {"server": root_url(session.connection.server), "source": session.connection.source}
        show_one(session.output, told({**server, "status": status.value, "checks": content}, status.value))
    else:
        session.table((row for check in checks() for row in _rows(check)), ("CHECK", "STATUS", "MS", "TOLD"))
    if found[0].status is Status.FAILED:
        raise typer.Exit(Exit.UNREACHABLE)
    if any(check.status is Status.FAILED for check in found):
        raise typer.Exit(Exit.UNHEALTHY)


def _rows(check: Check) -> Iterator[Row]:
    yield _row(check)
    for each in check.values[:_MOST_SHOWN]:
        text = f"{each.kind} {each.name} (id {each.id}): {each.property} = {each.value}"
        yield told(asdict(each), check.name, "", "", "", text)
    if len(check.values) > _MOST_SHOWN:
        text = f"and {len(check.values) - _MOST_SHOWN} more; -o json names all"
        yield told({"told": text}, check.name, "", "", "", text)


def _row(check: Check) -> Row:
    took = "" if check.milliseconds is None else f"{check.milliseconds:.1f}"
    status = (check.status.value, _STYLES[check.status])
    return told(_content(check), check.name, check.name, status, f"{took:>7}", check.told)


def _content(check: Check) -> dict[str, Any]:
    took = None if check.milliseconds is None else round(check.milliseconds, 2)
    content = {**asdict(check), "status": check.status.value, "milliseconds": took}
    return content if check.values else {key: value for key, value in content.items() if key != "values"}
