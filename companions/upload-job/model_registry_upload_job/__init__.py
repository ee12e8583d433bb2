"""Copies the files of a model to an OCI registry or to S3, and registers them in a model registry."""
