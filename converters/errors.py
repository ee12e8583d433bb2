"""What a converter may refuse. The proxy answers each of these with status 400."""


class RefusedError(ValueError):
    """A value that the store cannot keep; the text names the field, what is wrong and what would work."""


class FilterError(RefusedError):
    """A filterQuery that cannot be understood; the text points at the place."""
