"""The subcommands of `model-registry`. Flags are made from `Settings`, so that each setting is declared once."""

import asyncio
import importlib
import importlib.util
import sys
from typing import Annotated

import typer

from model_registry_proxy.commands import transfer
from model_registry_proxy.commands.flags import VERSION, with_flags
from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.observability.logs import configure_logging

_MLMD_TLS_SETTINGS = ("mlmd_tls_ca", "mlmd_tls_cert", "mlmd_tls_key", "mlmd_tls_server_name")
_STORE_SETTINGS = (
    "mlmd_hostname",
    "mlmd_port",
    "database",
    *_MLMD_TLS_SETTINGS,
    "max_message_bytes",
    "request_timeout",
    "log_level",
    "log_format",
)
_REPAIR_SWITCHES = {
    "dry_run": "Report only; change nothing.",
    "json": "Print one JSON object for each finding instead of a table.",
}
_INIT_SWITCHES = {
    "create_database": "Create the MySQL database of --database if it does not exist, with COLLATE utf8mb4_bin.",
    "upgrade_schema": "Upgrade an older schema of --database to the version of the installed ml-metadata; make a backup first.",
}
_PROBED_SETTINGS = ("hostname", "port", "tls_cert")
_ONLY_OF_CATALOG = ("listen",)
_CATALOG_SETTINGS = (
    "listen",
    "catalogs_path",
    "performance_metrics",
    "cache_dir",
    "allow_hf_url",
    "allow_hf_key_variable",
    "log_level",
    "log_format",
    "server_timing",
    "metrics_port",
    "metrics_hostname",
    "root_path",
    "allowed_hosts",
    "cors_origins",
    "max_body_bytes",
    "max_bodies_bytes",
    "max_connections",
    "header_timeout",
    "keep_alive_timeout",
    "write_timeout",
    "max_in_flight",
    "request_timeout",
    "tls_cert",
    "tls_key",
    "auth",
    "auth_tokens",
    "jwt_issuer",
    "jwt_audience",
    "jwt_jwks",
    "jwt_ca",
    "jwt_algorithms",
    "jwt_leeway",
    "jwt_user_claim",
    "jwt_groups_claim",
    "gateway_peers",
    "policy",
    "audit_log",
    "validate_responses",
)
_CLIENT_NEEDS = ("model_registry_cli", "platformdirs", "plotille")
_ENGINE_SETTINGS = ("hostname", "mlmd_port", "database", "max_message_bytes", "log_level", "log_format")

app = typer.Typer(
    name="model-registry",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _proxy(settings: Settings) -> None:
    """Serve the REST API.

    The data is in an MLMD server, or in the store of the embedded engine.
    """
    from model_registry_proxy.serving.server import serve

    configure_logging(settings.log_level, settings.log_format)
    serve(settings)


def _catalog(settings: Settings) -> None:
    """Serve only the model catalog: models and MCP servers from sources files, to be searched and read.

    It needs no database. Without --auth everyone who reaches the address may read.
    """
    from model_catalog.serving.server import serve

    configure_logging(settings.log_level, settings.log_format)
    serve(settings)


def _mlmd_server(settings: Settings) -> None:
    """Run only the embedded MLMD engine, for gRPC users."""
    from model_registry_proxy.engine.process import serve_standalone

    configure_logging(settings.log_level, settings.log_format)
    serve_standalone(settings.database, settings.hostname, settings.mlmd_port, settings.max_message_bytes)


def _init(settings: Settings, *, create_database: bool, upgrade_schema: bool) -> None:
    """Prepare the store, and exit.

    It waits for the store and creates the types that are missing. Run it as a job before the first proxy starts.
    """
    from model_registry_proxy.commands import initialization

    configure_logging(settings.log_level, settings.log_format)
    initialization.prepare(settings, create_database=create_database, upgrade_schema=upgrade_schema)
    asyncio.run(initialization.run(settings))


def _health(settings: Settings) -> None:
    """Ask the proxy on this machine for its health.

    It prints `OK` and ends with status 0, or prints the reason and ends with status 1.
    """
    from model_registry_proxy.commands import health_probe

    print(health_probe.ask(settings))  # noqa: T201 (what was asked for)


def _repair(settings: Settings, *, dry_run: bool, json: bool) -> None:
    """Find and repair remains of interrupted writes.

    It repairs what it can, reports the rest, and deletes nothing. A proxy may serve at the same time. If the proxy runs the
    embedded engine, use that engine: --mlmd-hostname localhost --mlmd-port 9090.
    """
    from model_registry_proxy.commands import repair

    configure_logging(settings.log_level, settings.log_format)
    asyncio.run(repair.run(settings, is_dry=dry_run, as_json=json))


def _token(
    user: Annotated[str, typer.Argument(help="The user that the token stands for.")],
    group: Annotated[list[str] | None, typer.Option(help="A group of the user. Repeatable.")] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="Days until the token expires. Without this option it never expires.")
    ] = None,
) -> None:
    """Create a token for a user.

    It prints the token to stderr, and the line for the file --auth-tokens to stdout. Example:
    model-registry token ann --group fraud >> tokens.yaml
    """
    from datetime import UTC, datetime, timedelta

    from model_registry_proxy.security.tokens import new_token

    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    token, line = new_token(user, tuple(group or ()), expires)
    print(f"The token of {user}, which is shown this once: {token}", file=sys.stderr)  # noqa: T201 (what was asked for)
    print(line)  # noqa: T201


app.command("proxy")(with_flags(_proxy, [name for name in Settings.model_fields if name not in _ONLY_OF_CATALOG]))
app.command("catalog")(with_flags(_catalog, _CATALOG_SETTINGS))
app.command("mlmd-server")(with_flags(_mlmd_server, _ENGINE_SETTINGS))
app.command("init")(with_flags(_init, _STORE_SETTINGS, _INIT_SWITCHES))
app.command("health")(with_flags(_health, _PROBED_SETTINGS))
app.command("export")(transfer.export)
app.command("import")(transfer.import_)
app.command("repair")(with_flags(_repair, _STORE_SETTINGS, _REPAIR_SWITCHES))
app.command("token")(_token)
if importlib.util.find_spec("model_registry_ui"):
    app.command("ui")(importlib.import_module("model_registry_ui.command").serve)


@app.callback()
def _options(version: VERSION = False) -> None:
    """A model registry over ML Metadata."""


def main() -> None:
    """The entry point. Where the command line of the client is installed, its commands are added to those of the server."""
    group = typer.main.get_command(app)
    if all(importlib.util.find_spec(name) for name in _CLIENT_NEEDS):
        importlib.import_module("model_registry_cli.application").mount(group)
    group()
