"""The failure that ends the program: its last line of log is this text, since KServe shows it in the status of the pod."""


class Failure(Exception):
    """The files cannot be fetched. The text has the cause, and then what the user can do.

    Args:
        cause: What went wrong, without a full stop.
        remedy: What would work, as a sentence; empty if there is nothing to say.
        may_pass: Whether the same download may succeed later, so that what was fetched is kept for it.
    """

    def __init__(self, cause: str, remedy: str = "", *, may_pass: bool = False) -> None:
        self.may_pass = may_pass
        self.cause, self.remedy = one_line(cause).rstrip("."), one_line(remedy)
        super().__init__(f"{self.cause}. {self.remedy}".strip())


class Changed(Exception):
    """Internal: the file at its source is another one than before, so that what was fetched of it is useless."""


class Interrupted(Exception):
    """Internal: a transfer broke off for a reason that may pass. `after`: the seconds that the server asks to wait, if it does."""

    def __init__(self, cause: str, after: float | None = None) -> None:
        super().__init__(cause)
        self.after = after


def one_line(text: str) -> str:
    """Returns a text without line ends, since only one line is shown."""
    return " ".join(str(text).split())
