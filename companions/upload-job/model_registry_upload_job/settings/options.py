"""All options in one table: their names, their kinds and their defaults. Names are those of Kubeflow's job."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of values."""

    TEXT = "text"
    FLAG = "yes or no"
    NUMBER = "number"


@dataclass(frozen=True)
class Option:
    """An option. It is the argument `--name` and the variable `MODEL_SYNC_NAME`.

    Attributes:
        name: The name in kebab case.
        help: What it means.
        default: The value if it is not given.
        kind: The kind of the value.
        choices: The values that are allowed; empty for all.
        is_secret: Whether it must not be shown.
    """

    name: str
    help: str
    default: str | None = None
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
    is_secret: bool = False

    @property
    def key(self) -> str:
        """The name in snake case."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"MODEL_SYNC_{self.key.upper()}"


def _aws(side: str) -> tuple[Option, ...]:
    return (
        Option(f"{side}-aws-bucket", f"The S3 bucket of the {side}."),
        Option(f"{side}-aws-key", f"The key of one object, or the folder, of the {side}."),
        Option(f"{side}-aws-region", f"The region of the bucket of the {side}."),
        Option(f"{side}-aws-access-key-id", f"The access key of the {side}.", is_secret=True),
        Option(f"{side}-aws-secret-access-key", f"The secret key of the {side}.", is_secret=True),
        Option(f"{side}-aws-session-token", f"The session token of temporary keys of the {side}.", is_secret=True),
        Option(f"{side}-aws-endpoint", f"The URL of the S3 server of the {side}; without it, Amazon's."),
        Option(f"{side}-s3-credentials-path", f"A folder with files such as AWS_ACCESS_KEY_ID for the {side}."),
    )


def _oci(side: str) -> tuple[Option, ...]:
    return (
        Option(f"{side}-oci-uri", f"The image of the {side}, such as quay.io/team/model:1."),
        Option(f"{side}-oci-registry", f"The registry of the {side}, as the file with credentials names it."),
        Option(f"{side}-oci-username", f"The user at the registry of the {side}."),
        Option(f"{side}-oci-password", f"The password at the registry of the {side}.", is_secret=True),
        Option(f"{side}-oci-credentials-path", f"A .dockerconfigjson with the credentials of the {side}."),
        Option(
            f"{side}-oci-enable-tls-verify", f"Whether the certificate of the {side} is checked.", "true", Kind.FLAG
        ),
    )


OPTIONS: tuple[Option, ...] = (
    Option("source-type", "What the source is.", "s3", choices=("s3", "oci", "uri")),
    Option("source-uri", "An http(s)://, hf://, s3://, oci://, pvc:// or file:// address."),
    Option("source-uri-credentials-path", "A folder with a file URI, which holds the address of the source."),
    *_aws("source"),
    *_oci("source"),
    Option("destination-type", "What the destination is.", "oci", choices=("oci", "s3")),
    *_oci("destination"),
    Option("destination-oci-base-image", "The image that files are added to; without it, a small one of our own."),
    Option("destination-oci-pin-digest", "Whether the registered uri ends with the digest.", "false", Kind.FLAG),
    *_aws("destination"),
    Option(
        "model-upload-intent",
        "What is registered.",
        "update_artifact",
        choices=("update_artifact", "create_model", "create_version"),
    ),
    Option("model-id", "The id of the registered model, for create_version."),
    Option("model-version-id", "The id of the version; it is only reported."),
    Option("model-artifact-id", "The id of the artifact, for update_artifact."),
    Option("job-id", "The id of this job: a second try with the same id finishes what the first one began."),
    Option("storage-path", "The folder for files on their way.", "/tmp/model-sync"),  # noqa: S108 (Kubeflow's default)
    Option("metadata-configmap-path", "The folder with the fields of what is registered (/etc/model-metadata)."),
    Option("registry-server-address", "The address of the model registry, with its scheme."),
    Option("registry-port", "Its port, if the address has none.", "443", Kind.NUMBER),
    Option("registry-is-secure", "Whether its certificate is checked.", "true", Kind.FLAG),
    Option("registry-author", "The author of what is registered."),
    Option("registry-user-token", "The Bearer token for the model registry.", is_secret=True),
    Option("registry-user-token-envvar", "The variable that names a file with this token."),
    Option("registry-custom-ca", "A file with certificates to trust for the model registry."),
    Option("registry-custom-ca-envvar", "The variable that names this file."),
    Option("registry-log-level", "Accepted for compatibility; LOGLEVEL sets the level of the log."),
    Option("sign", "Whether the files are signed; without it, if the SIGSTORE variables are set.", kind=Kind.FLAG),
    Option("signing-identity-token-path", "A file with the identity token for signing."),
    Option("signing-trust-config-path", "A file with the trust configuration of a Sigstore of your own."),
    Option("signing-private-key-path", "A file with a private key to sign with, instead of Sigstore."),
)
BY_NAME = {option.name: option for option in OPTIONS}
