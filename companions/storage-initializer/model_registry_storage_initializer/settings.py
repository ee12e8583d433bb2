"""The settings of this program, from variables whose names begin with MODEL_REGISTRY_."""

from dataclasses import dataclass
from pathlib import Path

from model_registry_storage_initializer.environment import Environment

MIB = 2**20
GIB = 2**30


@dataclass(frozen=True)
class Settings:
    """What an operator can choose. Sizes are in bytes and times in seconds.

    Attributes:
        base: Host and port of the registry that URIs without a host ask.
        scheme: `http` or `https`, for all registries.
        service: The name of the registry's service, for URIs with a namespace.
        domain: The domain of services in the cluster.
        token_file: A file with a token for the registry.
        token_hosts: Hosts in URIs that get the token too.
        ca_file: Certificates to trust for the registry.
        timeout: How long a registry that does not answer is asked again.
        threads: The number of requests at the same time.
        part_size: Files of more than two parts are fetched in parts of this size.
        stall: How long a transfer may bring nothing.
        retries: How often in a row a transfer that brings nothing is tried again.
        most_unpacked: The largest total size of an archive's files; 0 for no limit but the free space.
        most_times: How many times larger than the archive its files may be, from 1 GiB on.
        is_kept: Whether files of an earlier, complete download are kept.
        allow: Patterns of the files to fetch; empty for all.
        ignore: Patterns of the files to leave out.
    """

    base: str
    scheme: str
    service: str
    domain: str
    token_file: Path | None
    token_hosts: tuple[str, ...]
    ca_file: Path | None
    timeout: float
    threads: int
    part_size: int
    stall: float
    retries: int
    most_unpacked: int
    most_times: float
    is_kept: bool
    allow: tuple[str, ...]
    ignore: tuple[str, ...]


def settings(environment: Environment) -> Settings:
    """Reads the settings. Raises `Failure` if one is not valid."""
    text, number = environment.text, environment.number
    scheme, _, base = text("MODEL_REGISTRY_BASE_URL", default="localhost:8080").rpartition("://")
    token_file = text("MODEL_REGISTRY_TOKEN_FILE")
    ca_file = text("MODEL_REGISTRY_CA_FILE")
    return Settings(
        base=base.rstrip("/"),
        scheme=text("MODEL_REGISTRY_SCHEME", default=scheme or "http"),
        service=text("MODEL_REGISTRY_SERVICE_NAME", default="model-registry-service"),
        domain=text("MODEL_REGISTRY_CLUSTER_DOMAIN", default="svc.cluster.local"),
        token_file=Path(token_file) if token_file else None,
        token_hosts=environment.patterns("MODEL_REGISTRY_TOKEN_HOSTS"),
        ca_file=Path(ca_file) if ca_file else environment.certificates(),
        timeout=number("MODEL_REGISTRY_TIMEOUT", 60),
        threads=max(1, int(number("MODEL_REGISTRY_THREADS", 16))),
        part_size=max(MIB, int(number("MODEL_REGISTRY_PART_MIB", 8) * MIB)),
        stall=max(1.0, number("MODEL_REGISTRY_STALL_SECONDS", 60)),
        retries=int(number("MODEL_REGISTRY_RETRIES", 6)),
        most_unpacked=int(number("MODEL_REGISTRY_MOST_UNPACKED_GIB", 0) * GIB),
        most_times=number("MODEL_REGISTRY_MOST_TIMES_UNPACKED", 500),
        is_kept=environment.flag("MODEL_REGISTRY_KEEP_COMPLETE", default=True),
        allow=environment.patterns("STORAGE_ALLOW_PATTERNS"),
        ignore=environment.patterns("STORAGE_IGNORE_PATTERNS"),
    )
