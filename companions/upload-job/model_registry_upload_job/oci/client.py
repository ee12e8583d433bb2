"""Requests to an OCI registry: basic login, bearer tokens, plain HTTP where it is allowed."""

import base64
import contextlib
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

import httpx

from model_registry_upload_job.oci.reference import Reference
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.retrying import BrokenOffError, asked_to_wait
from model_registry_upload_job.settings.docker_config import Login

_TIMEOUT = httpx.Timeout(300, connect=10, write=60)
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
Body = bytes | Callable[[], Iterator[bytes]]
"""A body, or a function that makes it again for each attempt."""


class Registry:
    """The repository of one image.

    Args:
        reference: The image.
        login: User and password.
        is_verified: Whether the certificate is checked. Without it, plain HTTP is tried too.
    """

    def __init__(self, reference: Reference, login: Login | None = None, *, is_verified: bool = True) -> None:
        self.reference, self._login = reference, login
        self._may_be_plain = not is_verified or reference.is_local
        self._client = httpx.Client(verify=is_verified, timeout=_TIMEOUT, limits=httpx.Limits(max_connections=16))
        self._token = ""
        self._root = ""
        self._lock = threading.Lock()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    @property
    def root(self) -> str:
        """The address of the registry. The first call finds out whether it speaks TLS. Raises `UploadError`."""
        with self._lock:
            if not self._root:
                self._root = self._find_root()
            return self._root

    def _find_root(self) -> str:
        schemes = ("https", "http") if self._may_be_plain else ("https",)
        failure: Exception | None = None
        for scheme in schemes:
            root = f"{scheme}://{self.reference.host}"
            try:
                self._client.get(f"{root}/v2/")
            except httpx.TransportError as error:
                failure = failure or error
                continue
            return root
        reason = str(failure) or type(failure).__name__
        remedy = "Check its name, and whether it can be reached from here."
        if _is_distrust(failure):
            remedy = (
                "Name its certificate authority by SSL_CERT_FILE, or switch the check off (-oci-enable-tls-verify no)."
            )
        raise UploadError(f"The registry {self.reference.registry} cannot be reached: {reason}.", remedy) from failure

    def url(self, path: str) -> str:
        """Returns the address of a path below the repository."""
        return f"{self.root}/v2/{self.reference.repository}/{path}"

    def send(
        self,
        method: str,
        url: str,
        *,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        allowed: tuple[int, ...] = (),
        follow: bool = False,
    ) -> httpx.Response:
        """Sends a request and reads the response.

        Args:
            method: The method.
            url: The address. The login is sent only to the registry itself.
            body: The body.
            headers: More headers.
            allowed: Statuses from 400 on that are no errors.
            follow: Whether redirects are followed.

        Raises:
            BrokenOffError: It may be sent again.
            UploadError: The registry refuses it.
        """
        response = self.stream(method, url, body=body, headers=headers, allowed=allowed, follow=follow)
        with contextlib.closing(response):
            self._read(response)
            return response

    def stream(
        self,
        method: str,
        url: str,
        *,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        allowed: tuple[int, ...] = (),
        follow: bool = False,
    ) -> httpx.Response:
        """Does what `send` does, without reading the body of the response. Close it."""
        response = self._once(method, url, body, headers, follow=follow)
        if response.status_code == httpx.codes.UNAUTHORIZED and self._answer(response):
            response.close()
            response = self._once(method, url, body, headers, follow=follow)
        if response.status_code < httpx.codes.BAD_REQUEST or response.status_code in allowed:
            return response
        self._read(response)
        response.close()
        raise self._failure(method, response)

    def _once(
        self, method: str, url: str, body: Body | None, headers: Mapping[str, str] | None, *, follow: bool
    ) -> httpx.Response:
        sent = dict(headers or {})
        if self._token and url.startswith(f"{self.root}/"):
            sent["Authorization"] = self._token
        content = body() if callable(body) else body
        try:
            request = self._client.build_request(method, url, content=content, headers=sent)
            return self._client.send(request, stream=True, follow_redirects=follow)
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise BrokenOffError(f"The connection to {self.reference.registry} failed: {reason}") from error

    def _read(self, response: httpx.Response) -> None:
        try:
            response.read()
        except httpx.TransportError as error:
            raise BrokenOffError(f"The connection to {self.reference.registry} was cut: {error}") from error

    def _answer(self, response: httpx.Response) -> bool:
        """Answers a challenge. Returns whether there is a new authorization to try."""
        challenge = response.headers.get("www-authenticate", "")
        kind, _, rest = challenge.partition(" ")
        kind = kind.capitalize()
        before = self._token
        if kind == "Basic" and self._login:
            self._token = _basic(self._login)
        elif kind == "Bearer":
            self._token = f"Bearer {self._fetch_token(dict(_PARAMETER.findall(rest)))}"
        return self._token != before

    def _fetch_token(self, parameters: Mapping[str, str]) -> str:
        realm = urljoin(f"{self.root}/", parameters.get("realm", ""))
        scope = parameters.get("scope") or f"repository:{self.reference.repository}:pull,push"
        asked = {"service": parameters.get("service", ""), "scope": scope}
        headers = {"Authorization": _basic(self._login)} if self._login else {}
        try:
            response = self._client.get(realm, params={k: v for k, v in asked.items() if v}, headers=headers)
        except httpx.TransportError as error:
            raise BrokenOffError(f"{realm} does not respond: {error}") from error
        if response.status_code in _PASSING:
            raise asked_to_wait(f"{realm} answers {response.status_code}", response.headers)
        found = _json(response) if response.is_success else {}
        if token := found.get("token") or found.get("access_token"):
            return str(token)
        raise self._failure("GET", response)

    def _failure(self, method: str, response: httpx.Response) -> Exception:
        status, said = response.status_code, _said(response)
        words = f"{self.reference.registry} answers {status} {response.reason_phrase}".strip()
        cause = f"{words} to {method} for {self.reference.repository}" + (f": {said}." if said else ".")
        if status in _PASSING:
            return asked_to_wait(cause, response.headers)
        return UploadError(cause, _REMEDIES.get(status, ""))


_REMEDIES = {
    401: "Check user and password of the registry.",
    403: "Allow this user to push to the repository.",
    404: "Check the name of the repository; some registries want it to be created first.",
    413: "The registry, or a proxy before it, refuses uploads of this size.",
    507: "The registry has no room left, or the quota of the repository is used up.",
}


def _basic(login: Login) -> str:
    return "Basic " + base64.b64encode(f"{login.user}:{login.password}".encode()).decode()


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(response: httpx.Response) -> str:
    errors = _json(response).get("errors")
    if isinstance(errors, list):
        return "; ".join(str(each.get("message") or each.get("code")) for each in errors if isinstance(each, dict))
    return ""


def _is_distrust(error: BaseException | None) -> bool:
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
