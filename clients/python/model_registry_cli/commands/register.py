"""The command `register`."""

from typing import Annotated

import typer
from model_registry_client import RegisteredModel
from model_registry_client.bodies import below
from model_registry_client.registration import AlreadyRegistered, Registered, Registration

from model_registry_cli.exits import Exit, Problem
from model_registry_cli.fields import properties
from model_registry_cli.output.plain import plain
from model_registry_cli.output.printing import Output, put, show_one
from model_registry_cli.output.rows import row_of
from model_registry_cli.selection import line_about
from model_registry_cli.session import Session

_PROPERTY_HELP = "A property of the version. team=payments is text, accuracy:=0.93 is JSON. Repeatable."


def run(
    session: Session,
    name: Annotated[
        str, typer.Argument(metavar="MODEL", help="The model. It is created if there is none of this name.")
    ],
    uri: Annotated[str, typer.Argument(metavar="URI", help="The URI of the files.")],
    version: Annotated[str, typer.Option("--version", "-v", metavar="TEXT", help="The name of the new version.")],
    author: Annotated[str | None, typer.Option("--author", metavar="TEXT", help="The author of the version.")] = None,
    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help="The description of the version.")
    ] = None,
    property_: Annotated[
        list[str] | None, typer.Option("--property", "-P", metavar="KEY=TEXT", help=_PROPERTY_HELP)
    ] = None,
    owner: Annotated[str | None, typer.Option("--owner", metavar="TEXT", help="The owner of a new model.")] = None,
    model_format_name: Annotated[
        str | None, typer.Option("--format", metavar="TEXT", help="The format of the files, such as onnx.")
    ] = None,
    model_format_version: Annotated[
        str | None, typer.Option("--format-version", metavar="TEXT", help="The version of the format.")
    ] = None,
    storage_key: Annotated[
        str | None,
        typer.Option("--storage-key", metavar="TEXT", help="The secret with the credentials of the storage."),
    ] = None,
    storage_path: Annotated[
        str | None, typer.Option("--storage-path", metavar="TEXT", help="The path in the storage.")
    ] = None,
    artifact: Annotated[
        str | None,
        typer.Option(
            "--artifact", metavar="TEXT", help="The name of the artifact. The default is the name of the model."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")] = False,
) -> None:
    """Registers a model, a version and its files in one command.

    All input is checked before anything is created. An existing model gets the version. An existing version is a conflict. If an
    earlier attempt ended before it created the artifact, the same command creates it.
    """
    registration = Registration(
        model={"name": name, "owner": owner},
        version={
            "name": version,
            "author": author,
            "description": description,
            "custom_properties": properties(property_),
        },
        files={
            "name": artifact or name,
            "uri": uri,
            "model_format_name": model_format_name,
            "model_format_version": model_format_version,
            "storage_key": storage_key,
            "storage_path": storage_path,
        },
    )
    if dry_run:
        verb = "find" if session.registry.find(RegisteredModel, name) else "create"
        put(f"would {verb} model {name}, create version {name}/{version} with its files at {uri}")
        return
    try:
        made = registration.make(session.registry, RegisteredModel)
    except AlreadyRegistered as error:
        raise Problem(
            str(error),
            f"Choose another --version, or change it: mr versions update {name}/{version}"
            + (f", and mr artifacts create {name}/{version}/{artifact or name}." if error.lacks_files else "."),
            Exit.CONFLICT,
        ) from None
    print_registered(session, made)


def print_registered(session: Session, made: Registered[RegisteredModel]) -> None:
    """Prints what a registration has made."""
    files = made.files
    if session.output in (Output.TABLE, Output.WIDE):
        under = below(type(files), model_version_id=made.version.id)
        put(f"{'created' if made.is_new else 'found'} {line_about(session, made.model)}")
        put(f"created {line_about(session, made.version)}")
        put(f"created {line_about(session, files, under)}")
        return
    content = {"model": plain(made.model), "version": plain(made.version), "artifact": plain(files)}
    show_one(session.output, row_of(content, session.references.called(made.version)))
