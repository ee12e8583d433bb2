"""The web UI as a part of this server: its calls of the API go to the server's own application, as requests of the same user."""

import importlib.util
from importlib.metadata import version

from starlette.types import ASGIApp, Scope

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.http.middleware import AROUND_PAGES, wrapped
from model_registry_proxy.http.origins import read_origin
from model_registry_proxy.security.authentication import ways
from model_registry_proxy.security.browsers import BrowserRules


def is_shown(settings: Settings) -> bool:
    """Whether the server has the UI: it is on, and its package is installed (the extra `ui`)."""
    return settings.ui and importlib.util.find_spec("model_registry_ui") is not None


def web_ui(settings: Settings, rules: BrowserRules, application: ASGIApp, *prefixes: str) -> ASGIApp | None:
    """Returns the UI, or `None` where the server has none.

    Args:
        settings: The settings of the server.
        rules: The rules for browsers, which hold for the UI too.
        application: What answers the calls of the UI: the API with authentication, policy and audit, and the document.
        prefixes: The prefix of the API, of its extensions (empty without them), and, where there is a catalog, those of models and
            of MCP servers in it.
    """
    if not is_shown(settings):
        return None
    from model_registry_ui.application import create  # noqa: PLC0415 (where it is installed)
    from model_registry_ui.backend import Prefixes  # noqa: PLC0415
    from model_registry_ui.guards import with_headers  # noqa: PLC0415
    from model_registry_ui.in_process import InProcess  # noqa: PLC0415
    from model_registry_ui.options import Options  # noqa: PLC0415

    options = Options(
        root_path=settings.root_path,
        version=version("model-registry-proxy"),
        ways=ways(settings),
        origins=public_origins(settings),
        frame_ancestors=settings.ui_frame_ancestors,
        is_own_origin=rules.origins.is_own,
        trusts_gateway=_leave_it_to_the_api,
    )
    ui = create(InProcess(application, Prefixes(*prefixes)), options)
    return with_headers(wrapped(ui, AROUND_PAGES, rules.makers()), options)  # also on what these layers refuse


def public_origins(settings: Settings) -> tuple[str, ...]:
    """The addresses in `--ui-origin`; raises `SettingsError`."""
    found = tuple(part.strip().removesuffix("/") for part in settings.ui_origin.split(",") if part.strip())
    for origin in found:
        if read_origin(origin) is None:
            raise SettingsError(
                f"--ui-origin (MR_UI_ORIGIN): {origin!r} is not an origin; write https://ml.example.org."
            )
    return found


def _leave_it_to_the_api(_: Scope) -> bool:
    """The UI hands on the headers of every connection, with its address. The API decides whether it trusts them."""
    return True
