"""Writes resources/cells/trusted.txt: the hashes of the program's own custom cells, which run without being asked for.

``python packaging/trusted_cells.py``, after a template or a cell in an example has changed and been read through.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rnn_designer.catalog.cell_templates import cell_templates
from rnn_designer.session.trust import plain_hash

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "resources" / "cells" / "trusted.txt"


def own_cells() -> dict[str, str]:
    """The hash of every cell that the program brings along, with a word on where it is used first."""
    found: dict[str, str] = {}
    for template in cell_templates():
        found.setdefault(plain_hash(template.code), template.name)
    for path in sorted((ROOT / "resources" / "examples").glob("*.rnnd")):
        waiting = list(json.loads(path.read_text(encoding="utf-8")).get("layers", ()))
        while waiting:
            layer = waiting.pop(0)
            waiting += layer.get("children", ())
            code = layer.get("params", {}).get("code")
            if isinstance(code, str):
                found.setdefault(plain_hash(code), path.stem)
    return found


def content() -> str:
    """What the list has to say."""
    lines = [f"{mark} {where}" for mark, where in own_cells().items()]
    heading = "# SHA-256 of the cells that come with the program; made by packaging/trusted_cells.py"
    return "\n".join([heading, *lines, ""])


if __name__ == "__main__":
    TARGET.write_text(content(), encoding="ascii")
    print(f"Wrote {TARGET.relative_to(ROOT)}: {len(own_cells())} cells")
