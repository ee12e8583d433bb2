"""The server process: sockets, workers, graceful stop, and the channels to MLMD."""
