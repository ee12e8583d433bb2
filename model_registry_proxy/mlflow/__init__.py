"""MLflow's model registry API on the entities of the registry: names and numbers in the place of ids, tags of custom properties."""
