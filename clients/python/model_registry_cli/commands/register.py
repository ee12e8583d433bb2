"""`register`."""

from typing import Annotated

import typer
from model_registry_client import RegisteredModel
from model_registry_client.bodies import below
from model_registry_client.registration import AlreadyRegistered, Registered, Registration

from model_registry_cli.exits import Exit, Problem
from model_registry_cli.fields import properties
from model_registry_cli.output.plain import plain
from model_registry_cli.output.printing import Output, put, show_one
from model_registry_cli.output.rows import told
from model_registry_cli.selection import line_about
from model_registry_cli.session import Session

_PROPERTY_HELP = "A property of the version: team=payments is text, accuracy:=0.93 any JSON. Repeatable."


def run(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="MODEL", help="The model; made where there is none of this name.")],
    uri: Annotated[str, typer.Argument(metavar="URI", help="Where its files lie.")],
    version: Annotated[
        str, typer.Option("--version", "-v", metavar="TEXT", help="The version's name, new to the model.")
    ],
    author: Annotated[str | None, typer.Option("--author", metavar="TEXT", help="Who made the version.")] = None,
    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help="What the version is.")
    ] = None,
    property_: Annotated[
        list[str] | None, typer.Option("--property", "-P", metavar="KEY=TEXT", help=_PROPERTY_HELP)
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="TEXT", help="Who answers for the model, where it is new.")
    ] = None,
    model_format_name: Annotated[
        str | None, typer.Option("--format", metavar="TEXT", help="The format of the files, such as onnx.")
    ] = None,
    model_format_version: Annotated[
        str | None, typer.Option("--format-version", metavar="TEXT", help="The version of the format.")
    ] = None,
    storage_key: Annotated[
        str | None, typer.Option("--storage-key", metavar="TEXT", help="The secret with the storage's credentials.")
    ] = None,
    storage_path: Annotated[
        str | None, typer.Option("--storage-path", metavar="TEXT", help="The path in the storage.")
    ] = None,
    artifact: Annotated[
        str | None, typer.Option("--artifact", metavar="TEXT", help="What the files are called; the model's name else.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
) -> None:
    """Registers a model, a version and its files in one go.

    All input is checked before anything is created. A model of this name gets the version; a version of this name is a
    conflict, unless a try before was cut off between version and files: then the files are added.
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
    _answer(session, made)


def _answer(session: Session, made: Registered[RegisteredModel]) -> None:
    files = made.files
    if session.output in (Output.TABLE, Output.WIDE):
        under = below(type(files), model_version_id=made.version.id)
        put(f"{'created' if made.is_new else 'found'} {line_about(session, made.model)}")
        put(f"created {line_about(session, made.version)}")
        put(f"created {line_about(session, files, under)}")
        return
    content = {"model": plain(made.model), "version": plain(made.version), "artifact": plain(files)}
    show_one(session.output, told(content, session.references.called(made.version)))
