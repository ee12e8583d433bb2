"""Listening sockets: on every address of a host name."""

import errno
import socket

from model_registry_proxy.configuration.settings import SettingsError

BACKLOG = 2048


def listen(
    hostname: str,
    port: int,
    *,
    host_flag: str = "--hostname (MR_HOSTNAME)",
    port_flag: str = "--port (MR_PORT)",
) -> list[socket.socket]:
    """Returns listening sockets on every address of `hostname`, all on one port; raises `SettingsError` in one line.

    The flags are those that the line names.
    """
    try:
        found = socket.getaddrinfo(hostname, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise SettingsError(f"The host {hostname} in {host_flag} is not known: {error.strerror}.") from None
    sockets: list[socket.socket] = []
    refused: OSError | None = None
    for family, kind, protocol, _, address in dict.fromkeys(found):
        try:
            chosen = sockets[0].getsockname()[1] if sockets else port
            sockets.append(_bound(family, kind, protocol, (address[0], chosen, *address[2:])))
        except OSError as error:
            refused = refused if sockets else error
            if error.errno == errno.EADDRINUSE:
                refused = error
                break
    if refused is None and sockets:
        return sockets
    if refused is not None and sockets and refused.errno != errno.EADDRINUSE:
        return sockets
    for listening in sockets:
        listening.close()
    if refused is not None and refused.errno == errno.EADDRINUSE:
        raise SettingsError(
            f"Port {port} on {hostname} is taken: stop what listens there, or choose another with {port_flag}."
        )
    reason = refused.strerror if refused else "no address"
    raise SettingsError(
        f"Cannot listen on {hostname}:{port}: {reason}; see {' and '.join(dict.fromkeys((host_flag, port_flag)))}."
    )


def _bound(family: int, kind: int, protocol: int, address: tuple[object, ...]) -> socket.socket:
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening
