"""The MLMD servers: one or several, by names, addresses, or a name in DNS with several addresses."""

import ipaddress
import re

from model_registry_proxy.configuration.settings import Settings, SettingsError

_ENTRY = re.compile(r"(?P<dns>dns:///)?(?P<host>\[[0-9A-Fa-f:.%\w]+\]|[^\s:/\[\],]+)(:(?P<port>[0-9]{1,5}))?")


def targets(settings: Settings) -> list[str]:
    """Returns the gRPC targets that `--mlmd-hostname` names, each with its port; empty without. Raises `SettingsError`."""
    return [_target(entry.strip(), settings.mlmd_port) for entry in settings.mlmd_hostname.split(",") if entry.strip()]


def _target(entry: str, port: int | None) -> str:
    found = _ENTRY.fullmatch(f"[{entry}]" if _is_bare_ipv6(entry) else entry)
    if not found:
        raise SettingsError(
            f"--mlmd-hostname (MR_MLMD_HOSTNAME): {entry!r} is not a host, host:port, [IPv6]:port or dns:///name."
        )
    chosen = int(found["port"]) if found["port"] else port
    if chosen is None:
        raise SettingsError(
            f"--mlmd-hostname (MR_MLMD_HOSTNAME) {entry} needs a port: write {entry}:9090, or "
            "--mlmd-port (MR_MLMD_PORT) too."
        )
    if not 0 < chosen <= 65535:  # noqa: PLR2004 (the largest port)
        raise SettingsError(f"--mlmd-hostname (MR_MLMD_HOSTNAME) {entry}: a port is a number from 1 to 65535.")
    return f"{found['dns'] or ''}{found['host']}:{chosen}"


def _is_bare_ipv6(entry: str) -> bool:
    try:
        return ipaddress.ip_address(entry).version == 6  # noqa: PLR2004 (the protocol's name)
    except ValueError:
        return False
