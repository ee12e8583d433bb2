"""The command `catalog sources`."""

from model_registry_cli.catalog import CATALOG, catalog_of
from model_registry_cli.output.cells import printable
from model_registry_cli.output.rows import row_of
from model_registry_cli.session import Session

_TITLES = ("ID", "NAME", "STATUS", "LABELS", "ERROR")


def run(session: Session, catalog: CATALOG = None) -> None:
    """Lists the sources of the catalog, also those that are disabled or cannot be read."""
    with catalog_of(session, catalog) as found:
        rows = (
            row_of(
                {
                    "id": each.id,
                    "name": each.name,
                    "enabled": each.enabled,
                    "status": each.status,
                    "labels": [*each.labels],
                    "error": each.error,
                },
                each.id,
                *(
                    printable(text or "")
                    for text in (each.id, each.name, each.status, ", ".join(each.labels), each.error)
                ),
            )
            for each in found.sources()
        )
        session.table(rows, _TITLES, "The catalog has no sources of models.")
