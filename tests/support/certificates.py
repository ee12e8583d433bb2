"""Certificates for tests, in files: a certificate authority and the certificates that it issues."""

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Pair:
    """A certificate chain and its key, in PEM files."""

    cert: Path
    key: Path


class Authority:
    """A certificate authority. Its own certificate is in the file `ca`."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._folder, self._ca = folder, trustme.CA()
        self.ca = folder / f"{name}.pem"
        self._ca.cert_pem.write_to_path(self.ca)

    def issue(self, *identities: str, name: str = "server") -> Pair:
        """Issues a certificate for host names or addresses, in files named `name`."""
        issued = self._ca.issue_cert(*identities)
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        pair.cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(pair.key)
        return pair
