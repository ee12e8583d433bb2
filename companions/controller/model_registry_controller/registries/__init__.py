"""Where an InferenceService is recorded: the Services of registries, their addresses, and clients for them."""
