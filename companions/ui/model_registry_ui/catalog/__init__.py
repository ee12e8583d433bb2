"""The pages of the model catalog: what they ask, and what they show of the answers."""
