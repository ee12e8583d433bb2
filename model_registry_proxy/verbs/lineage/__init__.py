"""Lineage: which artifacts were made from which, and what uses them.

`recording.py` creates steps, `starts.py` finds where a search begins, `search.py` follows links and events from there, and
`graph.py` holds what was found.
"""
