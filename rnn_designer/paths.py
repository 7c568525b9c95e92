"""Where the program's own files and the user's settings lie, in a checkout, a wheel and a frozen program alike."""

import os
import sys
from functools import cache
from pathlib import Path


@cache
def resources() -> Path:
    """The folder that holds icons, the generated catalog, example designs and sample sequences.

    Raises:
        FileNotFoundError: if none of the three places has it, which means a broken installation.
    """
    package = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)
    places = [package / "resources", package.parent / "resources"]
    if frozen is not None:
        places.insert(0, Path(frozen) / "rnn_designer" / "resources")
    for place in places:
        if (place / "catalog.json").is_file():
            return place
    raise FileNotFoundError(
        f"Found no resources folder with catalog.json in it; looked in {', '.join(map(str, places))}. "
        "Install RNN Designer again."
    )


def resource(*parts: str) -> Path:
    """The path of one of the program's own files, such as ``resource("examples", "sunspots.rnnd")``."""
    return resources().joinpath(*parts)


def settings_folder() -> Path:
    """Where this user's settings are kept; it need not exist yet."""
    own = os.environ.get("RNN_DESIGNER_CONFIG")
    if own:
        return Path(own)
    import platformdirs

    return Path(platformdirs.user_config_dir("rnn-designer", appauthor=False))
