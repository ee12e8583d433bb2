"""The command `upload`. Its work is done by the upload job, which is a distribution of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from model_registry_client import ModelArtifact
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

from model_registry_cli.fields import properties
from model_registry_cli.output.printing import Output, put
from model_registry_cli.session import Session

if TYPE_CHECKING:
    from model_registry_upload_job.progress import Progress

_PROPERTY_HELP = "A property of the version. team=payments is text, accuracy:=0.93 is JSON. Repeatable."


def _text(flag: str, help_: str, *more: str) -> Any:
    return typer.Option(flag, *more, metavar="TEXT", help=help_)


def run(
    session: Session,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A file, a folder, or an address: http(s)://, s3://, oci://, hf://owner/model[:revision].",
        ),
    ],
    to: Annotated[
        str,
        typer.Option("--to", metavar="URI", help="oci://REGISTRY/NAME:TAG, or s3://BUCKET/FOLDER[?endpoint=URL]."),
    ],
    model: Annotated[str, _text("--model", "The model. It is created if there is none of this name.", "-m")],
    version: Annotated[str, _text("--version", "The name of the new version.", "-v")],
    author: Annotated[str | None, _text("--author", "The author of the version.")] = None,
    description: Annotated[str | None, _text("--description", "The description of the version.")] = None,
    property_: Annotated[
        list[str] | None, typer.Option("--property", "-P", metavar="KEY=TEXT", help=_PROPERTY_HELP)
    ] = None,
    owner: Annotated[str | None, _text("--owner", "The owner of a new model.")] = None,
    model_format_name: Annotated[str | None, _text("--format", "The format of the files, such as onnx.")] = None,
    model_format_version: Annotated[str | None, _text("--format-version", "The version of the format.")] = None,
    artifact: Annotated[
        str | None, _text("--artifact", "The name of the artifact. The default is the name of the model.")
    ] = None,
    base_image: Annotated[
        str | None, _text("--base-image", "The image that files are added to. The default is a small one.")
    ] = None,
    pin: Annotated[bool, typer.Option("--pin", help="Register the address with the digest of the image.")] = False,
    job_id: Annotated[
        str | None, _text("--job-id", "The id of the upload. With the same id a second call does nothing more.")
    ] = None,
) -> None:
    """Copy files to an OCI registry or to S3, and register them.

    All input is checked before anything is created. Run the same command again after an interruption: it continues. Logins for
    OCI registries come from Docker's configuration, keys for S3 from the AWS_ variables, a token for Hugging Face from HF_TOKEN.
    """
    from model_registry_upload_job.uploading import Upload  # noqa: PLC0415 (it takes long, and may not be installed)

    settings = {"destination-oci-base-image": base_image or "", "destination-oci-pin-digest": "yes" if pin else ""}
    upload = Upload(
        source,
        to,
        _given(name=model, owner=owner),
        _given(name=version, author=author, description=description, custom_properties=properties(property_)),
        _given(name=artifact or model, model_format_name=model_format_name, model_format_version=model_format_version),
        job=job_id or "",
        settings={name: value for name, value in settings.items() if value},
    )
    with _shown() as progress:
        ids = upload.run(session.registry, progress)
    made = session.registry.get(ModelArtifact, ids.artifact)
    if session.output in (Output.TABLE, Output.WIDE):
        put(f"uploaded {model}/{version} to {made.uri}")
        return
    session.print_one(made, None)


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


@contextmanager
def _shown() -> Iterator["Progress"]:
    """A bar on stderr, if that is a terminal."""
    from model_registry_upload_job.progress import Progress  # noqa: PLC0415 (as above)

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console, disable=not console.is_terminal, transient=True) as bars:
        task = bars.add_task("checking", total=None)
        yield Progress(lambda phase, done, total: bars.update(task, description=phase, completed=done, total=total))
