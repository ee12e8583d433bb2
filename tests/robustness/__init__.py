"""The robustness suite: clients, faults by a seed, a history of every call, and a checker of it. See docs/robustness.md."""
