"""What the operations do: one verb a file, none of which knows an entity by name."""
