"""The settings that only the catalog has, read and checked."""

from pathlib import Path

from model_registry_proxy.configuration.settings import Settings, SettingsError

_EVERYWHERE = "0.0.0.0"  # noqa: S104 (the catalog is read by other machines; operators choose another address)
_PORT = 8080
_MOST_PORT = 65535


def of_catalog(settings: Settings) -> Settings:
    """The settings of a process that serves only the catalog; raises `SettingsError`.

    `hostname` and `port` are those of `--listen`. If `--allowed-hosts` is not set, every name is allowed: pages of all origins may
    read the catalog anyhow.
    """
    if not settings.catalogs_path.strip(", "):
        raise SettingsError("--catalogs-path (MR_CATALOGS_PATH) is needed: the sources files, such as sources.yaml.")
    hostname, port = read_address(settings.listen)
    hosts = settings.allowed_hosts or "*"
    return settings.model_copy(update={"hostname": hostname, "port": port, "allowed_hosts": hosts, "workers": 1})


def read_address(text: str) -> tuple[str, int]:
    """Host and port of an address such as `0.0.0.0:8080`, `[::1]:8080` or `:8080`; raises `SettingsError`."""
    host, colon, port = (text or f"{_EVERYWHERE}:{_PORT}").rpartition(":")
    if (
        not colon
        or not port.isdecimal()
        or not port.isascii()
        or int(port) > _MOST_PORT
        or (":" in host and host[0] != "[")
    ):
        raise SettingsError(
            f"--listen (MR_LISTEN): {text!r} is not an address with a port; write 0.0.0.0:8080 or [::1]:8080."
        )
    return host.strip("[]") or _EVERYWHERE, int(port)


def paths(text: str) -> tuple[Path, ...]:
    """The paths in a setting with commas."""
    return tuple(Path(part) for part in listed(text))


def listed(text: str) -> tuple[str, ...]:
    """The values in a setting with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
