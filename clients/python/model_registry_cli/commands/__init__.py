"""A module a command: `run` does it; `parameters(resource)` tells the flags of those that work on any resource."""
