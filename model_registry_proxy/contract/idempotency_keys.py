"""The header `Idempotency-Key`: a client sends it with a create, so that a repetition finds what the first request created."""

from collections.abc import Iterable

from model_registry_proxy.errors import BadRequest

_MOST_BYTES = 255
_PRINTABLE = range(0x20, 0x7F)


class IdempotencyKey:
    """The key of one request.

    `is_replayed` becomes true where the request was a repetition: the answer shows what an earlier one created, and says so in the
    header `Idempotent-Replayed`.
    """

    __slots__ = ("is_replayed", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_replayed = False

    @classmethod
    def read(cls, headers: Iterable[tuple[bytes, bytes]]) -> "IdempotencyKey | None":
        """Returns the key in the headers of a request, if there is one. Raises `BadRequest` for one that cannot be used."""
        values = [value for name, value in headers if name == b"idempotency-key"]
        if not values:
            return None
        if len(values) > 1:
            raise BadRequest("Idempotency-Key is there more than once; send one key.")
        (value,) = values
        if not 1 <= len(value) <= _MOST_BYTES or not all(byte in _PRINTABLE for byte in value):
            raise BadRequest(
                f"Idempotency-Key must have 1 to {_MOST_BYTES} printable ASCII characters, such as a UUID; got {len(value)} bytes"
                + (" with others among them." if 1 <= len(value) <= _MOST_BYTES else ".")
            )
        return cls(value.decode("ascii"))
