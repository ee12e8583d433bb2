"""The catalog as a service: its settings, its application, its process."""
