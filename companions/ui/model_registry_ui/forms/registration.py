"""The form that registers a model, its version and the files: three creates that belong together, each of which is done once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from model_registry_client.limits import MOST_BYTES

from model_registry_ui.forms.declared import CARD, DESCRIPTION, FORMAT, STORAGE
from model_registry_ui.forms.fields import FormField, Rules, Widget, plain_lines, read
from model_registry_ui.forms.sent import Sent, packed
from model_registry_ui.properties import Kind, PropertyRow, Wire, from_rows, to_rows

MODEL_NAME = FormField("name", "Name of the model", key="model-name")
MODEL: Sequence[FormField] = (
    MODEL_NAME,
    FormField("owner", "Owner", help="The person or team that is responsible.", key="model-owner"),
    replace(DESCRIPTION, key="model-description"),
    replace(CARD, key="model-readme", rows=5),
)
VERSION: Sequence[FormField] = (
    FormField("name", "Name of the version", help="Such as 1.0.0.", key="version-name"),
    FormField("author", "Author", key="version-author"),
    replace(DESCRIPTION, key="version-description"),
)
PLACE: Sequence[FormField] = (
    FormField("bucket", "Bucket", key="place-bucket"),
    FormField("path", "Path in the bucket", key="place-path"),
    FormField("endpoint", "Endpoint", help="The address of the storage.", key="place-endpoint"),
    FormField("region", "Region", key="place-region"),
)
"""The parts of an address in object storage, for people who do not know its URI."""
URI = FormField(
    "uri", "URI", Widget.LINE, "Such as s3://bucket/path, gs://, hf://, oci://, pvc:// or https://.", is_wide=True
)
FILES: Sequence[FormField] = (URI, *FORMAT, STORAGE[0], STORAGE[2])
REQUIRED: Mapping[str, Sequence[str]] = {"model": ("name",), "version": ("name",), "files": ("uri",)}
SCHEMAS: Mapping[str, str] = {
    "model": "RegisteredModelCreate",
    "version": "ModelVersionCreate",
    "files": "ModelArtifactCreate",
}
GROUPS: Mapping[str, Sequence[FormField]] = {"model": MODEL, "version": VERSION, "files": FILES}
"""The fields of each step."""
_OF_ONE_VERSION = ("experiment_run_id", "stage")
"""Properties that are true for one version only: the run that it came from, and its stage."""


@dataclass(frozen=True, slots=True)
class Made:
    """Something that exists: its id and name. `is_new`: whether this form has created it."""

    id: str
    name: str
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A registration on its way.

    Attributes:
        typed: The texts of all fields, by name in the form.
        rows: The rows of custom properties of the version.
        model: The model, once it exists.
        version: The version, once it exists.
        attached: The ids of artifacts of a run that the version has already.
        chosen: The ids of artifacts of a run that it is to have.
    """

    typed: Mapping[str, str] = field(default_factory=dict)
    rows: Sequence[PropertyRow] = (PropertyRow(),)
    model: Made | None = None
    version: Made | None = None
    attached: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()

    @classmethod
    def of_form(cls, sent: Sent) -> "Plan":
        """Reads a form that was sent; raises `HTTPException` if its hidden fields are damaged."""
        fields = [*MODEL, *VERSION, *FILES, *PLACE]
        done = sent.object("_done")
        return cls(
            sent.typed(fields),
            sent.rows(),
            _made(done.get("model")),
            _made(done.get("version")),
            tuple(map(str, done.get("attached") or ())),
            tuple(sent.all("artifact")),
        )

    @property
    def done(self) -> str:
        """What exists, for a hidden field."""
        made = {name: [one.id, one.name, one.is_new] for name, one in self._made() if one}
        return packed({**made, "attached": list(self.attached)})

    @property
    def has_begun(self) -> bool:
        """Whether this form has created something already."""
        return any(one and one.is_new for _, one in self._made())

    def left(self, *, has_files: bool) -> list[str]:
        """Returns the steps whose fields count: those of what does not exist yet."""
        steps = [name for name, one in self._made() if not one]
        return [*steps, "files"] if has_files else steps

    def _made(self) -> tuple[tuple[str, Made | None], ...]:
        return ("model", self.model), ("version", self.version)


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """The bodies of the creates by step, and what is wrong by name in the form."""

    bodies: Mapping[str, dict[str, Any]]
    errors: Mapping[str, str]


def bodies(plan: Plan, rules: Mapping[str, Rules], *, has_files: bool) -> ReadPlan:
    """Returns what is to be sent, all checked before the first create.

    Args:
        plan: The registration.
        rules: The rules of each step.
        has_files: Whether the files are a step.
    """
    found: dict[str, dict[str, Any]] = {}
    errors: dict[str, str] = {}
    typed = {**plan.typed, URI.id: plan.typed.get(URI.id, "").strip() or s3_uri(plan.typed)}
    for step in plan.left(has_files=has_files):
        prefix = len(f"{plan.model.id}:") if step == "version" and plan.model else 0
        values = read(GROUPS[step], typed, {}, rules[step], prefix)
        errors |= values.errors
        found[step] = {name: value for name, value in values.values.items() if value not in (None, "", [])}
    if "version" in found:
        # A decimal that was taken over without its value, and was not filled in, is left out.
        rows = [row if row.value.strip() or row.kind == Kind.TEXT else PropertyRow() for row in plan.rows]
        properties = from_rows(rows)
        errors |= {f"property-{error.row}": f"The {error.field} {error.message}." for error in properties.errors[::-1]}
        if properties.properties:
            found["version"]["customProperties"] = properties.properties
    return ReadPlan(found, errors)


def s3_uri(typed: Mapping[str, str]) -> str:
    """Returns the URI of a bucket and a path in it, as KServe and Kubeflow's client write it; empty without a bucket."""
    bucket, path, endpoint, region = (plain_lines(typed.get(one.id, "")).strip() for one in PLACE)
    if not bucket or not path:
        return ""
    query = urlencode({name: value for name, value in (("endpoint", endpoint), ("defaultRegion", region)) if value})
    uri = f"s3://{bucket}/{path.lstrip('/')}"
    return f"{uri}?{query}" if query else uri


def taken_over(properties: Mapping[str, Wire]) -> tuple[PropertyRow, ...]:
    """Returns the properties of an earlier version for a new one: decimals, which are measurements, without their values.

    What says where the earlier version came from, or how far it got, is left out: it would be false for the new one.
    """
    return tuple(
        PropertyRow(row.name, row.kind, "" if row.kind == Kind.DECIMAL else row.value)
        for row in to_rows(properties)
        if row.kind != Kind.OTHER and row.name not in _OF_ONE_VERSION
    )


def name_of_files(model: Made, version: Made) -> dict[str, str]:
    """Returns the name of the files: that of the model, which Kubeflow's client looks for, if it fits behind the version's id."""
    fits = len(f"{version.id}:{model.name}".encode()) <= MOST_BYTES["name"]
    return {"name": model.name} if fits else {}


def folder_of(uri: str) -> str:
    """Returns a URI without its last segment, with the slash at the end; empty if there would be no path left."""
    head, slash, _ = uri.rstrip("/").rpartition("/")
    return head + slash if slash and not head.endswith((":", "/")) else ""


def _made(value: Any) -> Made | None:
    match value:
        case [str(id_), str(name), bool(is_new)] if id_.isascii() and id_.isdigit():
            return Made(id_, name, is_new)
    return None
