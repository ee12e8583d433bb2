"""The command `metrics history`."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

import typer

from model_registry_cli.completion import completes
from model_registry_cli.output.cells import age, number, printable
from model_registry_cli.output.details import of_entity
from model_registry_cli.output.plain import plain
from model_registry_cli.output.rows import Row
from model_registry_cli.resources import BY_WORD
from model_registry_cli.session import Session


def run(
    session: Session,
    run: Annotated[
        str, typer.Argument(metavar="EXPERIMENT/RUN", help="The run.", autocompletion=completes((BY_WORD["run"],)))
    ],
    name: Annotated[str | None, typer.Argument(metavar="METRIC", help="Only this metric.", show_default=False)] = None,
    step: Annotated[list[int] | None, typer.Option("--step", metavar="N", help="Only this step. Repeatable.")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, metavar="N", help="The largest number of rows.")
    ] = None,
) -> None:
    """Shows the history of the metrics of a run."""
    found = session.references.one(BY_WORD["run"], run)
    history = session.registry.list_metric_history(found.id, name=name, step_ids=step or ())

    def rows() -> Iterator[Row]:
        for metric in islice(history, limit):
            yield Row(
                lambda m=metric: [  # type: ignore[misc]
                    (printable(m.name), ""),
                    ("" if m.step is None else str(m.step), ""),
                    (number(m.value), ""),
                    (age(m.timestamp), ""),
                ],
                lambda m=metric: plain(m),  # type: ignore[misc]
                lambda m=metric: f"id:{m.id}",  # type: ignore[misc]
                lambda m=metric: of_entity(m, plain(m), session.references),  # type: ignore[misc]
            )

    session.table(rows(), ("METRIC", "STEP", "VALUE", "MEASURED"), f"The run {found.name!r} has no such values.")
