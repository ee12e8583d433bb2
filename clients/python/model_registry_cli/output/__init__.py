"""The output of commands on stdout: tables for people; JSON, YAML and names for scripts."""
