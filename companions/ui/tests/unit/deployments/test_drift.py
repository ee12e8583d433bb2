"""When a deployment has drift: every case of what is meant and what was seen."""

import pytest
from model_registry_ui.deployments.drift import Drift, Meant, Seen, drifts

MEANT, NOT_MEANT = Meant(version_id="7"), Meant(is_deployed=False, version_id="7")
OTHER, FAILED, STILL = Drift.OTHER_VERSION, Drift.FAILED, Drift.STILL_RUNNING
CASES = [
    ("never seen", MEANT, None, ()),
    ("never seen and not meant", NOT_MEANT, None, ()),
    ("runs as meant", MEANT, Seen("7", "RUNNING"), ()),
    ("is about to run", MEANT, Seen("7", "NEW"), ()),
    ("was rolled out", MEANT, Seen("7", "COMPLETE"), ()),
    ("in an unknown state", MEANT, Seen("7"), ()),
    ("in a state that is not known here", MEANT, Seen("7", "PAUSED"), ()),
    ("failed", MEANT, Seen("7", "FAILED"), (FAILED,)),
    ("runs another version", MEANT, Seen("6", "RUNNING"), (OTHER,)),
    ("another version in an unknown state", MEANT, Seen("6"), (OTHER,)),
    ("another version failed", MEANT, Seen("6", "FAILED"), (OTHER, FAILED)),
    ("runs, and is not meant to", NOT_MEANT, Seen("7", "RUNNING"), (STILL,)),
    ("runs another version, and is not meant to", NOT_MEANT, Seen("6", "RUNNING"), (STILL,)),
    ("failed, and is not meant to run", NOT_MEANT, Seen("7", "FAILED"), ()),
    ("ended with another version, and is not meant to run", NOT_MEANT, Seen("6", "COMPLETE"), ()),
    ("runs, where the newest version is not known", Meant(), Seen("6", "RUNNING"), ()),
    ("failed, where the newest version is not known", Meant(), Seen("6", "FAILED"), (FAILED,)),
]


@pytest.mark.parametrize(("meant", "seen", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_drift_is_a_difference_between_what_is_meant_and_what_was_seen(
    meant: Meant, seen: Seen | None, expected: tuple[Drift, ...]
) -> None:
    assert drifts(meant, seen) == expected


def test_a_reason_names_both_versions_where_they_are_known() -> None:
    assert OTHER.words(meant="1.4.0", seen="1.3.0") == "1.3.0 was seen, 1.4.0 is meant."
    assert OTHER.words(meant="1.4.0") == "Another version was seen, 1.4.0 is meant."
