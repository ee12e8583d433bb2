"""Moves whole registries between servers that speak the REST API, by way of a file of JSON lines."""
