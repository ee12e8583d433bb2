"""Code that finds, loads and deploys a version: for people to copy. Names are quoted by the rules of each language."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from model_registry_client.entities import ModelArtifact

from model_registry_ui.quoting import double_quoted as q
from model_registry_ui.quoting import shell_word as w

LABELS = "modelregistry.kubeflow.org"
_LONGEST_DNS_NAME = 50
"""Shorter than the 63 characters of DNS: KServe puts words after the name."""
_NO_DNS = re.compile(r"[^a-z0-9]+")
_NEEDS_ID = re.compile(r"/|^-|^(?:id|name):")
"""Names that the references of `mr` read in another way."""


@dataclass(frozen=True, slots=True)
class Version:
    """The version that the snippets are about.

    Attributes:
        server: The public address of the server, such as `https://ml.example.org`.
        api: The path of the API below it.
        model_id, model, version_id, name: Its model and itself.
        artifact: The files of the version, if there are any.
        needs_token: Whether the server wants a token.
        service, runtime: The deployment that is asked about, if it is one: its name, and what runs the model.
    """

    server: str
    api: str
    model_id: str
    model: str
    version_id: str
    name: str
    artifact: ModelArtifact | None = None
    needs_token: bool = False
    service: str = ""
    runtime: str = ""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of code. `language` is a name that Pygments knows; `note` says what to know about it."""

    key: str
    title: str
    language: str
    code: str
    note: str = ""


def snippets(of: Version) -> tuple[Snippet, ...]:
    """Returns the snippets that make sense for a version."""
    return tuple(one for made in (_python, _kubeflow, _shell, _kserve, _use) for one in made(of))


def _python(of: Version) -> Iterator[Snippet]:
    yield Snippet(
        "python",
        "Python",
        "python",
        f"""\
from model_registry_client import Registry

with Registry({q(with_port(of.server))}) as registry:
    model = registry.find_registered_model({q(of.model)})
    version = registry.find_model_version({q(of.name)}, registered_model_id=model.id)
    for artifact in registry.list_model_artifacts(model_version_id=version.id):
        print(artifact.name, artifact.uri)
""",
        "The token comes from the variable MODEL_REGISTRY_TOKEN." if of.needs_token else "",
    )


def _kubeflow(of: Version) -> Iterator[Snippet]:
    """Kubeflow's client finds an artifact only by the name of the model."""
    if of.artifact is None or of.artifact.name != of.model:
        return
    token = '\n    user_token=os.environ["TOKEN"],' if of.needs_token else ""
    yield Snippet(
        "kubeflow",
        "Kubeflow's client",
        "python",
        f"""\
{"import os" + chr(10) + chr(10) if of.needs_token else ""}from model_registry import ModelRegistry

registry = ModelRegistry(
    {q(with_port(of.server))},
    author="me",{token}
)
artifact = registry.get_model_artifact({q(of.model)}, {q(of.name)})
print(artifact.uri)
""",
    )


def _shell(of: Version) -> Iterator[Snippet]:
    reference = f"id:{of.version_id}"
    if not (_NEEDS_ID.search(of.model) or _NEEDS_ID.search(of.name)):
        reference = f"{of.model}/{of.name}"
    token = ' -H "Authorization: Bearer $TOKEN"' if of.needs_token else ""
    yield Snippet(
        "shell",
        "Shell",
        "bash",
        f"""\
mr --server {w(of.server)} versions get {w(reference)}

curl -fsS -G{token} \\
  --data-urlencode {w(f"name={of.name}")} \\
  --data-urlencode {w(f"parentResourceId={of.model_id}")} \\
  {w(of.server + of.api + "/model_version")}
""",
        "The variable TOKEN holds your token; mr reads MODEL_REGISTRY_TOKEN." if of.needs_token else "",
    )


