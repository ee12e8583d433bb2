"""`model-registry health`: one question to a proxy on this machine, for a container's health check that has no curl."""

import http.client
import ssl

from model_registry_proxy.configuration.settings import Settings, SettingsError

_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (replaced, not listened on)
_SECONDS = 8.0


def ask(settings: Settings) -> str:
    """Returns the answer of `/readyz/health` of the proxy with these settings; raises `SettingsError` unless its status is 200."""
    host = _EVERYWHERE.get(settings.hostname, settings.hostname)
    connection = http.client.HTTPConnection(host, settings.port, timeout=_SECONDS)
    if settings.tls_cert:
        # The certificate is for the name that clients use; a request to this machine itself needs no proof.
        unverified = ssl._create_unverified_context()  # noqa: S323, SLF001
        connection = http.client.HTTPSConnection(host, settings.port, timeout=_SECONDS, context=unverified)
    try:
        connection.request("GET", "/readyz/health")
        response = connection.getresponse()
        answer = response.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise SettingsError(f"No proxy answers at {host}:{settings.port}: {error}.") from None
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise SettingsError(f"The proxy at {host}:{settings.port} cannot serve: {answer}")
    return answer
