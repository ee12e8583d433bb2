"""The command `model-registry`: one module for each subcommand, and the flags that are made from the settings."""
