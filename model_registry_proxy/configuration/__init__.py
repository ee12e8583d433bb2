"""What operators set: settings, TLS and the files that are read again when they change."""
