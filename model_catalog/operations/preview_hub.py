"""A preview of models of Hugging Face.

A preview must not be a way to other servers, nor to the keys of this one. So it asks only Hugging Face, or a server that the
operator has listed, and only with the key that its own request brings.
"""

from collections.abc import Sequence
from dataclasses import replace

from model_catalog.entries import SourceError
from model_catalog.reading.hugging_face import Access, listed_names
from model_catalog.reading.settings import SourceSettings
from model_registry_proxy.errors import Unprocessable

_KEY_VARIABLE = "HF_API_KEY"
_NOT_USED = ("url", "apiKey", "apiKeyEnvVar")


async def names_of_hub(source: SourceSettings, hub_urls: Sequence[str]) -> list[str]:
    """The names of the models that the patterns of a source find; raises `Unprocessable`."""
    given = source.properties
    key = given.get("apiKey")
    properties = {name: value for name, value in given.items() if name not in _NOT_USED}
    url = given.get("url")
    if isinstance(url, str) and url.rstrip("/") in {allowed.rstrip("/") for allowed in hub_urls}:
        properties["url"] = url
    if not source.included and not properties.get("allowedOrganization"):
        raise Unprocessable(
            "failed to load models: includedModels is required for HuggingFace source preview (specifies which models to fetch "
            "from HuggingFace)"
        )
    for pattern in source.included or ():
        if "*" in pattern.partition("/")[0]:
            raise Unprocessable(
                f'failed to load models: wildcard pattern "{pattern}" is not supported - Hugging Face requires a specific '
                "organization (e.g., 'ibm-granite/*' or 'meta-llama/Llama-2-*')"
            )
    access = Access({_KEY_VARIABLE: key} if isinstance(key, str) else {}, urls=hub_urls)
    try:
        return await listed_names(replace(source, properties=properties), access)
    except SourceError as error:
        raise Unprocessable(f"failed to load models: {error}") from None
