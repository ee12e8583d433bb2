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
_WORST = (Status.FAILED, Status.WARNING, Status.OK)


def run(
    session: Session,
    write: Annotated[
        bool, typer.Option("--write", help="Make a probe model with a version too, and archive both.")
    ] = False,
) -> None:
    """Checks a server: reachable, what it offers, health, clock, latency of each operation.

    Reads only, each five times, unless --write is said. Ends with 0 where nothing failed, with 5 where the server cannot be
    reached, else with 8.
    """
    found: list[Check] = []

    def checks() -> Iterator[Check]:
        for check in Examination(session.connection, may_write=write).checks():
            found.append(check)
            yield check

    if session.output in (Output.JSON, Output.YAML):
        content = [_content(check) for check in checks()]
        status = next(each for each in _WORST if each is Status.OK or any(check.status is each for check in found))
        server = {"server": root_url(session.connection.server), "source": session.connection.source}
        show_one(session.output, told({**server, "status": status.value, "checks": content}, status.value))
    else:
        session.table((_row(check) for check in checks()), ("CHECK", "STATUS", "MS", "TOLD"))
    if found[0].status is Status.FAILED:
        raise typer.Exit(Exit.UNREACHABLE)
    if any(check.status is Status.FAILED for check in found):
        raise typer.Exit(Exit.UNHEALTHY)


def _row(check: Check) -> Row:
    took = "" if check.milliseconds is None else f"{check.milliseconds:.1f}"
    status = (check.status.value, _STYLES[check.status])
    return told(_content(check), check.name, check.name, status, f"{took:>7}", check.told)


def _content(check: Check) -> dict[str, Any]:
    took = None if check.milliseconds is None else round(check.milliseconds, 2)
    return {**asdict(check), "status": check.status.value, "milliseconds": took}
