"""Pages: one module for each section of the UI. Each has functions that get a `PageRequest` and return an answer."""
