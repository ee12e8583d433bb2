"""Export and import of whole registries over the REST API, by way of a file of JSON lines."""
