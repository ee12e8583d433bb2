"""One file from a web server. A zip or tar archive is unpacked."""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

import httpx

from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.retrying import BrokenOffError, asked_to_wait, unless_stalled
from model_registry_upload_job.sources import archives
from model_registry_upload_job.sources.remote import Reading, RemoteFile

TIMEOUT = httpx.Timeout(60, connect=10)
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_SATISFIABLE = 416
_USER = re.compile(r"//[^/@]*@")
_HTML = ("text/html", "application/xhtml+xml")


class HttpSource:
    """A file at an http(s) address."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self._url, self._headers = url, dict(headers or {})
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=True)

    @property
    def name(self) -> str:
        """The address without its query and its user, which may hold a secret."""
        return _USER.sub("//", self._url.partition("?")[0])

    def files(self) -> Sequence[RemoteFile]:
        """Asks for the file, and reads only the head of the response."""
        response = opened(self._client, self._url, {**self._headers, "Accept-Encoding": "identity"}, self.name)
        with contextlib.closing(response):
            name = _file_name(response)
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind in _HTML and not name.endswith((".html", ".htm")):
                raise UploadError(
                    f"{self.name} answers with a web page instead of a file.", "It may want you to sign in first."
                )
            return [RemoteFile(name, length(response), mark(response))]

    def read(self, file: RemoteFile, offset: int) -> Reading:
        """Reads from a byte on, if the server can do so and the file is still the same."""
        return read(self._client, self._url, self._headers, file, offset, self.name)

    def arrange(self, fetched: Path, folder: Path) -> Path:
        """Unpacks the file if it is an archive. Raises `UploadError` if it only has the name of one, or no files."""
        file = next(path for path in fetched.iterdir() if path.is_file())
        if not archives.is_archive(file):
            if archives.is_named_so(file):
                raise UploadError(
                    f"{self.name} is no archive, as its name says, or an empty one.", "Check it at its source."
                )
            return fetched
        archives.unpack(file, folder)
        if not any(path.is_file() for path in folder.rglob("*")):
            raise UploadError(f"The archive {self.name} has no files.", "Check it at its source.")
        return folder


def read(
    client: httpx.Client, url: str, headers: Mapping[str, str], file: RemoteFile, offset: int, name: str
) -> Reading:
    """Reads a file of a web server from a byte on.

    Args:
        client: The client that sends the request.
        url: The address.
        headers: Headers for the request.
        file: The file with its mark.
        offset: The first byte that is wanted.
        name: The address in words for messages.

    Raises:
        BrokenOffError: The server cannot serve it now.
        UploadError: The server refuses it.
    """
    wanted = {**headers, "Accept-Encoding": "identity"}
    if offset and file.mark:
        wanted |= {"Range": f"bytes={offset}-", "If-Range": file.mark}
    response = opened(client, url, wanted, name)
    if response.status_code == _NOT_SATISFIABLE:
        response.close()
        return read(client, url, headers, file, 0, name)
    return body_of(response, offset, name)


def body_of(response: httpx.Response, offset: int, name: str) -> Reading:
    """Returns the body of a response to a request for a file from `offset` on. `name`: the address in words."""

    def chunks() -> Iterator[bytes]:
        try:
            yield from unless_stalled(response.iter_raw(), name)
        except httpx.TransportError as error:
            raise BrokenOffError(f"The connection to {name} was cut: {error}") from error
        finally:
            response.close()

    return Reading(offset if response.status_code == httpx.codes.PARTIAL_CONTENT else 0, chunks())


def opened(client: httpx.Client, url: str, headers: Mapping[str, str], name: str) -> httpx.Response:
    """Returns the response to a GET, whose body is not read yet. Raises `BrokenOffError` or `UploadError`."""
    try:
        response = client.send(client.build_request("GET", url, headers=headers), stream=True)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects) as error:
        raise UploadError(f"{name} cannot be read: {error}.", "Check the address.") from error
    except httpx.TransportError as error:
        raise BrokenOffError(f"{name} does not respond: {error or type(error).__name__}") from error
    status = response.status_code
    if status < httpx.codes.BAD_REQUEST or status == _NOT_SATISFIABLE:
        return response
    response.close()
    words = f"{status} {response.reason_phrase}".strip()
    if status in _AGAIN:
        raise asked_to_wait(f"{name} answers {words}", response.headers)
    raise UploadError(f"{name} answers {words}.", _REMEDIES.get(status, "Check the address."))


_REMEDIES = {
    401: "It needs credentials.",
    403: "The credentials do not allow this.",
    404: "Check the address.",
    410: "Check the address.",
}


def mark(response: httpx.Response) -> str | None:
    """Returns the ETag, if it is a strong one."""
    tag = str(response.headers.get("etag") or "")
    return tag if tag.startswith('"') else None


def length(response: httpx.Response) -> int | None:
    """Returns the bytes of the file, if the response says so."""
    text = response.headers.get("content-length", "")
    return int(text) if text.isdigit() and not response.headers.get("content-encoding") else None


def _file_name(response: httpx.Response) -> str:
    stated = re.search(r'filename="?([^";]+)', response.headers.get("content-disposition", ""))
    name = stated[1] if stated else unquote(response.url.path)
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2].strip().lstrip(".") or "model"
