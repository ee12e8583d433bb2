"""The time limit of waits in tests: so long that only a fault exceeds it, also on a slow and busy machine.

A test waits for an event; this limit ends the wait if the event never comes. No test asserts how fast something was.
"""

import httpx

PATIENCE_SECONDS = 240.0


def be_patient_over_http() -> None:
    """Gives HTTP requests without a timeout of their own this limit; the default of httpx is 5 seconds."""
    usual = httpx._config.DEFAULT_TIMEOUT_CONFIG
    usual.connect = usual.read = usual.write = usual.pool = PATIENCE_SECONDS
