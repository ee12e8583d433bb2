"""The web UI: pages made on the server from the answers of a model registry's REST API."""

__version__ = "0.1.0"
