"""The store port and its implementation over MLMD."""
