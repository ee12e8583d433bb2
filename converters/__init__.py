"""The mapping between the logical model and MLMD: values in, values out, nothing awaited."""
