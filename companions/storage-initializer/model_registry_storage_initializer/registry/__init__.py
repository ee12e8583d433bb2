"""Finds the artifact that a `model-registry://` URI asks for."""
