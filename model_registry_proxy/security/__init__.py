"""Who may ask what: TLS, identities, the policy, and the record of what was done. Loaded only where it is switched on."""
