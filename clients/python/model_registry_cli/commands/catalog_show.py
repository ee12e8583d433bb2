"""The command `catalog show`."""

from model_registry_cli.catalog import CATALOG, NAME, SOURCE, catalog_of
from model_registry_cli.output.printing import show_one
from model_registry_cli.output.rows import row_of
from model_registry_cli.session import Session


def run(session: Session, source: SOURCE, name: NAME, catalog: CATALOG = None) -> None:
    """Shows a model of the catalog with its artifacts."""
    with catalog_of(session, catalog) as found:
        model = found.model(source, name)
        artifacts = [
            {**each.wire, "customProperties": dict(each.custom_properties)} for each in found.artifacts(source, name)
        ]
    content = {**model.wire, "customProperties": dict(model.custom_properties), "artifacts": artifacts}
    show_one(session.output, row_of(content, f"{source} {name}"))
