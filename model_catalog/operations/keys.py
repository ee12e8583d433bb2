"""Whether a source of Hugging Face has a key. No answer shows the key itself."""

import os

from model_catalog.entries import SourceError
from model_catalog.reading.hugging_face import Access, hub_source
from model_catalog.reading.settings import SourceSettings

HUBS = ("hf", "huggingface")
"""The types of sources of Hugging Face."""


def has_api_key(source: SourceSettings) -> bool:
    """Whether the environment has a key for a source."""
    if source.type not in HUBS:
        return False
    try:
        return Access(environment=os.environ).key(hub_source(source)) is not None
    except SourceError:
        return False
