"""The server: HTTP on one side, MLMD's gRPC on the other."""

__version__ = "0.1.0"
