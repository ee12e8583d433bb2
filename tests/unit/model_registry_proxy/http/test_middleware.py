"""The order of middleware is the order of the lists, whatever the order of the makers."""

from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.http.middleware import AROUND_ALL, AROUND_API, AROUND_PAGES, Layer, Wrap, wrapped
from model_registry_proxy.serving.app import build

ORDER = (Layer("outer", "first"), Layer("middle", "second"), Layer("inner", "third"))


def naming(name: str) -> Wrap:
    """A maker whose layer is a text that shows what it is around."""

    def make(app: ASGIApp) -> ASGIApp:
        return f"{name}({app})"  # type: ignore[return-value]

    return make


def test_the_first_layer_of_a_list_is_the_outermost() -> None:
    makers = {name: naming(name) for name in ("inner", "outer", "middle")}
    assert wrapped("app", ORDER, makers) == "outer(middle(inner(app)))"  # type: ignore[arg-type, comparison-overlap]


def test_a_layer_without_a_maker_is_off() -> None:
    assert wrapped("app", ORDER, {"inner": naming("inner")}) == "inner(app)"  # type: ignore[arg-type, comparison-overlap]


def test_a_layer_that_no_list_has_is_refused() -> None:
    with pytest.raises(ValueError, match="No place is known for the middleware other"):
        wrapped("app", ORDER, {"other": naming("other")})  # type: ignore[arg-type]


@pytest.mark.parametrize("order", [AROUND_ALL, AROUND_API, AROUND_PAGES])
def test_every_layer_stands_once_in_its_list_and_has_a_reason(order: tuple[Layer, ...]) -> None:
    assert len({layer.name for layer in order}) == len(order)
    assert all(layer.reason.endswith(".") for layer in order)


def layers_of(app: Any) -> list[str]:
    """The classes of the layers, from the outermost inwards."""
    names = []
    while hasattr(app, "_app"):
        names.append(type(app).__name__)
        app = app._app
    return [*names, type(app).__name__]


async def test_the_server_is_built_in_this_order(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("[]")
    app: Any = build(
        Settings(
            auth="tokens,gateway",
            gateway_peers="10.0.0.0/8",
            auth_tokens=str(tmp_path / "tokens"),
            audit_log=str(tmp_path / "audit.log"),
            root_path="/registry",
            server_timing=True,
            metrics_port=9464,
        ),
        "127.0.0.1:1",
        lambda _: None,
    )
    around_all = layers_of(app)
    while hasattr(app, "_app"):
        app = app._app
    assert around_all == [
        "RequestIds", "TimedRequests", "MeasuredRequests", "AccessLog", "Cors", "BelowPath", "Application"
    ]  # fmt: skip
    assert layers_of(app._api) == ["ErrorShapes", "Audited", "KnownHosts", "SameOrigin", "Authenticated", "Api"]
    assert layers_of(app._pages) == ["KnownHosts", "SameOrigin", "PageHeaders", "Starlette"]
