"""A storage initializer for KServe: resolves `model-registry://` URIs, and fetches the files of the model."""
