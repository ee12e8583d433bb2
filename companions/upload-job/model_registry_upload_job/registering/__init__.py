"""What a job writes into the model registry: before, after, and when it fails."""
