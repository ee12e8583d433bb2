"""The mapping between the logical model and MLMD: pure functions, nothing awaited."""
