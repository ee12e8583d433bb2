"""The command `context list`."""

from model_registry_cli import contexts
from model_registry_cli.output.rows import Row, row_of
from model_registry_cli.session import Session

COMMON = ("output",)


def run(session: Session) -> None:
    """Lists the contexts. Tokens are not shown."""
    found = contexts.load()
    session.table(
        [_row(name, each, is_current=name == found.current) for name, each in found.known.items()],
        ("", "NAME", "SERVER", "TOKEN", "TLS"),
        f"There are no contexts in {contexts.path()}. mr context set NAME --server URL makes one.",
    )


def _row(name: str, context: contexts.Context, *, is_current: bool) -> Row:
    token = "in this file" if context.token else context.token_file or ""
    tls = "not checked" if context.insecure else context.ca or ""
    shown = {key: value for key, value in context.set_fields().items() if key != "token"}
    content = {"name": name, "current": is_current, **shown, "hasToken": bool(context.token)}
    return row_of(content, name, "*" if is_current else "", name, context.server, token, tls)
