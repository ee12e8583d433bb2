"""Access to a Kubernetes API server: connection, lists, watches, events and leases. It knows nothing of a model registry."""
