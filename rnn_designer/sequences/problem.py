"""Why there are no samples, in the user's words."""


class DataProblem(ValueError):  # noqa: N818 - the sentence is the point, and callers show it as it is
    """Data that cannot be used: what was found, what is needed, what to do."""
