"""The files of a model at the Hugging Face Hub, or at a server that speaks its API (HF_ENDPOINT, HF_TOKEN)."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import httpx
from huggingface_hub import HfApi, constants, get_token, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError, HFValidationError
from huggingface_hub.hf_api import RepoFile

from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.retrying import BrokenOffError, asked_to_wait
from model_registry_upload_job.sources import http_source
from model_registry_upload_job.sources.remote import Reading, RemoteFile

_SERVER_ERROR, _TOO_MANY = 500, 429


class HubSource:
    """The files of one revision of a model."""

    def __init__(self, model: str, revision: str | None) -> None:
        self._model, self._revision = model, revision
        self._endpoint = (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")
        self._client = httpx.Client(timeout=http_source.TIMEOUT, follow_redirects=True)

    @classmethod
    def at(cls, rest: str) -> Self:
        """Returns the source at `owner/model[:revision]`, what comes after `hf://`. Raises `UploadError`."""
        model, _, revision = rest.strip("/").partition(":")
        if model.count("/") != 1:
            raise UploadError(f"hf://{rest} names no model.", "An example: hf://owner/model:main")
        return cls(model, revision or None)

    @property
    def name(self) -> str:
        """The address."""
        return f"hf://{self._model}" + (f":{self._revision}" if self._revision else "")

    def files(self) -> Sequence[RemoteFile]:
        """Lists the files of the commit that the revision stands for now."""
        api = HfApi(endpoint=self._endpoint)
        try:
            commit = api.model_info(self._model, revision=self._revision).sha
            self._revision = commit or self._revision
            tree = list(api.list_repo_tree(self._model, recursive=True, revision=self._revision))
        except (HfHubHTTPError, HFValidationError) as error:
            raise self._failure(error) from error
        except httpx.HTTPError as error:
            raise BrokenOffError(f"{self._endpoint} does not respond: {error}") from error
        files = [each for each in tree if isinstance(each, RepoFile)]
        if not files:
            raise UploadError(f"{self.name} has no files.")
        return [RemoteFile(each.path, each.size, each.blob_id, each.lfs.sha256 if each.lfs else None) for each in files]

    def read(self, file: RemoteFile, offset: int) -> Reading:
        """Reads a file from a byte on. A commit never changes, so there is nothing to compare."""
        token = get_token()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Range": f"bytes={offset}-"} if offset else {}
        url = hf_hub_url(self._model, file.path, revision=self._revision, endpoint=self._endpoint)
        return http_source.read(self._client, url, headers, RemoteFile(file.path, file.size), offset, self.name)

    def arrange(self, fetched: Path, folder: Path) -> Path:  # noqa: ARG002 (files stay as they are)
        """Leaves the files as they are."""
        return fetched

    def _failure(self, error: Exception) -> Exception:
        response = getattr(error, "response", None)
        status = response.status_code if response is not None else 0
        text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if response is not None and (status >= _SERVER_ERROR or status == _TOO_MANY):
            return asked_to_wait(f"{self._endpoint} answers {status}", response.headers)
        return UploadError(
            f"{self.name} cannot be read: {text}", "Check its name and HF_TOKEN: some models need access."
        )
