"""The Model Catalog Service: models and MCP servers from YAML files and from Hugging Face, to be searched and read."""
