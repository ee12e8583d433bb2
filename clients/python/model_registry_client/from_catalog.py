"""How a model of a catalog is registered: what becomes of its fields in the registry."""

from collections.abc import Sequence

from model_registry_client.catalogued import CatalogArtifact, CatalogModel
from model_registry_client.errors import InvalidValue
from model_registry_client.registration import Registration

SOURCE_KIND = "catalog"
"""`modelSourceKind` of files that come from a catalog; Kubeflow's UI writes the same and makes a link of it."""
_MODEL_ARTIFACT = "model-artifact"


def registration_of(
    model: CatalogModel,
    artifacts: Sequence[CatalogArtifact],
    *,
    version: str,
    name: str | None = None,
    uri: str | None = None,
    owner: str | None = None,
    author: str | None = None,
) -> Registration:
    """Returns the registration of a model of a catalog.

    Args:
        model: The model.
        artifacts: Its artifacts.
        version: The name of the new version.
        name: The name of the registered model; that of the catalog without it.
        uri: Which files, where there are several.
        owner: The owner of a new registered model.
        author: The author of the version.

    Raises:
        InvalidValue: The model has no files, several of them and no `uri`, or none with this `uri`.
    """
    files = _files(model, artifacts, uri)
    group, slash, _ = model.name.partition("/")
    target = name or model.name
    return Registration(
        model={
            "name": target,
            "description": model.description,
            "readme": model.readme,
            "maturity": model.maturity,
            "language": list(model.languages) or None,
            "tasks": list(model.tasks) or None,
            "provider": model.provider,
            "license": model.license,
            "license_link": model.wire.get("licenseLink"),
            "library_name": model.library,
            "logo": model.wire.get("logo"),
            "owner": owner,
            "custom_properties": model.custom_properties,
        },
        version={"name": version, "author": author, "description": model.description},
        files={
            "name": target,
            "uri": files.uri,
            "model_source_kind": SOURCE_KIND,
            "model_source_class": model.source_id,
            "model_source_group": group if slash else None,
            "model_source_id": model.wire.get("externalId") or model.wire.get("id"),
            "model_source_name": model.name,
            "custom_properties": files.custom_properties,
        },
    )


def _files(model: CatalogModel, artifacts: Sequence[CatalogArtifact], uri: str | None) -> CatalogArtifact:
    """The files to register."""
    found = [each for each in artifacts if each.artifact_type == _MODEL_ARTIFACT and each.uri]
    chosen = [each for each in found if uri in (None, each.uri)]
    if len({each.uri for each in chosen}) == 1:
        return chosen[0]
    shown = ", ".join(str(each.uri) for each in found)
    if not found:
        raise InvalidValue(f"The model {model.name!r} of the catalog has no files, so there is nothing to register.")
    if uri:
        raise InvalidValue(f"The model {model.name!r} of the catalog has no files at {uri!r}; it has {shown}.")
    raise InvalidValue(f"The model {model.name!r} of the catalog has several files; name one by its URI: {shown}.")
