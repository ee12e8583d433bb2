"""The command `changes`."""

import inspect
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

import typer
from model_registry_client import AuditRecord

from model_registry_cli import parent_flags, selection
from model_registry_cli.options import parameter
from model_registry_cli.output.cells import age, printable
from model_registry_cli.output.rows import Row, row_of
from model_registry_cli.resources import Resource
from model_registry_cli.session import Session

HELP = "It reads the audit log of the server, newest change first. A reference is {resource.path} or id:7."
_TITLES = ("CHANGED", "USER", "FIELDS", "OUTCOME", "REQUEST")
_DONE = "done"


def parameters(resource: Resource) -> list[inspect.Parameter]:
    """Returns the flags of `changes`."""
    user = typer.Option("--user", metavar="USER", help="Only changes of this user.")
    field = typer.Option("--field", metavar="FIELD", help="Only this field: owner, customProperties.stage.")
    limit = typer.Option("--limit", "-n", min=1, metavar="N", help="The largest number of rows.")
    return [
        selection.references(resource, is_needed=True),
        parameter("user", str | None, user),
        parameter("field", str | None, field),
        parameter("limit", int | None, limit),
        *parent_flags.flags(resource),
    ]


def run(session: Session, resource: Resource, **given: Any) -> None:
    """Shows the changes of entities."""
    found, _ = selection.chosen(session, resource, given)

    def rows() -> Iterator[Row]:
        for entity in found:
            records = session.registry.extensions.audit(entity, user=given["user"], changed=given["field"])
            yield from map(_row, islice(records, given["limit"]))

    session.table(rows(), _TITLES, "The audit log has no such change.")


def _row(record: AuditRecord) -> Row:
    content = {**asdict(record), "time": record.time.isoformat(), "changed": list(record.changed)}
    status = f" ({record.status})" if record.outcome != _DONE and record.status else ""
    return row_of(
        {key: value for key, value in content.items() if value is not None},
        record.request_id or "",
        age(str(round(record.time.timestamp() * 1000))),
        printable(record.user or ""),
        printable(", ".join(record.changed)),
        record.outcome + status,
        printable(record.request_id or ""),
    )
