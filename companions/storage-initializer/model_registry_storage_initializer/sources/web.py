"""Files of web servers, by httpx: the length may be unknown, and ranges may be missing."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from model_registry_storage_initializer.errors import Changed, Failure, Interrupted
from model_registry_storage_initializer.http_clients import PASSING, client, retry_after
from model_registry_storage_initializer.remote_files import RemoteFile, checked_path
from model_registry_storage_initializer.sources import archives
from model_registry_storage_initializer.sources.protocol import Job

_MOST_REDIRECTS = 10
_PARTIAL, _UNSATISFIABLE = 206, 416
_HTML = "text/html"


class Page:
    """A URL that can be fetched.

    Args:
        job: The URI, and the variables `HOST-headers` with headers for a host.
    """

    def __init__(self, job: Job) -> None:
        self._job, self.url = job, job.uri
        self._http = client(job.environment, job.settings)

    def look(self) -> httpx.Headers:
        """Returns the headers of the file, by a GET that ends after them. Raises `Failure` if it cannot be had."""
        for attempt in range(self._job.settings.retries + 1):
            try:
                response = self._send({})
                response.close()
                return response.headers
            except Interrupted as error:
                if attempt == self._job.settings.retries:
                    raise Failure(
                        f"{self.url} cannot be fetched: {error}", "Start again later.", may_pass=True
                    ) from error
                self._job.fetcher.wait(attempt + 1, error)
        raise AssertionError

    def read(self, mark: str, start: int, end: int | None) -> Iterator[bytes]:
        """Yields the bytes of a range. `mark` is the ETag or the date of the file."""
        headers = {"Range": f"bytes={start}-{'' if end is None else end - 1}"} if start or end is not None else {}
        if headers and mark:
            headers["If-Range"] = mark
        response = self._send(headers)
        try:
            if start and response.status_code != _PARTIAL:
                raise Changed
            yield from (response.iter_raw() if "content-encoding" not in response.headers else response.iter_bytes())
        except httpx.TransportError as error:
            raise Interrupted(str(error) or type(error).__name__) from error
        finally:
            response.close()

    def _send(self, headers: dict[str, str]) -> httpx.Response:
        """Sends a GET, and follows redirects: headers of a host are sent to this host only."""
        url = httpx.URL(self.url)
        for _ in range(_MOST_REDIRECTS):
            try:
                request = self._http.build_request("GET", url, headers={**headers, **self._headers(url)})
                response = self._http.send(request, stream=True)
            except httpx.TransportError as error:
                raise Interrupted(f"{url.host} does not answer: {str(error) or type(error).__name__}") from error
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise Failure(f"{self.url} is no address: {error}", "Correct the uri of the artifact.") from error
            if not response.next_request:
                return self._checked(response)
            url = response.next_request.url
            response.close()
        raise Failure(f"{self.url} is redirected more than {_MOST_REDIRECTS} times")

    def _checked(self, response: httpx.Response) -> httpx.Response:
        if response.is_success:
            return response
        response.close()
        said = f"{response.status_code} {response.reason_phrase}"
        if response.status_code == _UNSATISFIABLE:
            raise Changed
        if response.status_code in PASSING:
            raise Interrupted(f"{response.url.host} answers {said}", retry_after(response.headers))
        remedy = f'Correct the uri, or set the variable "{response.url.host}-headers" if the file needs headers.'
        raise Failure(f"{self.url} cannot be fetched: {said}", remedy)

    def _headers(self, url: httpx.URL) -> dict[str, str]:
        names = (f"{url.netloc.decode()}-headers", f"{url.host}-headers")
        text = self._job.environment.text(*names)
        try:
            found: Any = json.loads(text) if text else {}
            return {str(key): str(value) for key, value in found.items()}
        except (ValueError, AttributeError):
            raise Failure(f"The variable {names[1]} must be a JSON object of headers") from None


def fetch(job: Job) -> None:
    """Fetches the file of a URL, and unpacks it if it is an archive.

    Raises:
        Failure: It cannot be fetched, or it is damaged.
    """
    page = Page(job)
    headers = page.look()
    name = _name(job.uri, headers)
    content_type = headers.get("content-type", "")
    is_encoded = "content-encoding" in headers
    length = headers.get("content-length", "")
    size = int(length) if length.isdigit() and not is_encoded else None
    etag = headers.get("etag", "")
    mark = (etag if etag and not etag.startswith("W/") else headers.get("last-modified", "")) if not is_encoded else ""
    has_ranges = size is not None and bool(mark) and headers.get("accept-ranges", "").lower() == "bytes"
    if archives.is_named_so(name) and content_type.startswith(_HTML):
        raise Failure(
            f"{job.uri} answers a page of HTML instead of an archive", "It may ask for a sign-in: set headers."
        )
    digest = job.digest(name, is_only=True)
    file = RemoteFile(name, size, mark, partial(page.read, mark), has_ranges=has_ranges, sha256=digest)
    if archive := archives.kind(name, content_type):
        archives.fetch_and_unpack(job, file, archive)
    else:
        job.fetcher.fetch([file])


def _name(url: str, headers: httpx.Headers) -> str:
    """The name of the file: the last part of the path, else what the server suggests."""
    name = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    suggested = headers.get("content-disposition", "").partition("filename=")[2].partition(";")[0]
    name = name or suggested.strip(' "')
    name = name.replace("/", "_").replace("\\", "_")
    return checked_path(name if name.strip(".") else "model")
