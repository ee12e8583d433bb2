"""Forms: what is typed, its rules, the places of errors, and two changes of the same entity."""
