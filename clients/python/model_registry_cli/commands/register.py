"""`register`."""

from typing import Annotated, Any

import typer
from model_registry_client import Conflict, Entity, ModelArtifact, ModelVersion, RegisteredModel
from model_registry_client.bodies import below

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

    A model of this name gets the version; a version of this name is a conflict, unless a try before was cut off between
    version and files: then the files are added.
    """
    registry = session.registry
    of_version = {
        "name": version,
        "author": author,
        "description": description,
        "custom_properties": properties(property_),
    }
    of_files = {
        "name": artifact or name,
        "uri": uri,
        "model_format_name": model_format_name,
        "model_format_version": model_format_version,
        "storage_key": storage_key,
        "storage_path": storage_path,
    }
    if not (name and version):
        raise Problem("The names of the model and of the version must not be empty.")
    model = registry.find(RegisteredModel, name)
    if dry_run:
        put(
            f"would {'find' if model else 'create'} model {name}, create version {name}/{version} with its files at {uri}"
        )
        return
    is_new = model is None
    model = model or registry.upsert(RegisteredModel, {"name": name, "owner": owner})
    made = _version(session, model, of_version)
    files = registry.create(ModelArtifact, of_files, below(ModelArtifact, model_version_id=made.id))
    _answer(session, {"model": model, "version": made, "artifact": files}, is_new=is_new)


def _version(session: Session, model: Entity, fields: dict[str, Any]) -> ModelVersion:
    under = below(ModelVersion, registered_model_id=model.id)
    try:
        return session.registry.create(ModelVersion, fields, under)
    except Conflict:
        there = session.registry.find(ModelVersion, fields["name"], under)
        if there is None or list(session.registry.list(ModelArtifact, below(ModelArtifact, model_version_id=there.id))):
            raise Problem(
                f"The model {model.name!r} has a version {fields['name']!r} already.",
                f"Choose another --version, or change it: mr versions update {model.name}/{fields['name']}.",
                Exit.CONFLICT,
            ) from None
        return there


def _answer(session: Session, made: dict[str, Entity], *, is_new: bool) -> None:
    files = made["artifact"]
    if session.output in (Output.TABLE, Output.WIDE):
        under = below(type(files), model_version_id=made["version"].id)
        put(f"{'created' if is_new else 'found'} {line_about(session, made['model'])}")
        put(f"created {line_about(session, made['version'])}")
        put(f"created {line_about(session, files, under)}")
        return
    content = {word: plain(entity) for word, entity in made.items()}
    show_one(session.output, told(content, session.references.called(made["version"])))
