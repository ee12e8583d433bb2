"""The command `context show`."""

from model_registry_cli import contexts
from model_registry_cli.output.printing import show_one
from model_registry_cli.output.rows import row_of
from model_registry_cli.session import Session


def run(session: Session) -> None:
    """Shows which server is used, and why. No request is sent."""
    chosen = session.connection
    with chosen.open() as registry:
        content = {
            "server": registry.url,
            "source": chosen.source,
            "token": "of the context" if chosen.token else chosen.token_file or "of the environment, if any",
            "file": str(contexts.path()),
        }
    show_one(session.output, row_of(content, registry.url))
