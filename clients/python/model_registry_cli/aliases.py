"""What the commands of aliases have in common: their arguments, and rows of aliases and moves."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer
from model_registry_client import Alias, AliasMove, RegisteredModel

from model_registry_cli.completion import completes
from model_registry_cli.output.cells import age, printable
from model_registry_cli.output.rows import Row, row_of
from model_registry_cli.resources import BY_WORD
from model_registry_cli.session import Session

MODEL = Annotated[
    str, typer.Argument(metavar="MODEL", help="The model.", autocompletion=completes((BY_WORD["model"],)))
]
ALIAS = Annotated[str, typer.Argument(metavar="ALIAS", help="The alias, such as production.")]
REASON = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the history.")]
EXPECTED = Annotated[
    str | None,
    typer.Option("--expected", metavar="VERSION", help='Only if it points to this version; "" for nowhere.'),
]
FORCE = Annotated[bool, typer.Option("--force", help="Move a protected alias too, on a server without authentication.")]
TITLES = ("ALIAS", "VERSION", "MOVES", "PROTECTED", "MOVED")
MOVE_TITLES = ("TIME", "ALIAS", "MOVE", "FROM", "TO", "USER", "REASON")


def model_named(session: Session, text: str) -> RegisteredModel:
    """Returns the model of a reference."""
    found = session.references.one(BY_WORD["model"], text)
    assert isinstance(found, RegisteredModel)  # noqa: S101 (the resource says so)
    return found


def version_id(session: Session, model: RegisteredModel, text: str) -> str:
    """Returns the id of a version of the model, by its name or as id:7."""
    under = session.parent(BY_WORD["version"], {"model": f"id:{model.id}"})
    return session.references.one(BY_WORD["version"], text, under).id


def expected_id(session: Session, model: RegisteredModel, text: str | None) -> str | None:
    """Returns the id of the version that an alias must point to; an empty text for nowhere, `None` for any."""
    return version_id(session, model, text) if text else text


def row_of_alias(session: Session, alias: Alias) -> Row:
    """Returns the row of an alias."""
    return row_of(
        {**asdict(alias), "moved": alias.moved.isoformat()},
        alias.name,
        alias.name,
        _called(session, alias.model_version_id),
        str(alias.serial),
        "yes" if alias.is_protected else "",
        _age(alias.moved),
    )


def row_of_move(session: Session, move: AliasMove) -> Row:
    """Returns the row of a move."""
    content: dict[str, Any] = {**asdict(move), "time": move.time.isoformat()}
    return row_of(
        content,
        f"{move.alias}:{move.serial}",
        _age(move.time),
        move.alias,
        move.kind,
        _called(session, move.from_version_id),
        _called(session, move.to_version_id),
        printable(move.actor),
        printable(move.reason),
    )


def _called(session: Session, id_: str | None) -> str:
    """The name of a version; `-` for nowhere."""
    if id_ is None:
        return "-"
    return printable(session.references.name_of(BY_WORD["version"].entity, id_) or f"id:{id_}")


def _age(time: datetime) -> str:
    return age(str(round(time.timestamp() * 1000)))
