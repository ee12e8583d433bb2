"""The command `catalog models`."""

from itertools import islice
from typing import Annotated

import typer

from model_registry_cli.catalog import CATALOG, catalog_of
from model_registry_cli.output.cells import printable
from model_registry_cli.output.rows import row_of
from model_registry_cli.session import Session

_TITLES = ("SOURCE", "NAME", "PROVIDER", "TASKS", "LICENSE")


def run(
    session: Session,
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="A part of the name, description, provider, tasks or readme.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="ID", help="Only models of this source; several with commas.")
    ] = None,
    filter_: Annotated[
        str | None,
        typer.Option(
            "--filter", "-q", metavar="QUERY", help="Such as 'license = \"MIT\" AND artifacts.ttft_p90 < 100'."
        ),
    ] = None,
    order_by: Annotated[
        str | None,
        typer.Option("--order-by", metavar="FIELD", help="NAME, ACCURACY, or such as artifacts.ttft_p90.double_value."),
    ] = None,
    desc: Annotated[bool, typer.Option("--desc", help="The highest first.")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, metavar="N", help="The largest number of models.")
    ] = None,
    catalog: CATALOG = None,
) -> None:
    """Lists models of the catalog, by name."""
    with catalog_of(session, catalog) as found:
        models = found.models(source=source, text=text, filter_query=filter_, order_by=order_by, descending=desc)
        rows = (
            row_of(
                each.wire,
                f"{each.source_id} {each.name}",
                *(
                    printable(cell or "")
                    for cell in (each.source_id, each.name, each.provider, ", ".join(each.tasks), each.license)
                ),
            )
            for each in islice(models, limit)
        )
        session.table(rows, _TITLES, "No model of the catalog matches.")
