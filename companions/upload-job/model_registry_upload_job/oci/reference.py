"""The name of an image: registry, repository, and tag or digest."""

import re
from dataclasses import dataclass
from typing import Self

from model_registry_upload_job.problems import UploadError

_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LOCAL = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Reference:
    """The name of an image, such as `quay.io/team/churn:1`."""

    registry: str
    repository: str
    tag: str = "latest"
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a name, with `oci://` or `docker://` before it or not. Raises `UploadError`."""
        bare = re.sub(r"^(?:oci|docker|https?)://", "", text.strip())
        bare, _, digest = bare.partition("@")
        registry, slash, rest = bare.partition("/")
        if not slash or not ("." in registry or ":" in registry or registry == "localhost"):
            registry, rest = "docker.io", bare
        if registry == "docker.io" and "/" not in rest:
            rest = f"library/{rest}"
        repository, colon, tag = rest.partition(":")
        for part, pattern, what in (
            (registry, _HOST, "host"),
            (repository, _REPOSITORY, "repository, in small letters"),
            (tag if colon else "latest", _TAG, "tag"),
            (digest or f"sha256:{'0' * 64}", _DIGEST, "digest"),
        ):
            if not pattern.fullmatch(part):
                raise UploadError(
                    f"{text!r} is no name of an image: {part!r} is no {what}.", "An example: quay.io/team/churn:1"
                )
        return cls(registry, repository, tag or "latest", digest)

    @property
    def host(self) -> str:
        """The host that serves the registry."""
        return "registry-1.docker.io" if self.registry in ("docker.io", "index.docker.io") else self.registry

    @property
    def is_local(self) -> bool:
        """Whether the registry is on this machine, where plain HTTP is usual."""
        return self.registry.startswith(_LOCAL)

    @property
    def version(self) -> str:
        """The digest, else the tag."""
        return self.digest or self.tag

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}:{self.tag}" + (f"@{self.digest}" if self.digest else "")
