"""The model catalog of a command: by default that of the registry's server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from model_registry_client import NotFound
from model_registry_client._sync.catalog import Catalog

from model_registry_cli.connection import choose
from model_registry_cli.exits import Exit, Problem
from model_registry_cli.session import Session

CATALOG_VARIABLE = "MODEL_CATALOG_URL"
CATALOG = Annotated[
    str | None,
    typer.Option(
        "--catalog", metavar="URL", help=f"The address of the catalog, if not the registry's. ({CATALOG_VARIABLE})"
    ),
]
SOURCE = Annotated[str, typer.Argument(metavar="SOURCE", help="The id of the source.")]
NAME = Annotated[str, typer.Argument(metavar="NAME", help="The name of the model in the catalog.")]
_NO_CATALOG = "Nothing is served at"
"""So begins the error of a registry without a catalog."""


@contextmanager
def catalog_of(session: Session, address: str | None) -> Iterator[Catalog]:
    """The catalog at an address, or that of the registry. Another server gets the token of the flags or the environment only."""
    address = address or os.environ.get(CATALOG_VARIABLE)
    try:
        if not address:
            yield session.registry.catalog
            return
        named = {**session.options, "server": address, "context": None}
        with choose(named).open() as registry:
            yield registry.catalog
    except NotFound as error:
        if not str(error.message).startswith(_NO_CATALOG):
            raise
        raise Problem(
            "This registry serves no catalog.",
            "Start it with --catalogs-path, or name a catalog with --catalog URL.",
            Exit.NOT_FOUND,
        ) from None
