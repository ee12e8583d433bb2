"""Sends blobs to a registry: none that is there, large ones in parts, and a cut upload from where the registry has it."""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

from model_registry_upload_job.oci.client import Registry
from model_registry_upload_job.oci.sessions import Sessions, UnderWay
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.retrying import BrokenOffError, retried

log = logging.getLogger(__name__)
PART = 64 * 2**20
"""The bytes of a request; smaller blobs go in one."""
_LOST = (400, 404, 405, 410, 416)
"""How registries answer for an upload that they have forgotten, or whose state they do not say."""
_OUT_OF_STEP = (404, 416)
_MOST_FINISHES = 2
_RANGE = re.compile(r"(?:bytes=)?\d+-(\d+)")
_PATIENCE_SECONDS = 3.0
"""How long the end of a job waits for its threads."""
_STREAM = "application/octet-stream"


@dataclass(frozen=True)
class Blob:
    """A blob that can be read from any byte on."""

    digest: str
    size: int
    read: Callable[[int], Iterator[bytes]]

    @classmethod
    def of(cls, digest: str, data: bytes) -> "Blob":
        """Returns the blob of some bytes."""
        return cls(digest, len(data), lambda offset: iter([data[offset:]]) if data[offset:] else iter(()))


class Meter:
    """Notes the bytes of a blob once, also those that are sent again.

    Args:
        note: Gets the number of bytes of each part.
    """

    def __init__(self, note: Callable[[int], None]) -> None:
        self._note, self._reached = note, 0

    def reach(self, position: int) -> None:
        """Notes the bytes before a position, as far as they were not."""
        if position > self._reached:
            self._note(position - self._reached)
            self._reached = position


