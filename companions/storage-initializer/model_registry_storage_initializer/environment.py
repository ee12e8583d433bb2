"""The variables that the operator and KServe set, read once. An empty variable counts as not set."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_registry_storage_initializer.errors import Failure

_TRUE = {"1", "true", "yes", "y", "on", "t"}
_FALSE = {"0", "false", "no", "n", "off", "f"}

STORAGE_CONFIG_S3 = {
    "endpoint_url": "AWS_ENDPOINT_URL",
    "access_key_id": "AWS_ACCESS_KEY_ID",
    "secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "session_token": "AWS_SESSION_TOKEN",
    "region": "AWS_DEFAULT_REGION",
    "ca_bundle": "AWS_CA_BUNDLE",
    "verify_ssl": "S3_VERIFY_SSL",
    "anonymous": "awsAnonymousCredential",
}
"""The keys of KServe's `STORAGE_CONFIG` of type s3, and the variable that each replaces."""
STORAGE_CONFIG_GS = {"base64_service_account": "GOOGLE_SERVICE_ACCOUNT_BASE64"}
STORAGE_CONFIG_AZURE = {
    "tenant_id": "AZURE_TENANT_ID",
    "client_id": "AZURE_CLIENT_ID",
    "client_secret": "AZURE_CLIENT_SECRET",
    "access_key": "AZURE_STORAGE_ACCESS_KEY",
    "account_name": "AZURE_STORAGE_ACCOUNT_NAME",
}
_KINDS = {"s3": STORAGE_CONFIG_S3, "gs": STORAGE_CONFIG_GS, "azure": STORAGE_CONFIG_AZURE, "abs": STORAGE_CONFIG_AZURE}
_OLD_NAMES = {"AZ_TENANT_ID": "AZURE_TENANT_ID", "AZ_CLIENT_ID": "AZURE_CLIENT_ID"} | {
    "AZ_CLIENT_SECRET": "AZURE_CLIENT_SECRET",
    "AZ_SUBSCRIPTION_ID": "AZURE_SUBSCRIPTION_ID",
}


@dataclass(frozen=True)
class Environment:
    """The variables, with those of `STORAGE_CONFIG` and the older names of Azure's put in their place.

    Attributes:
        values: Name and value of each variable that is not empty.
    """

    values: Mapping[str, str]

    def text(self, *names: str, default: str = "") -> str:
        """Returns the first of these variables that is set."""
        return next((self.values[name] for name in names if name in self.values), default)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Returns a variable that is true or false. Raises `Failure` if it is neither."""
        text = self.text(name).lower()
        if text in _TRUE | _FALSE:
            return text in _TRUE
        if text:
            raise Failure(f'The variable {name} must be "true" or "false"; it is "{self.text(name)}"')
        return default

    def number(self, name: str, default: float) -> float:
        """Returns a variable that is a number of at least 0. Raises `Failure` if it is none."""
        text = self.text(name)
        try:
            number = float(text) if text else default
        except ValueError:
            number = -1
        if not 0 <= number < float("inf"):
            raise Failure(f'The variable {name} must be a number of at least 0; it is "{text}"')
        return number

    def patterns(self, name: str) -> tuple[str, ...]:
        """Returns a variable that lists patterns of file names, as a JSON list or with commas."""
        text = self.text(name).strip()
        try:
            listed = json.loads(text) if text else []
        except ValueError:
            listed = text.split(",")
        items = listed if isinstance(listed, list) else [listed]
        return tuple(filter(None, (str(item).strip() for item in items)))

    def certificates(self) -> Path | None:
        """Returns the file of certificates of private authorities, if one is configured. It is the same for all sources."""
        mount = self.text("CA_BUNDLE_VOLUME_MOUNT_POINT")
        if mount and (bundle := Path(mount, "cabundle.crt")).is_file():
            return bundle
        named = self.text("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
        if named and not Path(named).is_file():
            raise Failure(f"The file of certificates {named} does not exist", "Correct AWS_CA_BUNDLE or SSL_CERT_FILE.")
        return Path(named) if named else None


def read(variables: Mapping[str, str] | None = None) -> Environment:
    """Returns the variables of this process, or those given. Raises `Failure` if `STORAGE_CONFIG` is not valid."""
    values = {name: value for name, value in (variables or os.environ).items() if value.strip()}
    config = _json(values, "STORAGE_CONFIG") | _json(values, "STORAGE_OVERRIDE_CONFIG")
    for old, new in _OLD_NAMES.items():
        if old in values:
            values.setdefault(new, values[old])
    for key, name in _KINDS.get(str(config.get("type", "")), {}).items():
        if config.get(key) not in (None, ""):
            values[name] = str(config[key])
    return Environment(values)


def _json(values: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        found = json.loads(values.get(name, "{}"))
    except ValueError as error:
        raise Failure(f"The variable {name} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Failure(f"The variable {name} must be a JSON object")
    return found
