"""What the server does to connections beyond uvicorn: reads end with the client who has asked."""

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from model_registry_proxy.disconnects import client_has_gone
from model_registry_proxy.one_write import OneWriteProtocol


class GuardedProtocol(OneWriteProtocol):
    """One connection."""

    cycle: RequestResponseCycle | None  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio calls it."""
        super().connection_lost(exc)
        if self.cycle and not self.cycle.response_complete:
            client_has_gone(self.cycle.scope)  # type: ignore[arg-type]