class Sender:
    """Sends blobs to the repository of an image.

    Attributes:
        sent: The number of bytes that were sent.
        known: The number of blobs that were there.
    """

    def __init__(self, registry: Registry, sessions: Sessions, note: Callable[[int], None]) -> None:
        self._registry, self._sessions, self._note = registry, sessions, note
        self._lock, self._is_over = threading.Lock(), threading.Event()
        self._under_way = UnderWay()
        self.sent = self.known = 0

    def send(self, blob: Blob, mount_from: str = "") -> None:
        """Sends a blob, unless it is there.

        Args:
            blob: The blob.
            mount_from: A repository of the same registry that may have it.

        Raises:
            UploadError: The registry refuses it, or fails 6 times without taking a byte.
        """
        if retried(lambda: self._is_there(blob)):
            with self._lock:
                self.known += 1
            self._note(blob.size)
            return
        if mount_from and retried(lambda: self._is_mounted(blob, mount_from)):
            with self._lock:
                self.known += 1
            self._note(blob.size)
            return
        with self._under_way.sending():
            self._send_all(blob)

    def stop(self) -> None:
        """Ends the uploads that other threads are sending."""
        self._is_over.set()

    def abandon(self) -> None:
        """Deletes the uploads that have begun, as far as the registry allows it, once the threads have stopped sending."""
        self.stop()
        self._under_way.wait(_PATIENCE_SECONDS)
        for address in {*self._under_way.addresses(), *self._sessions.addresses()}:
            self._delete(address)
        self._sessions.clear()

    def check(self) -> None:
        """Begins an upload and deletes it: so the registry accepts uploads. Raises `UploadError`."""
        self._delete(retried(self._begin))

    def _delete(self, address: str) -> None:
        try:
            self._registry.send("DELETE", address, allowed=(400, 404, 405, 416))
        except (BrokenOffError, UploadError) as error:
            log.debug("An upload session stays: %s", error)

    def _is_there(self, blob: Blob) -> bool:
        url = self._registry.url(f"blobs/{blob.digest}")
        return self._registry.send("HEAD", url, allowed=(404,), follow=True).is_success

    def _is_mounted(self, blob: Blob, repository: str) -> bool:
        url = f"{self._registry.url('blobs/uploads/')}?mount={blob.digest}&from={repository}"
        response = self._registry.send("POST", url, body=b"", allowed=(400, 401, 403, 404, 405))
        return response.status_code == httpx.codes.CREATED

    def _begin(self) -> str:
        response = self._registry.send("POST", self._registry.url("blobs/uploads/"), body=b"")
        return self._address(response)

    def _address(self, response: httpx.Response) -> str:
        location = response.headers.get("location")
        if not location:
            raise UploadError(f"{self._registry.reference.registry} begins no upload: it names no Location.")
        return urljoin(f"{self._registry.root}/", str(location))

    def _send_all(self, blob: Blob) -> None:
        """Sends until all is there. Attempts after which the registry has more bytes do not count as failures."""
        reached, finishes, meter = 0, 0, Meter(self._note)

        def attempt() -> None:
            nonlocal reached, finishes
            address, offset = self._resumed(blob)
            while True:
                meter.reach(offset)
                reached = max(reached, offset)
                if blob.size - offset <= PART:
                    break
                address, offset = self._send_part(blob, address, offset, meter)
                self._note_address(blob, address)
            finishes += 1
            self._finish(blob, address, offset, meter, is_last=finishes > _MOST_FINISHES)

        while True:
            before = reached
            try:
                retried(attempt)
            except UploadError as error:
                if reached == before or not isinstance(error.__cause__, BrokenOffError):
                    raise
                continue
            self._sessions.put(blob.digest, None)
            self._under_way.note(blob.digest, None)
            return

    def _resumed(self, blob: Blob) -> tuple[str, int]:
        """The address of the upload of a blob, and the number of bytes that the registry has."""
        if known := self._sessions.get(blob.digest):
            response = self._registry.send("GET", known, allowed=_LOST)
            found = _RANGE.fullmatch(response.headers.get("range", "").strip())
            if response.is_success:
                offset = int(found[1]) + 1 if found and not _is_empty(response) else 0
                if offset <= blob.size:
                    return self._address(response) if "location" in response.headers else known, offset
        address = self._begin()
        self._note_address(blob, address)
        return address, 0

    def _note_address(self, blob: Blob, address: str) -> None:
        self._under_way.note(blob.digest, address)
        if blob.size > PART:
            self._sessions.put(blob.digest, address)

    def _send_part(self, blob: Blob, address: str, offset: int, meter: Meter) -> tuple[str, int]:
        end = min(offset + PART, blob.size)
        headers = {
            "Content-Type": _STREAM,
            "Content-Range": f"{offset}-{end - 1}",
            "Content-Length": str(end - offset),
        }
        response = self._registry.send(
            "PATCH",
            address,
            body=lambda: self._limited(blob, offset, end, meter),
            headers=headers,
            allowed=_OUT_OF_STEP,
        )
        if not response.is_success:
            raise BrokenOffError(f"{self._registry.reference.registry} has lost the upload, or a part of it")
        with self._lock:
            self.sent += end - offset
        return self._address(response), end

    def _finish(self, blob: Blob, address: str, offset: int, meter: Meter, *, is_last: bool) -> None:
        """Sends the rest. Unless it is the last attempt, an upload that the registry finds wrong is begun again."""
        url = httpx.URL(address).copy_merge_params({"digest": blob.digest})
        headers = {"Content-Type": _STREAM, "Content-Length": str(blob.size - offset)}
        if offset:
            headers["Content-Range"] = f"{offset}-{blob.size - 1}"
        response = self._registry.send(
            "PUT",
            str(url),
            body=lambda: self._limited(blob, offset, blob.size, meter),
            headers=headers,
            allowed=() if is_last else (400, *_OUT_OF_STEP),
        )
        if not response.is_success:
            self._sessions.put(blob.digest, None)
            raise BrokenOffError(
                f"{self._registry.reference.registry} has other bytes for {blob.digest} than were sent"
            )
        with self._lock:
            self.sent += blob.size - offset

    def _limited(self, blob: Blob, start: int, end: int, meter: Meter) -> Iterator[bytes]:
        left = end - start
        for chunk in blob.read(start) if left else ():
            if self._is_over.is_set():
                raise UploadError("A blob was left unfinished, because another one failed.")
            yield chunk[:left]
            left -= min(len(chunk), left)
            meter.reach(end - left)
            if not left:
                return


def _is_empty(response: httpx.Response) -> bool:
    """Whether `Range: 0-0` means that nothing is there: the registry of Docker says so for 0 bytes and for 1 byte."""
    return bool(response.headers.get("range", "").strip() in ("0-0", "bytes=0-0"))
