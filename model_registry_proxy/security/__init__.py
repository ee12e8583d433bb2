"""Identities of clients, the policy, the audit log, and how requests run within them (`docs/security.md`)."""
