"""The embedded MLMD engine: a child process that serves the C++ store of the ml-metadata wheel."""
