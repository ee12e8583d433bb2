"""The settings of a job: arguments, environment, files with credentials, and the folder with metadata."""
