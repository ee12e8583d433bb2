"""The command `doctor`."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer
from model_registry_client.addresses import root_url

from model_registry_cli.exits import Exit
from model_registry_cli.health_checks import Check, HealthChecks, Status
from model_registry_cli.output.printing import Output, show_one
from model_registry_cli.output.rows import Row, row_of
from model_registry_cli.session import Session

_STYLES = {Status.OK: "green", Status.SKIPPED: "dim", Status.WARNING: "yellow", Status.FAILED: "red"}
_MOST_SHOWN = 100
_MESSAGE = "told"
_JSON_NAMES = {"message": _MESSAGE}
"""The JSON name of a message. Scripts read it, so it stays."""
_WORST = (Status.FAILED, Status.WARNING, Status.OK)


def run(
    session: Session,
    write: Annotated[
        bool, typer.Option("--write", help="Also create a probe model with a version, and archive both.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not read all entities to find whole numbers of more than 9 digits.")
    ] = False,
) -> None:
    """Checks a server: reachable, API versions, health, clock, latency of each operation, whole numbers of more than 9 digits.

    Kubeflow's newest Python client fails on lists with such a number in a custom property. The check names the entities.
    Without --write it only reads. Each read is sent five times. The exit code is 0 if nothing failed, also with warnings; 5 if the
    server cannot be reached; else 8.
    """
    found: list[Check] = []

    def checks() -> Iterator[Check]:
        for check in HealthChecks(session.connection, may_write=write, scans_entities=not quick).checks():
            found.append(check)
            yield check

    if session.output in (Output.JSON, Output.YAML):
        content = [_content(check) for check in checks()]
        status = next(each for each in _WORST if each is Status.OK or any(check.status is each for check in found))
        server = {"server": root_url(session.connection.server), "source": session.connection.source}
        show_one(session.output, row_of({**server, "status": status.value, "checks": content}, status.value))
    else:
        session.table((row for check in checks() for row in _rows(check)), ("CHECK", "STATUS", "MS", "RESULT"))
    if found[0].status is Status.FAILED:
        raise typer.Exit(Exit.UNREACHABLE)
    if any(check.status is Status.FAILED for check in found):
        raise typer.Exit(Exit.UNHEALTHY)


def _rows(check: Check) -> Iterator[Row]:
    yield _row(check)
    for each in check.values[:_MOST_SHOWN]:
        text = f"{each.kind} {each.name} (id {each.id}): {each.property} = {each.value}"
        yield row_of(asdict(each), check.name, "", "", "", text)
    if len(check.values) > _MOST_SHOWN:
        text = f"and {len(check.values) - _MOST_SHOWN} more; -o json shows all"
        yield row_of({_MESSAGE: text}, check.name, "", "", "", text)


def _row(check: Check) -> Row:
    took = "" if check.milliseconds is None else f"{check.milliseconds:.1f}"
    status = (check.status.value, _STYLES[check.status])
    return row_of(_content(check), check.name, check.name, status, f"{took:>7}", check.message)


def _content(check: Check) -> dict[str, Any]:
    took = None if check.milliseconds is None else round(check.milliseconds, 2)
    content = {_JSON_NAMES.get(name, name): value for name, value in asdict(check).items()}
    content |= {"status": check.status.value, "milliseconds": took}
    return content if check.values else {key: value for key, value in content.items() if key != "values"}
