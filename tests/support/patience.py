"""How long tests wait for what must happen: so long that only a fault makes it too short, also on a slow and busy machine.

A test waits for an event, and this limit ends the wait for one that never comes. No test asserts how fast something was.
"""

import httpx

PATIENCE_SECONDS = 240.0


def be_patient_over_http() -> None:
    """Gives requests of tests that name no timeout as long as everything else; httpx gives them 5 seconds."""
    usual = httpx._config.DEFAULT_TIMEOUT_CONFIG
    usual.connect = usual.read = usual.write = usual.pool = PATIENCE_SECONDS
