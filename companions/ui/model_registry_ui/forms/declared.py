"""The fields of each kind of entity, for forms. Their rules come from the document of the API."""

from collections.abc import Mapping, Sequence

from model_registry_ui.forms.fields import FormField, Widget

EXTERNAL_ID = FormField("externalId", "External id", help="The id of this in another system.")
DESCRIPTION = FormField("description", "Description", Widget.TEXT, rows=3, is_wide=True)
CARD = FormField("readme", "Model card", Widget.TEXT, "In Markdown.", rows=10, is_wide=True)
OWNER = FormField("owner", "Owner", help="The person or team that is responsible.")
AUTHOR = FormField("author", "Author")
MODEL: Sequence[FormField] = (
    DESCRIPTION,
    OWNER,
    FormField("maturity", "Maturity", help="How finished the model is."),
    FormField("provider", "Provider", help="The organization that provides the model."),
    FormField("libraryName", "Library", help="The library that made the model."),
    FormField("license", "License"),
    FormField("licenseLink", "Address of the license"),
    FormField("language", "Languages", Widget.LIST, "One a line."),
    FormField("tasks", "Tasks", Widget.LIST, "What the model can do. One a line."),
    EXTERNAL_ID,
    FormField("logo", "Logo", help="The address of a picture, often a data URI."),
    CARD,
)
VERSION: Sequence[FormField] = (DESCRIPTION, AUTHOR, EXTERNAL_ID)
STATE = FormField("state", "State", Widget.CHOICE)
URI = FormField("uri", "URI", is_wide=True, help="Such as s3://bucket/path, gs://, hf://, oci://, pvc:// or https://.")
FORMAT: Sequence[FormField] = (
    FormField("modelFormatName", "Format", help="Such as onnx or sklearn."),
    FormField("modelFormatVersion", "Version of the format"),
)
STORAGE: Sequence[FormField] = (
    FormField("storageKey", "Storage key", help="The name of the secret with the credentials of the storage."),
    FormField("storagePath", "Storage path", help="The path of the model in that storage."),
    FormField("serviceAccountName", "Service account", help="The account that may read the storage."),
)
_SOURCE: Sequence[FormField] = (
    FormField("modelSourceKind", "Kind of the source", help="Such as a pipeline run or a catalog."),
    FormField("modelSourceClass", "Class of the source"),
    FormField("modelSourceGroup", "Group of the source", help="Such as its project or namespace."),
    FormField("modelSourceId", "Id of the source"),
    FormField("modelSourceName", "Name of the source"),
)
ARTIFACTS: Mapping[str, Sequence[FormField]] = {
    "model-artifact": (URI, *FORMAT, *STORAGE, STATE, EXTERNAL_ID, DESCRIPTION, *_SOURCE),
    "doc-artifact": (URI, STATE, EXTERNAL_ID, DESCRIPTION),
    "dataset-artifact": (
        URI,
        FormField("digest", "Digest", help="A checksum of the data."),
        FormField("sourceType", "Kind of the source"),
        FormField("source", "Source", help="The source of the data, or where to find it.", is_wide=True),
        FormField("schema", "Schema", Widget.TEXT, "In any notation.", rows=5),
        FormField("profile", "Profile", Widget.TEXT, "Statistics of the data.", rows=5),
        STATE,
        EXTERNAL_ID,
        DESCRIPTION,
    ),
    "metric": (
        FormField("value", "Value", Widget.DECIMAL),
        FormField("step", "Step", Widget.WHOLE, "The training step of the measurement."),
        FormField("timestamp", "Time", help="Usually milliseconds since 1970-01-01 UTC."),
        STATE,
        EXTERNAL_ID,
        DESCRIPTION,
    ),
    "parameter": (
        FormField("value", "Value", Widget.TEXT, rows=2),
        FormField("parameterType", "Type", Widget.CHOICE),
        STATE,
        EXTERNAL_ID,
        DESCRIPTION,
    ),
}
"""The fields by `artifactType`."""
SCHEMAS: Mapping[str, str] = {
    "model-artifact": "ModelArtifact",
    "doc-artifact": "DocArtifact",
    "dataset-artifact": "DataSet",
    "metric": "Metric",
    "parameter": "Parameter",
}
"""The names of their schemas, without `Create` or `Update`."""
