"""Deployments: what is meant to run where, and what was seen there."""
