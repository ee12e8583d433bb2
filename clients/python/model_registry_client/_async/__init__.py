"""The client for asyncio. `_sync` is made from this package by `make client`; edit here."""
