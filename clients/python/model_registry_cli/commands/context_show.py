"""`context show`."""

from model_registry_cli import contexts
from model_registry_cli.output.printing import show_one
from model_registry_cli.output.rows import told
from model_registry_cli.session import Session


def run(session: Session) -> None:
    """Shows which server is spoken to, and why. Nothing is sent to it."""
    chosen = session.connection
    with chosen.open() as registry:
        content = {
            "server": registry.url,
            "source": chosen.source,
            "token": "of the context" if chosen.token else chosen.token_file or "of the environment, if any",
            "file": str(contexts.path()),
        }
    show_one(session.output, told(content, registry.url))
