"""What the verbs share: types, references, rows and locks."""
