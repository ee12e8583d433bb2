"""Aliases: names of a model that point to its versions, with their history.

`states` reads where aliases point, `moves` changes that, `histories` reads the records of all moves, `resolving` finds the version
that a name stands for.
"""
