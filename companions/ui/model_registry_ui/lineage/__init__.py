"""Lineage: what a model, a version or a run was made of, what was made of it, and where that is deployed."""
