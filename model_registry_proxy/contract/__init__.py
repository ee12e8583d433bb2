"""An OpenAPI document, compiled: routes, checks of requests, and error messages. It knows nothing of any entity or store."""
