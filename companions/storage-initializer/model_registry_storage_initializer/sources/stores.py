"""Opens a store of obstore for a URI, with the endpoint and credentials of the variables."""

import base64
import json
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from obstore.store import AzureStore, GCSStore, S3Store

from model_registry_storage_initializer.environment import Environment
from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.http_clients import trusted
from model_registry_storage_initializer.settings import Settings

AZURE_BLOB = re.compile(r"(?P<account>[^.]+)\.(?:blob|dfs)\.(?P<suffix>[a-z0-9.-]+)")
_S3_NAMES = (
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_ROLE_ARN, or awsAnonymousCredential=true for public buckets"
)
_GS_NAMES = "GOOGLE_APPLICATION_CREDENTIALS"
_AZURE_NAMES = "AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID, or AZURE_STORAGE_ACCESS_KEY"


@dataclass(frozen=True)
class Bucket:
    """An open store, and what a URI names in it.

    Attributes:
        uri: The URI without its query.
        store: The store.
        path: The prefix or the object, without slashes at its ends.
        is_folder: Whether the URI ends in a slash, so that it names no single object.
        has_md5: Whether an ETag of 32 hex digits is the MD5 of the object.
        credentials: The names of the variables with credentials, for messages.
        verify: How httpx checks certificates here.
    """

    uri: str
    store: Any
    path: str
    is_folder: bool
    has_md5: bool
    credentials: str
    verify: ssl.SSLContext | bool


def opened(uri: str, environment: Environment, settings: Settings) -> Bucket:
    """Opens the store of a URI. Raises `Failure` if the URI or the credentials are not valid."""
    bare, _, query = uri.partition("?")
    scheme, _, rest = bare.partition("://")
    bucket, _, path = rest.partition("/")
    options = {key: values[0] for key, values in parse_qs(query).items()}
    if not {"", ".", ".."}.isdisjoint(path.strip("/").split("/") if path.strip("/") else ()):
        cause = f"{bare} cannot be read: a part of its path is empty, . or .., which this program cannot ask for"
        raise Failure(cause, "Move the files to a path without such parts.")
    try:
        store = STORES[scheme](bucket, path, options, environment, _shared(environment, settings))
    except (ValueError, TypeError, OSError) as error:
        raise Failure(f"{bare} cannot be opened: {error}", "Correct the uri and the credentials.") from error
    if scheme == "https":
        path = path.partition("/")[2]
    names = {"s3": _S3_NAMES, "gs": _GS_NAMES}.get(scheme, _AZURE_NAMES)
    is_s3 = scheme == "s3"
    checks = trusted(environment) if environment.flag("S3_VERIFY_SSL", default=True) or not is_s3 else False
    return Bucket(bare, store, path.strip("/"), path.endswith("/"), is_s3, names, checks)


def _shared(environment: Environment, settings: Settings) -> dict[str, Any]:
    client: dict[str, Any] = {
        "connect_timeout": timedelta(seconds=10),
        "read_timeout": timedelta(seconds=settings.stall),
        "timeout": timedelta(seconds=5 * settings.stall),  # then the next request goes on where this one ended
        "pool_max_idle_per_host": str(settings.threads),
        "user_agent": "model-registry-storage-initializer",
    }
    if bundle := environment.certificates():
        client["root_certificate"] = bundle.read_text("utf-8")
    pauses = {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=15), "base": 2}
    retry = {"max_retries": 2 + settings.retries, "retry_timeout": timedelta(minutes=5), "backoff": pauses}
    return {"client_options": client, "retry_config": retry}


