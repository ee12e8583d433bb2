"""What an import does where the target has a namesake with other content."""

from enum import StrEnum


class Existing(StrEnum):
    """Leave it as it is and go on below it, or end."""

    KEEP = "keep"
    FAIL = "fail"
