"""Conditions in MLMD's filter language: the part of a client's filter that MLMD can apply, and safe texts for all others."""
