"""The client for threads and scripts, made from `_async` by `make client`."""