def _kserve(of: Version) -> Iterator[Snippet]:
    named, what = (of.service, "service") if of.service else (of.model, "model")
    name = dns_name(named)
    lines = [
        "apiVersion: serving.kserve.io/v1beta1",
        "kind: InferenceService",
        "metadata:",
        *([f"  # The name of the {what} is no DNS name, so this one is made of it."] if name != named else []),
        f"  name: {q(name)}",
        "  labels:",
        f"    {LABELS}/registered-model-id: {q(of.model_id)}",
        f"    {LABELS}/model-version-id: {q(of.version_id)}",
        "spec:",
        "  predictor:",
        *_account(of),
        "    model:",
        *([f"      runtime: {q(of.runtime)}"] if of.runtime else []),
        *_format(of),
        *_storage(of),
    ]
    yield Snippet("kserve", "KServe", "yaml", "\n".join(lines) + "\n")


def _account(of: Version) -> Iterator[str]:
    if of.artifact and of.artifact.service_account_name:
        yield f"    serviceAccountName: {q(of.artifact.service_account_name)}"


def _format(of: Version) -> Iterator[str]:
    artifact = of.artifact
    yield "      modelFormat:"
    if artifact is None or not artifact.model_format_name:
        yield "        # The artifact does not say its format: write it here."
    yield f"        name: {q((artifact.model_format_name if artifact else None) or 'onnx')}"
    if artifact and artifact.model_format_version:
        yield f"        version: {q(artifact.model_format_version)}"


def _storage(of: Version) -> Iterator[str]:
    """The registry's own address of a version; where its names have a slash, the address of the files."""
    if "/" not in of.model + of.name:
        yield f"      storageUri: {q(f'model-registry://{of.model}/{of.name}')}"
        return
    yield "      # The names have a slash, which model-registry:// cannot express, so this is the address of the files."
    uri = of.artifact.uri if of.artifact else None
    if uri:
        yield f"      storageUri: {q(uri)}"
    else:
        yield '      storageUri: "" # The version has no artifact with an address.'


def _use(of: Version) -> Iterator[Snippet]:
    format_name = ((of.artifact.model_format_name if of.artifact else None) or "").lower()
    if found := _LOADERS.get(format_name):
        title, lines = found
        yield Snippet("use", f"Use it in {title}", "python", lines.replace("FILE", q(_file(of))))


def _file(of: Version) -> str:
    """The last part of the address of the files."""
    uri = (of.artifact.uri if of.artifact else None) or ""
    return uri.rstrip("/").rpartition("/")[2] or "model"


_LOADERS = {
    "onnx": (
        "ONNX Runtime",
        'import onnxruntime\n\nsession = onnxruntime.InferenceSession(FILE)\nprint(session.run(None, {"input": rows}))\n',
    ),
    "sklearn": ("scikit-learn", "import joblib\n\nmodel = joblib.load(FILE)\nprint(model.predict(rows))\n"),
    "xgboost": (
        "XGBoost",
        "import xgboost\n\nmodel = xgboost.Booster(model_file=FILE)\nprint(model.predict(xgboost.DMatrix(rows)))\n",
    ),
    "pytorch": ("PyTorch", "import torch\n\nmodel = torch.jit.load(FILE)\nprint(model(torch.tensor(rows)))\n"),
    "tensorflow": (
        "TensorFlow",
        "import tensorflow\n\nmodel = tensorflow.saved_model.load(FILE)\nprint(model(tensorflow.constant(rows)))\n",
    ),
    "huggingface": (
        "Transformers",
        "from transformers import pipeline\n\nmodel = pipeline(model=FILE)\nprint(model(text))\n",
    ),
}


def dns_name(text: str) -> str:
    """Returns the name of a Kubernetes object that is most like a text: lower case letters, digits and hyphens."""
    name = _NO_DNS.sub("-", text.lower()).strip("-")[:_LONGEST_DNS_NAME].strip("-")
    return name if name[:1].isalpha() else f"model-{name}".strip("-")


def with_port(server: str) -> str:
    """Returns an address with its port: Python clients take 8080 for http without one."""
    parts = urlsplit(server)
    if parts.scheme != "http" or parts.port:
        return server
    return parts._replace(netloc=f"{parts.netloc}:80").geturl()
