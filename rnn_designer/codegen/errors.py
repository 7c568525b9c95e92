"""The one error of this package: a design that cannot become a program, with the sentence that says why."""


class NotExportable(ValueError):  # noqa: N818 - the sentence is the point, and callers show it as it is
    """The design has errors, nothing in it can run, or the style asked for does not suit it.

    Attributes:
        layer: id of the layer to blame, if one is.
    """

    def __init__(self, sentence: str, layer: str | None = None) -> None:
        super().__init__(sentence)
        self.layer = layer
