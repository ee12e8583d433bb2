"""The part of an InferenceService that the controller keeps in memory. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model_registry_controller.kserve.status import Seen, mapping, seen
from model_registry_controller.settings.reading import Names

API_VERSION = "serving.kserve.io/v1beta1"
LIST = f"/apis/{API_VERSION}/inferenceservices"
Key = tuple[str, str]
"""Namespace and name."""
_SCHEME = "model-registry://"
_MODEL_FIELDS = (
    *(
        "model",
        "huggingface",
        "lightgbm",
        "onnx",
        "paddle",
        "pmml",
        "pytorch",
        "sklearn",
        "tensorflow",
        "triton",
        "xgboost",
    ),
)
"""Where a predictor may have the address of its files."""


def path_of(key: Key) -> str:
    """Returns the path of an InferenceService."""
    return f"/apis/{API_VERSION}/namespaces/{key[0]}/inferenceservices/{key[1]}"


@dataclass(frozen=True, slots=True)
class KServeService:
    """An InferenceService.

    Attributes:
        key: Its namespace and name.
        uid: Its UID.
        version: Its `resourceVersion`.
        finalizers: Its finalizers.
        is_deleting: Whether it is being deleted.
        has_finalizer: Whether it has the finalizer of the controller.
        number: The id of its deployment, from the label; empty without one.
        model_id: The id of the model, from the label.
        version_id: The id of the version, from the label.
        registry_url: The address of the registry, from the annotation.
        registry_namespace: The namespace of the registry, from the label.
        registry_name: The name of the registry's Service, from the label.
        runtime: The serving runtime.
        url: Where it can be reached.
        storage_version: The name of the version in a `model-registry://MODEL/VERSION` address.
        seen: What runs or has failed.
    """

    key: Key
    uid: str
    version: str
    finalizers: tuple[str, ...] = ()
    is_deleting: bool = False
    has_finalizer: bool = False
    number: str = ""
    model_id: str = ""
    version_id: str = ""
    registry_url: str = ""
    registry_namespace: str = ""
    registry_name: str = ""
    runtime: str = ""
    url: str = ""
    storage_version: str = ""
    seen: tuple[Seen, ...] = ()

    @property
    def entry_name(self) -> str:
        """The name of its deployment in the registry. A recreated object has another UID, and so another deployment."""
        return f"{self.key[1]}/{self.uid}"

    @property
    def is_labelled(self) -> bool:
        """Whether it has one of the labels that ask for a record."""
        return bool(self.number or self.model_id)


def read(item: Mapping[str, Any], names: Names) -> KServeService:
    """Reads an InferenceService. What has another form than KServe gives it counts as absent."""
    meta = item["metadata"]
    labels, notes = meta.get("labels") or {}, meta.get("annotations") or {}
    predictor = mapping(mapping(item.get("spec")).get("predictor"))
    model = mapping(predictor.get("model"))
    finalizers = tuple(meta.get("finalizers") or ())
    return KServeService(
        key=(meta["namespace"], meta["name"]),
        uid=meta.get("uid", ""),
        version=meta.get("resourceVersion", ""),
        finalizers=finalizers,
        is_deleting=bool(meta.get("deletionTimestamp")),
        has_finalizer=names.finalizer in finalizers,
        number=str(labels.get(names.id_label) or ""),
        model_id=str(labels.get(names.model_label) or ""),
        version_id=str(labels.get(names.version_label) or ""),
        registry_url=str(notes.get(names.url_annotation) or "").strip(),
        registry_namespace=str(labels.get(names.namespace_label) or ""),
        registry_name=str(labels.get(names.name_label) or ""),
        runtime=str(model.get("runtime") or ""),
        url=str(mapping(item.get("status")).get("url") or ""),
        storage_version=_storage_version(predictor),
        seen=seen(item),
    )


def _storage_version(predictor: Mapping[str, Any]) -> str:
    for field in _MODEL_FIELDS:
        uri = str(mapping(predictor.get(field)).get("storageUri") or "")
        if uri.startswith(_SCHEME):
            parts = uri.removeprefix(_SCHEME).partition("?")[0].split("/")
            return parts[-1] if len(parts) > 1 else ""
    return ""
