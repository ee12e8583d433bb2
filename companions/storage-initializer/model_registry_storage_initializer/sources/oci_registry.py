"""Reads manifests and blobs from an OCI registry, with the login that it asks for."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import httpx

from model_registry_storage_initializer.errors import Failure, Interrupted
from model_registry_storage_initializer.http_clients import PASSING, client, retry_after
from model_registry_storage_initializer.sources.docker_config import Login, login
from model_registry_storage_initializer.sources.protocol import Job

MANIFESTS = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.index.v1",
        "oci.image.manifest.v1",
        "docker.distribution.manifest.list.v2",
        "docker.distribution.manifest.v2",
    )
)
_REFERENCE = re.compile(r"(?P<host>[^/]+)/(?P<name>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>[a-z0-9]+:[0-9a-f]+))?")
_CHALLENGE = re.compile(r'([a-zA-Z_]+)="([^"]*)"')
_MOST_REDIRECTS = 5
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _PARTIAL = 401, 403, 404, 206
_HUB, _HUB_API = {"docker.io", "index.docker.io"}, "registry-1.docker.io"
_LOGIN = "Give the pod a secret for the registry (KSERVE_OCI_DOCKER_CONFIG), or check the name of the image."


@dataclass(frozen=True)
class Reference:
    """The name of an image: the host of its registry, its repository, and a tag or a digest."""

    host: str
    name: str
    tag: str

    def __str__(self) -> str:
        return f"oci://{self.host}/{self.name}{'@' if ':' in self.tag else ':'}{self.tag}"


def reference(uri: str) -> Reference:
    """Reads `oci://HOST/NAME[:TAG][@DIGEST]`. Raises `Failure` if it is something else."""
    named = _REFERENCE.fullmatch(uri.partition("://")[2])
    if not named:
        raise Failure(f"{uri} names no image", "Write oci://REGISTRY/NAME:TAG or oci://REGISTRY/NAME@sha256:DIGEST.")
    host, name = (_HUB_API if named["host"] in _HUB else named["host"]), named["name"]
    if host == _HUB_API and "/" not in name:
        name = f"library/{name}"
    return Reference(host, name, named["digest"] or named["tag"] or "latest")


class ImageRegistry:
    """One repository. Use it as a context manager.

    Args:
        job: The variables and settings.
        named: The image.
    """

    def __init__(self, job: Job, named: Reference) -> None:
        self._job, self._named = job, named
        is_insecure = job.environment.flag("KSERVE_OCI_INSECURE_REGISTRY")
        self._http = client(job.environment, job.settings, is_checked=not is_insecure)
        self._bases = [f"{scheme}://{named.host}" for scheme in (("https", "http") if is_insecure else ("https",))]
        self._authorization = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    @cached_property
    def _login(self) -> Login | None:
        """The login for the registry, looked up when it asks for one."""
        return login(self._named.host, self._job.environment)

    def manifest(self, tag: str) -> dict[str, Any]:
        """Returns a manifest by tag or digest. Raises `Failure` if there is none."""
        for attempt in range(self._job.settings.retries + 1):
            try:
                response = self._get(f"manifests/{tag}", {"Accept": MANIFESTS})
                try:
                    response.read()
                    found = response.json()
                finally:
                    response.close()
            except (httpx.TransportError, Interrupted) as error:
                passing = error if isinstance(error, Interrupted) else Interrupted(str(error) or type(error).__name__)
                if attempt == self._job.settings.retries:
                    cause = f"The registry of {self._named} does not answer: {passing}"
                    raise Failure(cause, "Start again later.", may_pass=True) from error
                self._job.fetcher.wait(attempt + 1, passing)
            except ValueError as error:
                raise Failure(
                    f"{self._named} has a manifest that is no JSON", "Check the address of the registry."
                ) from error
            else:
                return found if isinstance(found, dict) else {}
        raise AssertionError

    def blob(self, digest: str, start: int) -> Iterator[bytes]:
        """Yields the bytes of a blob from a position on. Raises `Interrupted` when it breaks off."""
        try:
            response = self._get(f"blobs/{digest}", {"Range": f"bytes={start}-"} if start else {})
            try:
                skipped = start if start and response.status_code != _PARTIAL else 0
                for chunk in response.iter_raw():
                    if len(chunk) > skipped:
                        yield chunk[skipped:]
                    skipped = max(0, skipped - len(chunk))
            finally:
                response.close()
        except httpx.TransportError as error:
            raise Interrupted(str(error) or type(error).__name__) from error

    def _get(self, path: str, headers: dict[str, str]) -> httpx.Response:
        response = self._sent(path, headers)
        if response.status_code == _UNAUTHORIZED:
            response.close()
            self._authorize(response.headers.get("www-authenticate", ""))
            response = self._sent(path, headers)
        if response.is_success:
            return response
        response.close()
        said = f"{response.status_code} {response.reason_phrase}"
        if response.status_code in PASSING:
            raise Interrupted(f"{self._named.host} answers {said}", retry_after(response.headers))
        if response.status_code in {_UNAUTHORIZED, _FORBIDDEN}:
            raise Failure(f"{self._named} may not be read: {said}", _LOGIN)
        if response.status_code == _NOT_FOUND:
            raise Failure(f"{self._named} does not exist ({path})", _LOGIN)
        raise Failure(f"{self._named} cannot be read: {said}", "Check the address of the registry.")

    def _sent(self, path: str, headers: dict[str, str]) -> httpx.Response:
        url = f"{self._bases[0]}/v2/{self._named.name}/{path}"
        own = {"Authorization": self._authorization} if self._authorization else {}
        try:
            response = self._http.send(self._http.build_request("GET", url, headers={**headers, **own}), stream=True)
        except (httpx.ConnectError, httpx.RemoteProtocolError) as error:
            if len(self._bases) > 1:  # an insecure registry: without TLS then
                self._bases = self._bases[1:]
                return self._sent(path, headers)
            raise Interrupted(f"{self._named.host} does not answer: {error}") from error
        for _ in range(_MOST_REDIRECTS):
            if not response.next_request:
                break
            response.close()  # storage of others gets no authorization
            target = response.next_request.url
            same = (
                own
                if target.host == self._named.host.partition(":")[0] and str(target).startswith(self._bases[0])
                else {}
            )
            response = self._http.send(
                self._http.build_request("GET", target, headers={**headers, **same}), stream=True
            )
        return response

    def _authorize(self, challenge: str) -> None:
        kind, _, rest = challenge.partition(" ")
        values = dict(_CHALLENGE.findall(rest))
        if kind.title() == "Basic" and self._login:
            pair = f"{self._login.name}:{self._login.password}".encode()
            self._authorization = f"Basic {base64.b64encode(pair).decode()}"
        elif kind.title() == "Bearer" and values.get("realm"):
            self._authorization = f"Bearer {self._token(values)}"

    def _token(self, values: dict[str, str]) -> str:
        """Asks the service that the registry names for a token."""
        asked = {
            "service": values.get("service", ""),
            "scope": values.get("scope") or f"repository:{self._named.name}:pull",
        }
        try:
            if self._login and not self._login.name:
                form = {
                    "grant_type": "refresh_token",
                    "refresh_token": self._login.password,
                    "client_id": "model-registry",
                }
                response = self._http.post(values["realm"], data={**asked, **form})
            else:
                auth = (self._login.name, self._login.password) if self._login else None
                response = self._http.get(values["realm"], params=asked, auth=auth)
            if response.status_code in PASSING:
                raise Interrupted(f"{values['realm']} answers {response.status_code}", retry_after(response.headers))
            answer = response.json() if response.is_success else {}
        except (httpx.TransportError, ValueError) as error:
            raise Interrupted(f"{values['realm']} gives no token: {error}") from error
        if not (token := answer.get("token") or answer.get("access_token")):
            raise Failure(f"{self._named} may not be read: {values['realm']} answers {response.status_code}", _LOGIN)
        return str(token)
