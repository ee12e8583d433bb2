"""The one error that a job raises for everything that can be expected: a cause and what to do about it."""


class UploadError(Exception):
    """An upload cannot go on.

    Attributes:
        cause: What is wrong, as a sentence.
        remedy: What the reader can do, as a sentence; may be empty.
    """

    def __init__(self, cause: str, remedy: str = "") -> None:
        self.cause, self.remedy = " ".join(cause.split()), remedy
        super().__init__(self.text)

    @property
    def text(self) -> str:
        """Cause and remedy in one line."""
        return f"{self.cause} {self.remedy}".strip()


class AlreadyThere(UploadError):
    """What should be created exists."""


class Stopped(BaseException):
    """The process got SIGTERM. It is no `Exception`, so that no retry catches it."""
