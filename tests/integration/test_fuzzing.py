"""Whatever Schemathesis makes up from the served document is answered as the document says; all checks are on."""

from pathlib import Path

import pytest

from tests.support import fuzzing, processes
from tests.support.tiers import slow

SEED = 20
RUNS = {
    fuzzing.V1ALPHA3: (6, fuzzing.ALL_PHASES),
    fuzzing.V1: (2, "examples,fuzzing,stateful"),  # the same code again; coverage is what takes the time
    fuzzing.EXTENSIONS: (6, "examples,coverage,fuzzing"),  # no operation leads to another: they only read
}
"""How many examples of each request, and the phases. `make fuzz` runs all of them for long."""


@pytest.mark.parametrize("prefix", [*slow(fuzzing.V1ALPHA3), fuzzing.V1, fuzzing.EXTENSIONS])
def test_every_answer_is_as_documented(prefix: str, tmp_path: Path) -> None:
    examples, phases = RUNS[prefix]
    with processes.proxy(tmp_path, *fuzzing.PROXY_FLAGS) as served:
        done = fuzzing.fuzz(served.url, prefix, seed=SEED, examples=examples, phases=phases)
    log = served.log.read_text()
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{log[-4000:]}"
    assert all(f"✅ {phase.capitalize()}" in done.stdout for phase in phases.split(","))
    assert " ERROR " not in log
