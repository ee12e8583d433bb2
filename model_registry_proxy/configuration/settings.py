"""Settings: each is declared once here and is a flag, an environment variable `MR_...` and a key of the YAML file.

The flag wins, then the environment, then the file, then the default.
"""

import logging
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError
from pydantic.config import JsonDict
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from model_registry_proxy.configuration.yaml_faults import what_is_wrong

_log = logging.getLogger(__name__)
DEFAULT_CONFIG = Path("~/.model-registry.yaml")
REPEATABLE: JsonDict = {"repeatable": True}
"""Marks a setting with several values: its flag may be repeated."""


class LogLevel(StrEnum):
    """The least severe messages that are logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """The form of a line of the log."""

    TEXT = "text"
    JSON = "json"


class SettingsError(Exception):
    """A setting that cannot be used, in one line."""


class Settings(BaseSettings):
    """All settings of an operator."""

    model_config = SettingsConfigDict(env_prefix="MR_", extra="ignore", env_ignore_empty=True)

    hostname: str = Field("localhost", description="Name or address to listen on; 0.0.0.0 for all.")
    port: int = Field(8080, ge=0, le=65535, description="Port of the REST API; 0 picks a free one.")
    mlmd_hostname: str = Field(
        "",
        description="MLMD server, as host or host:port; several with commas between, or dns:///name for all addresses of a "
        "name. Without it the embedded engine is started.",
    )
    mlmd_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port of the servers named without one, or of the embedded engine's gRPC (9090, else a free one).",
    )
    database: str = Field(
        "model-registry.db",
        description="The embedded engine's store: a SQLite file, or mysql://user:password@host:port/database.",
    )
    log_level: LogLevel = Field(LogLevel.INFO, description="debug, info, warning or error.")
    log_format: LogFormat = Field(LogFormat.TEXT, description="text, or json: one object a line.")
    ui: bool = Field(True, description="Serve the web UI at /ui, where its package model-registry-ui is installed.")
    ui_origin: str = Field(
        "",
        description="Public addresses of the web UI, with commas. Code to copy has the first. If one is https, so are cookies.",
    )
    ui_frame_ancestors: str = Field(
        "'none'",
        pattern=r"^[^;,\r\n]+$",
        description="Pages that may show the web UI in a frame, as in a Content-Security-Policy: 'self' or https://hub.example.org.",
    )
    server_timing: bool = Field(False, description="Answers have the header Server-Timing: the time of each stage.")
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="Port of /metrics (9464, or none where that is taken); 0 turns metrics off."
    )
    metrics_hostname: str = Field(
        "127.0.0.1", description="Name or address to serve /metrics on; 0.0.0.0 for all. There is no authentication."
    )
    datastore_type: str = Field("mlmd", description="Only mlmd; for command lines that were written for other servers.")
    workers: int = Field(1, ge=1, le=64, description="Processes that serve; each holds its own connection to MLMD.")
    root_path: str = Field(
        "", pattern="^(/.*)?$", description="Path below which a gateway serves this server, as in /registry."
    )
    allowed_hosts: str = Field(
        "",
        description="Names in the Host header that mean this server, with commas: registry.example.org, *.example.org, a name "
        "with a port, or * for any. localhost and --hostname are always allowed. Checked with --auth none and gateway.",
    )
    cors_origins: str = Field(
        "",
        description="Origins whose pages may use the API from a browser, with commas: https://ui.example.org or "
        "https://*.example.org. Pages of this server are always allowed.",
    )
    max_page_size: int = Field(
        1000, ge=1, le=10_000, description="Largest page of a list, in rows; also the default size."
    )
    scan_limit: int = Field(
        10_000,
        ge=100,
        description="Rows that one list request may read and leave out; then the page ends, and its token continues there.",
    )
    max_body_bytes: int = Field(8 * 2**20, ge=1024, description="Largest request body, in bytes.")
    max_message_bytes: int = Field(
        64 * 2**20,
        ge=1024,
        description="Largest gRPC message to and from MLMD, in bytes; a separate MLMD server needs the same limit.",
    )
    max_bodies_bytes: int = Field(
        64 * 2**20, ge=1024, description="Total bytes of request bodies held at once; further requests get 503."
    )
    max_connections: int = Field(
        1000,
        ge=1,
        description="Connections of a worker. Above that, an idle connection is closed for a new one; without an "
        "idle one, the new one gets 503.",
    )
    header_timeout: float = Field(
        10.0,
        gt=0,
        description="Seconds within which the head of a request must arrive; the same limit holds for a TLS handshake.",
    )
    keep_alive_timeout: int = Field(75, ge=1, description="Seconds after which an idle connection is closed.")
    write_timeout: float = Field(
        30.0, gt=0, description="Seconds after which a client that does not read its answer is disconnected."
    )
    max_in_flight: int = Field(
        512, ge=1, description="Requests served at the same time; further ones get 503 and may try again."
    )
    gets_in_flight: int | None = Field(
        None,
        ge=1,
        description="Calls to MLMD at the same time that read by id, for each kind of node (2 to the embedded engine, 1 to a "
        "server).",
    )
    questions_in_flight: int = Field(8, ge=1, description="Calls to MLMD at the same time that list or look up.")
    writes_in_flight: int = Field(
        1,
        ge=1,
        description="Calls to MLMD at the same time that write, and as many that link contexts; with 1, each call carries the "
        "most requests.",
    )
    request_timeout: float = Field(30.0, gt=0, description="Seconds that a request may take, with all its retries.")
    tls_cert: str = Field(
        "", description="File with the certificate chain for HTTPS, in PEM form; read again when it changes."
    )
    tls_key: str = Field("", description="File with the private key of that certificate, in PEM form.")
    mlmd_tls_ca: str = Field(
        "",
        description="File with the authorities that signed the MLMD server's certificate, or `system` for those that this machine "
        "trusts; turns TLS on.",
    )
    mlmd_tls_cert: str = Field(
        "", description="File with the client certificate for MLMD servers that require one, in PEM form."
    )
    mlmd_tls_key: str = Field("", description="File with the private key of that certificate.")
    mlmd_tls_server_name: str = Field(
        "", description="Name in the MLMD server's certificate, if it is not the host name in its address."
    )
    auth: str = Field(
        "",
        description="How clients authenticate: none, or tokens, jwt, gateway (several with commas). Required unless the server "
        "listens on localhost only.",
    )
    auth_tokens: str = Field("", description="File with the accepted tokens; `model-registry token` makes its lines.")
    jwt_issuer: str = Field("", description="Issuer (iss) of the accepted JWTs.")
    jwt_audience: str = Field("", description="Audience (aud) that a JWT must have.")
    jwt_jwks: str = Field(
        "",
        description="The issuer's keys: a URL or a file; without it they are found by the issuer's OpenID Connect discovery.",
    )
    jwt_ca: str = Field(
        "",
        description="File with the authorities that signed the certificate of the issuer's server, if the system does not "
        "trust it.",
    )
    jwt_algorithms: str = Field(
        "RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,ES512,EdDSA", description="Accepted signature algorithms."
    )
    jwt_leeway: float = Field(
        30.0, ge=0, le=600, description="Seconds by which the clocks of issuer and server may differ."
    )
    jwt_user_claim: str = Field("sub", min_length=1, description="Claim that names the user.")
    jwt_groups_claim: str = Field(
        "groups",
        min_length=1,
        description="Claim that lists the groups; a dot leads into an object, as in realm_access.roles.",
    )
    gateway_peers: str = Field(
        "",
        description="Networks (10.1.0.0/16) and addresses of gateways, with commas: the headers kubeflow-userid (with --auth "
        "gateway), X-Forwarded-Host and X-Forwarded-Proto are accepted only from them.",
    )
    policy: str = Field(
        "",
        description="File with the rights of users; without one, every client that is authenticated may do everything.",
    )
    audit_log: str = Field(
        "",
        description="File for the audit log: changes and refusals, as JSON lines; - for stdout. Without it there is no audit log.",
    )
    listen: str = Field(
        "",
        description="Address and port of the model catalog, as in 0.0.0.0:8080, which is the default, or [::1]:8080.",
    )
    catalogs_path: str = Field(
        "",
        description="Sources files of the model catalog, with commas; a later one overrides an earlier one. The proxy serves the "
        "catalog too if there is one.",
        json_schema_extra=REPEATABLE,
    )
    performance_metrics: str = Field(
        "",
        description="Directories with measurements of the catalog's models, with commas.",
        json_schema_extra=REPEATABLE,
    )
    cache_dir: str = Field(
        "",
        description="Directory where the catalog keeps what it has read; several processes may share it. Default: a temporary one.",
    )
    allow_hf_url: str = Field(
        "",
        description="URLs without https that sources of the catalog may use instead of https://huggingface.co, with commas.",
        json_schema_extra=REPEATABLE,
    )
    allow_hf_key_variable: str = Field(
        "",
        description="Environment variables, with commas, that sources of the catalog may name as `apiKeyEnvVar` in addition to "
        "HF_API_KEY and HF_API_KEY_*.",
        json_schema_extra=REPEATABLE,
    )
    extensions: str = Field(
        "aliases,changes,ranges,lineage,mlflow", description="Extensions of the API, with commas, or none."
    )
    client_safe_integers: bool = Field(
        False,
        description="Answer whole numbers of more than 9 digits in custom properties as text: Kubeflow's newest Python client "
        "cannot read such numbers. The store keeps numbers.",
    )
    validate_responses: bool = Field(False, description="Check every answer against the document; slow, for tests.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The flags, then the environment, then the file (see `load`)."""
        return init_settings, env_settings, _File(settings_cls)


