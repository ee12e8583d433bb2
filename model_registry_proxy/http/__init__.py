"""ASGI: reads requests, applies the rules for browsers and gateways, and writes answers. It serves any document."""
