"""The command `catalog register`."""

from typing import Annotated

import typer
from model_registry_client import RegisteredModel
from model_registry_client.from_catalog import registration_of
from model_registry_client.registration import AlreadyRegistered

from model_registry_cli.catalog import CATALOG, NAME, SOURCE, catalog_of
from model_registry_cli.commands.register import print_registered
from model_registry_cli.exits import Exit, Problem
from model_registry_cli.output.printing import put
from model_registry_cli.session import Session


def run(
    session: Session,
    source: SOURCE,
    name: NAME,
    version: Annotated[str, typer.Option("--version", "-v", metavar="TEXT", help="The name of the new version.")],
    as_: Annotated[
        str | None,
        typer.Option("--as", metavar="MODEL", help="The registered model. The default is the name in the catalog."),
    ] = None,
    uri: Annotated[
        str | None, typer.Option("--uri", metavar="URI", help="Which files, where the catalog has several.")
    ] = None,
    owner: Annotated[str | None, typer.Option("--owner", metavar="TEXT", help="The owner of a new model.")] = None,
    author: Annotated[str | None, typer.Option("--author", metavar="TEXT", help="The author of the version.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")] = False,
    catalog: CATALOG = None,
) -> None:
    """Registers a model of the catalog: a model, a version, and its files with where they come from."""
    with catalog_of(session, catalog) as found:
        model, artifacts = found.model(source, name), list(found.artifacts(source, name))
    registration = registration_of(model, artifacts, version=version, name=as_, uri=uri, owner=owner, author=author)
    target = registration.model["name"]
    if dry_run:
        verb = "find" if session.registry.find(RegisteredModel, target) else "create"
        put(
            f"would {verb} model {target}, create version {target}/{version} with its files at {registration.files['uri']}"
        )
        return
    try:
        made = registration.make(session.registry, RegisteredModel)
    except AlreadyRegistered as error:
        raise Problem(str(error), "Choose another --version, or another model by --as.", Exit.CONFLICT) from None
    print_registered(session, made)
