"""Brings the registry in step with one object at a time."""
