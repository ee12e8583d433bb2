"""Schemes of the addresses of files: which ones stores and tools commonly read."""

import re

_USUAL = frozenset(
    [
        "abfs",
        "abfss",
        "adl",
        "az",
        "azure",
        "dbfs",
        "docker",
        "file",
        "ftp",
        "gcs",
        "gs",
        "hdfs",
        "hf",
        "http",
        "https",
        "kaggle",
        "mlflow-artifacts",
        "model-registry",
        "models",
        "oci",
        "pvc",
        "runs",
        "s3",
        "s3a",
        "s3n",
        "sftp",
        "ssh",
        "swift",
        "wasb",
        "wasbs",
        "webhdfs",
    ]
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,30})://", re.IGNORECASE)


def unusual_scheme(uri: str | None) -> str:
    """Returns the scheme of an address if it is not one of the usual ones, else an empty text."""
    found = _SCHEME.match(uri or "")
    scheme = found[1].lower() if found else ""
    return "" if scheme in _USUAL else scheme