def _s3(
    bucket: str, path: str, options: Mapping[str, str], environment: Environment, shared: dict[str, Any]
) -> S3Store:
    del path
    text, flag = environment.text, environment.flag
    is_https = flag("S3_USE_HTTPS", default=True)
    endpoint = text("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "S3_ENDPOINT") or options.get("endpoint", "")
    if endpoint and "://" not in endpoint:
        endpoint = f"{'https' if is_https else 'http'}://{endpoint}"
    is_virtual = flag("S3_USER_VIRTUAL_BUCKET", default=not endpoint)
    if flag("S3_USE_ACCELERATE") and not endpoint:
        endpoint, is_virtual = "https://s3-accelerate.amazonaws.com", True
    config: dict[str, Any] = {
        "region": text("AWS_DEFAULT_REGION", "AWS_REGION") or options.get("defaultRegion") or "us-east-1",
        "virtual_hosted_style_request": is_virtual,
    }
    if endpoint:
        scheme, _, host = endpoint.rstrip("/").partition("://")
        config["endpoint"] = f"{scheme}://{bucket}.{host}" if is_virtual else f"{scheme}://{host}"
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    config |= {name.removeprefix("AWS_").lower(): text(name) for name in keys if text(name)}
    if flag("awsAnonymousCredential"):
        config["skip_signature"] = True
    client = shared["client_options"] | {"allow_http": True}
    if not flag("S3_VERIFY_SSL", default=True):
        client["allow_invalid_certificates"] = True
    return S3Store(bucket, config=config, client_options=client, retry_config=shared["retry_config"])  # type: ignore[arg-type]


def _gs(
    bucket: str, path: str, options: Mapping[str, str], environment: Environment, shared: dict[str, Any]
) -> GCSStore:
    del path, options
    config: dict[str, Any] = {}
    if encoded := environment.text("GOOGLE_SERVICE_ACCOUNT_BASE64"):
        config["service_account_key"] = base64.b64decode(encoded).decode()
    elif file := environment.text("GOOGLE_APPLICATION_CREDENTIALS"):
        config["application_credentials"] = file
    elif not environment.text("GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_KEY") and not _is_on_google(
        environment
    ):
        config["skip_signature"] = True
    client = dict(shared["client_options"])
    if emulator := environment.text("STORAGE_EMULATOR_HOST"):
        address = emulator if "://" in emulator else f"http://{emulator}"
        fake = {"gcs_base_url": address.rstrip("/"), "disable_oauth": True, "client_email": "", "private_key": ""}
        config = {"service_account_key": json.dumps(fake | {"private_key_id": ""})}
        client["allow_http"] = True
    return GCSStore(bucket, config=config, client_options=client, retry_config=shared["retry_config"])  # type: ignore[arg-type]


def _is_on_google(environment: Environment) -> bool:
    """Whether the operator says that the pod has an identity of Google's (workload identity); else buckets are read anonymously."""
    return environment.flag("MODEL_REGISTRY_GOOGLE_IDENTITY")


def _azure(
    bucket: str, path: str, options: Mapping[str, str], environment: Environment, shared: dict[str, Any]
) -> AzureStore:
    del options
    text = environment.text
    container, at, host = bucket.rpartition("@")
    account = text("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT")
    config: dict[str, Any] = {}
    if named := AZURE_BLOB.fullmatch(host):
        account = named["account"]
        container = container if at else path.partition("/")[0]
        config["endpoint"] = f"https://{account}.blob.{named['suffix']}"
    else:
        container = container if at else bucket
    if not account:
        raise Failure(
            f"The uri names no storage account for the container {container}",
            "Write https://ACCOUNT.blob.core.windows.net/CONTAINER/PATH, or set AZURE_STORAGE_ACCOUNT_NAME.",
        )
    config["account_name"] = account
    names = {"client_id": "CLIENT_ID", "client_secret": "CLIENT_SECRET", "tenant_id": "TENANT_ID"} | {
        "account_key": "STORAGE_ACCESS_KEY",
        "federated_token_file": "FEDERATED_TOKEN_FILE",
    }
    config |= {key: found for key, name in names.items() if (found := text(f"AZURE_{name}"))}
    if endpoint := text("AZURE_STORAGE_ENDPOINT"):
        config["endpoint"] = endpoint
    if not {"client_id", "account_key", "federated_token_file"} & config.keys():
        config["skip_signature"] = True
    client = shared["client_options"] | {"allow_http": config.get("endpoint", "").startswith("http://")}
    return AzureStore(container, config=config, client_options=client, retry_config=shared["retry_config"])  # type: ignore[arg-type]


STORES: dict[str, Callable[[str, str, Mapping[str, str], Environment, dict[str, Any]], Any]] = {
    "s3": _s3,
    "gs": _gs,
    "gcs": _gs,
    "az": _azure,
    "azure": _azure,
    "adl": _azure,
    "abfs": _azure,
    "abfss": _azure,
    "wasb": _azure,
    "wasbs": _azure,
    "https": _azure,
}
"""How the store of each scheme is opened. `https` is for the hosts of Azure's blobs."""
