"""The command that serves the UI by itself: `model-registry ui`, and `python -m model_registry_ui`."""

import ssl
import sys
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

import typer

SERVER = typer.Option(
    "--server", "-s", envvar="MR_UI_SERVER", help="Address of the registry: https://registry.example.org."
)
HOSTNAME = typer.Option(
    "--hostname", "-n", envvar="MR_UI_HOSTNAME", help="Name or address to listen on; 0.0.0.0 for all."
)
PORT = typer.Option("--port", "-p", envvar="MR_UI_PORT", min=0, max=65535, help="Port to listen on.")
CA = typer.Option("--ca", envvar="MR_UI_CA", help="File with the authorities that signed the registry's certificate.")
INSECURE = typer.Option("--insecure", help="Do not check the registry's certificate.")
ROOT = typer.Option(
    "--root-path", envvar="MR_UI_ROOT_PATH", help="Path below which a gateway serves this UI, as in /registry."
)
ORIGIN = typer.Option("--ui-origin", envvar="MR_UI_ORIGIN", help="Public addresses of this UI, with commas.")
ANCESTORS = typer.Option(
    "--ui-frame-ancestors", envvar="MR_UI_FRAME_ANCESTORS", help="Pages that may show this UI in a frame."
)
PEERS = typer.Option(
    "--gateway-peers",
    envvar="MR_UI_GATEWAY_PEERS",
    help="Networks of gateways, with commas: their headers kubeflow-userid and kubeflow-groups are handed on.",
)


def serve(
    server: Annotated[str, SERVER],
    hostname: Annotated[str, HOSTNAME] = "localhost",
    port: Annotated[int, PORT] = 8081,
    ca: Annotated[str, CA] = "",
    insecure: Annotated[bool, INSECURE] = False,
    root_path: Annotated[str, ROOT] = "",
    ui_origin: Annotated[str, ORIGIN] = "",
    ui_frame_ancestors: Annotated[str, ANCESTORS] = "'none'",
    gateway_peers: Annotated[str, PEERS] = "",
) -> None:
    """Serve the web UI for a registry that runs elsewhere: any server with Kubeflow's model registry API."""
    import uvicorn

    from model_registry_ui.options import Options
    from model_registry_ui.remote import Remote
    from model_registry_ui.slow_clients import SETTINGS, TimelyBodies
    from model_registry_ui.standalone import Peers, serve_remote

    address = server.rstrip("/")
    origins = tuple(part.strip().rstrip("/") for part in ui_origin.split(",") if part.strip())
    for text in (address, *origins):
        if urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).netloc:
            _refuse(f"{text!r} is not an address; write https://registry.example.org.")
    try:
        verify = not insecure and (ssl.create_default_context(cafile=ca) if ca else True)
        peers = Peers(gateway_peers)
    except (OSError, ValueError) as error:
        _refuse(f"{ca or gateway_peers}: {error}.")
    options = Options(
        root_path=root_path.rstrip("/"),
        server=address,
        origins=origins,
        frame_ancestors=ui_frame_ancestors,
        trusts_gateway=peers.trusts,
    )
    app = TimelyBodies(serve_remote(Remote(address, verify=verify), options, [hostname]))
    print(f"Web UI         http://{hostname}:{port}{options.base}", flush=True)  # noqa: T201 (what the operator asked for)
    print(f"Registry       {address}", flush=True)  # noqa: T201
    uvicorn.run(
        app,
        host=hostname,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        **SETTINGS,
    )


def _refuse(reason: str) -> NoReturn:
    print(f"model-registry ui: {reason}", file=sys.stderr)  # noqa: T201 (one line for the operator)
    raise typer.Exit(1)


def main() -> None:
    """The entry point of `python -m model_registry_ui`."""
    typer.run(serve)
