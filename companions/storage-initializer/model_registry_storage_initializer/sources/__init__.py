"""Where files come from: one module for each kind of storage."""
