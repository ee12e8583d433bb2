"""The OpenAPI document, compiled: routes, the check of requests against it, and error messages in plain words."""
