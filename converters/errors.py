"""The errors that converters raise. The proxy answers each of them with status 400."""


class RefusedError(ValueError):
    """The store cannot keep a value. The text says which field, what is wrong and what would work."""


class FilterError(RefusedError):
    """A filterQuery is not valid. The text says where and why."""
