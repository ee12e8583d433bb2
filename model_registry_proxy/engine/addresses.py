"""Where the embedded engine may listen: the addresses of a host, each with the port still free."""

import errno
import socket

from model_registry_proxy.engine.supervisor import EngineError


def local_addresses(hostname: str, port: int) -> list[str]:
    """Find the addresses of a host, in gRPC's notation, after checking that this TCP port is free on each.

    gRPC is content when one address of several can be bound, so that an engine could listen on ::1 while another
    program answers on 127.0.0.1. Here all must be free, except addresses that the machine does not have. Raises EngineError.
    """
    try:
        found = socket.getaddrinfo(hostname, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        message = f'The host name "{hostname}" for the MLMD engine is unknown: {error.strerror or error}.'
        raise EngineError(message) from None
    addresses = []
    for family, _, _, _, address in found:
        literal = f"[{address[0]}]" if family == socket.AF_INET6 else str(address[0])
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
        except OSError as error:
            if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue
            raise no_port(hostname, port, error) from None
        addresses.append(literal)
    if not addresses:
        message = f'The host name "{hostname}" for the MLMD engine is no address of this machine.'
        raise EngineError(message)
    return list(dict.fromkeys(addresses))


def no_port(hostname: str, port: int, error: OSError) -> EngineError:
    """Returns the error for a port that cannot be used, with advice."""
    reason = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
    return EngineError(
        f"Port {port} on {hostname} for the MLMD engine {reason}. Choose another with --mlmd-port or MR_MLMD_PORT."
    )
