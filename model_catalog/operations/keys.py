"""Whether a source of Hugging Face has a key. No answer shows the key itself."""

import os

from model_catalog.entries import JsonObject, SourceError
from model_catalog.reading.settings import SourceSettings

HUBS = ("hf", "huggingface")
"""The types of sources of Hugging Face."""


def key_shown(source: SourceSettings) -> JsonObject:
    """`{"hasApiKey": true}` if the environment has a key for a source, else nothing."""
    if source.type not in HUBS:
        return {}
    from model_catalog.reading.hugging_face import Access, hub_source  # noqa: PLC0415 (httpx is large)

    try:
        settings = hub_source(source)
        has_key = Access(os.environ, key_variables=(settings.key_variable,)).key(settings) is not None
    except SourceError:
        return {}
    return {"hasApiKey": True} if has_key else {}
