"""All options in two tables: the flags, and the variables that name labels, annotations and namespaces."""

from dataclasses import dataclass
from enum import StrEnum

_LABELS = "modelregistry.kubeflow.org"


class Kind(StrEnum):
    """The kinds of values."""

    TEXT = "text"
    FLAG = "true or false"
    NUMBER = "number"
    DURATION = "duration"


@dataclass(frozen=True)
class Option:
    """A flag: `-name` or `--name`, with `=VALUE` or a value after it.

    Attributes:
        name: The name.
        help: What it means.
        default: The value if it is not given.
        kind: The kind of the value. A flag that is true or false needs no value.
        variable: The environment variable that sets it too; empty for none. The flag wins.
    """

    name: str
    help: str
    default: str = ""
    kind: Kind = Kind.TEXT
    variable: str = ""


_ACCEPTED = "Accepted for compatibility; it changes nothing."

OPTIONS: tuple[Option, ...] = (
    Option("kubeconfig", "A kubeconfig, outside a pod. Without it: KUBECONFIG, else the service account."),
    Option("leader-elect", "Whether only one of several replicas works.", "false", Kind.FLAG),
    Option(
        "leader-election-namespace", "The namespace of the Lease; by default that of the pod.", variable="POD_NAMESPACE"
    ),
    Option("health-probe-bind-address", "Where /healthz and /readyz are; 0 for nowhere.", ":8081"),
    Option("metrics-bind-address", "Where /metrics is; 0 for nowhere.", "0"),
    Option("metrics-secure", "Whether /metrics is served over TLS. It needs --metrics-cert-path.", "true", Kind.FLAG),
    Option("metrics-cert-path", "The folder with tls.crt and tls.key for /metrics."),
    Option("enable-http2", _ACCEPTED, "false", Kind.FLAG),
    Option("record-serves", "Whether what is seen running is recorded as serves.", "true", Kind.FLAG, "RECORD_SERVES"),
    Option(
        "resync-period",
        "How often all deployments are compared with the registry.",
        "10m",
        Kind.DURATION,
        "RESYNC_PERIOD",
    ),
    Option("deletion-timeout", "How long a deletion waits for the registry, at most 15s.", "12s", Kind.DURATION),
    Option("workers", "How many objects are worked on at the same time.", "4", Kind.NUMBER),
    Option(
        "trusted-hosts",
        "Hosts outside the cluster that get the token, as host or host:port, with commas.",
        variable="TRUSTED_HOSTS",
    ),
    Option(
        "token-namespaces",
        "Namespaces whose Services get the token, with commas; empty for all.",
        variable="TOKEN_NAMESPACES",
    ),
    Option(
        "registry-token-path",
        "The file of the token for registries. Without it: the projected token, else that of the service account.",
        variable="REGISTRY_TOKEN_PATH",
    ),
    Option("registry-ca-path", "A file with certificates to trust for registries.", variable="REGISTRY_CA_PATH"),
    Option("cluster-domain", "The domain of the cluster's Services.", "cluster.local", variable="CLUSTER_DOMAIN"),
    Option("zap-devel", "Whether the log is for people: lines of text, from debug on.", "false", Kind.FLAG),
    Option("zap-encoder", "json or console."),
    Option("zap-log-level", "debug, info, error, or a number: 1 and above is debug."),
    Option("zap-stacktrace-level", "From which level a log line has a stack trace: info, error or panic.", "error"),
    Option("zap-time-encoding", "epoch, millis, nano, iso8601, rfc3339 or rfc3339nano.", "rfc3339"),
)
BY_NAME = {option.name: option for option in OPTIONS}

VARIABLES: dict[str, tuple[str, str]] = {
    "NAMESPACE_LABEL": (f"{_LABELS}/namespace", "the label with the namespace of the registry's Service"),
    "NAME_LABEL": (f"{_LABELS}/name", "the label with the name of the registry's Service"),
    "URL_ANNOTATION": (f"{_LABELS}/url", "the annotation with the address of the registry"),
    "INFERENCE_SERVICE_ID_LABEL": (f"{_LABELS}/inference-service-id", "the label with the id of the deployment"),
    "MODEL_VERSION_ID_LABEL": (f"{_LABELS}/model-version-id", "the label with the id of the version"),
    "REGISTERED_MODEL_ID_LABEL": (f"{_LABELS}/registered-model-id", "the label with the id of the model"),
    "FINALIZER": (f"{_LABELS}/finalizer", "the finalizer"),
    "SERVICE_ANNOTATION": (
        "routing.kubeflow.org/external-address-rest",
        "a Service's annotation with its outer address",
    ),
    "REGISTRIES_NAMESPACE": ("kubeflow", "where registries are looked for without a namespace label"),
    "SKIP_TLS_VERIFY": ("false", "true: certificates of registries are not checked"),
    "INFERENCE_SERVICE_CONTROLLER": ("managed", "with any other value the controller does nothing"),
}
"""The variables of Kubeflow's controller: their usual values, and what they mean."""
