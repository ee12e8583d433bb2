"""Experiments: what is measured in runs, as tables, comparisons and charts need it."""
