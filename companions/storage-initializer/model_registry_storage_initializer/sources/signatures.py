"""Signs a request to S3 that obstore cannot send: by version 4 of AWS's signatures, without a body, and with one parameter at most.

Follows https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from urllib.parse import urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"
_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Keys:
    """What signs requests.

    Attributes:
        name: The id of the access key.
        secret: The secret of the access key.
        token: The token of a session; empty if the keys are permanent.
        region: The region of the bucket.
    """

    name: str
    secret: str
    token: str
    region: str


def signed(method: str, url: str, headers: Mapping[str, str], keys: Keys, now: datetime) -> dict[str, str]:
    """Returns headers that include a signature. `url` is encoded as it is sent; `now` is in UTC."""
    split = urlsplit(url)
    time, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    own = {"x-amz-content-sha256": _EMPTY, "x-amz-date": time}
    if keys.token:
        own["x-amz-security-token"] = keys.token
    sent = {name.lower(): value for name, value in {**headers, **own}.items()}
    listed = sorted({"host": split.netloc, **sent}.items())
    names = ";".join(name for name, _ in listed)
    lines = [f"{name}:{value.strip()}" for name, value in listed]
    request = "\n".join([method, split.path or "/", split.query, *lines, "", names, _EMPTY])
    scope = f"{day}/{keys.region}/s3/aws4_request"
    text = "\n".join([_ALGORITHM, time, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = reduce(_mac, scope.split("/"), f"AWS4{keys.secret}".encode())
    credential = f"{_ALGORITHM} Credential={keys.name}/{scope},SignedHeaders={names}"
    return {**sent, "authorization": f"{credential},Signature={_mac(key, text).hex()}"}


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
