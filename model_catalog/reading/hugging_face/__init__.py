"""Sources of type `hf`: models of Hugging Face, or of a server with the same interface."""

from .fetching import fetch_source, listed_names
from .hub import Access, Retries
from .properties import HubSource, hub_source

__all__ = ["Access", "HubSource", "Retries", "fetch_source", "hub_source", "listed_names"]
