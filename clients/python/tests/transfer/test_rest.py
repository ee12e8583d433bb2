"""How a transfer speaks to a server: what it does not wait for."""

import asyncio
import ssl
from pathlib import Path

import pytest
from model_registry_client.transfer.rest import Rest, TransferError

from tests.support.certificates import Authority


async def test_a_certificate_that_is_not_trusted_ends_at_once(tmp_path: Path) -> None:
    pair = Authority(tmp_path).issue("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        async with asyncio.timeout(20), Rest(f"https://localhost:{port}") as rest:
            with pytest.raises(TransferError, match=r"shows a certificate that is not trusted: .+\. See --ca\."):
                await rest.get("registered_models")
