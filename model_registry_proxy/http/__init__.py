"""ASGI: reads requests, applies the rules for browsers and proxies, and writes answers."""