class _File(PydanticBaseSettingsSource):
    """The keys of the YAML file, written like the flags."""

    content: dict[str, Any] = {}

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return self.content.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self.content


def load(config: Path | None, flags: dict[str, Any]) -> Settings:
    """Returns the settings from given flags, the environment and the file; raises `SettingsError`."""
    _File.content = _read_file(config)
    try:
        settings = Settings(**flags)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise SettingsError(
            f"--{name.replace('_', '-')} (MR_{name.upper()}): {first['msg']}; got {first['input']!r}."
        ) from None
    if settings.datastore_type != "mlmd":
        raise SettingsError(
            f"--datastore-type {settings.datastore_type} is not served here: data is kept in MLMD only; "
            "leave the flag out or say mlmd."
        )
    return settings


def _read_file(config: Path | None) -> dict[str, Any]:
    path = (config or DEFAULT_CONFIG).expanduser()
    if config is None and not path.exists():
        return {}
    try:
        content = yaml.safe_load(path.read_text("utf-8")) or {}
    except OSError as error:
        raise SettingsError(f"--config {path}: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"--config {path} is not YAML: {what_is_wrong(error)}.") from None
    if not isinstance(content, dict):
        raise SettingsError(f"--config {path} must hold keys and values, as in `port: 8080`.")
    known = {}
    for key, value in content.items():
        name = str(key).replace("-", "_")
        if name in Settings.model_fields:
            known[name] = value
        else:
            _log.warning("%s: the key %s is not a setting and is ignored.", path, key)
    return known
