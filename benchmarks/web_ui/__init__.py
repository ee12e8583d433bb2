"""Measures the web UI: the cost of its pages, and first views in Chromium next to MLflow's UI on the same models."""
