"""The formats of `mr lineage`."""
