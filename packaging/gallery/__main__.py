"""Makes the designs of the gallery and trains their weights: ``python packaging/gallery [--designs] [NAME …]``.

With ``--designs`` only the design files are written anew, and the weights stay as they were trained.
The designs in resources/examples are this program's output. It executes the exported source as the engine does, trains
with Keras, and keeps the weights under the names that the engine gives them.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gallery.kit import EXAMPLES, Example, make
from gallery.parameters import PARAMETERS
from gallery.series import SERIES
from gallery.systems import SYSTEMS
from gallery.tasks import TASKS
from trusted_cells import TARGET, content

SECTIONS: dict[str, tuple[Example, ...]] = {
    "Real series": SERIES,
    "Recurrent systems": SYSTEMS,
    "Parameters": PARAMETERS,
    "Networks for a task": TASKS,
}


def main(names: list[str]) -> None:
    """Make the named designs, or all, the list of them by sections, and that of their cells."""
    train = "--designs" not in names
    names = [name for name in names if name != "--designs"]
    known = {example.design.name: example for examples in SECTIONS.values() for example in examples}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"There is no design called {', '.join(unknown)}; choose from {', '.join(known)}.")
    for name in names or known:
        make(known[name], train=train)
    listed = [
        {"title": title, "designs": [example.design.name for example in examples]}
        for title, examples in SECTIONS.items()
    ]
    TARGET.write_text(content(), encoding="ascii")
    (EXAMPLES / "sections.json").write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
