"""A client for OCI registries, and the images of models."""
