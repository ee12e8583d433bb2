"""One module for each command. `run` does the work. `parameters(resource)` returns the flags of a command on any resource."""
