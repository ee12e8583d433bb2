"""What a command answers, on stdout: tables for people, JSON, YAML and names for scripts."""
