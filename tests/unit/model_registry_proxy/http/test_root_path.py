"""Below a path: the prefix of a gateway is removed from the path, also from the path as it was sent."""

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from model_registry_proxy.http.responses import send_json
from model_registry_proxy.http.root_path import BelowPath


async def app(scope: Scope, _: Receive, send: Send) -> None:
    await send_json(send, 200, [scope["path"], scope["raw_path"].decode()])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/registry/api/a%2Fb", ["/api/a/b", "/api/a%2Fb"]),
        ("/api/a%2Fb", ["/api/a/b", "/api/a%2Fb"]),
        ("/registryx/a", ["/registryx/a", "/registryx/a"]),
    ],
)
async def test_the_prefix_is_removed_where_it_is(path: str, expected: list[str]) -> None:
    transport = httpx.ASGITransport(BelowPath(app, "/registry/"))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get(path)).json() == expected
