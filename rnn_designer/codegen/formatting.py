"""The generated program the way ruff formats it, with the map from lines to layers kept."""

import ast
import importlib
import subprocess

from rnn_designer.codegen.custom import section_lines, sections, with_sections, without_sections
from rnn_designer.codegen.layout import owned_lines, paired
from rnn_designer.codegen.source import Source

LINE_LENGTH = 88
_SECONDS = 10


def formatted(source: Source) -> Source:
    """The same program, formatted for reading.

    Ruff's own binary does it, in its default style whatever configuration lies around. Should it be missing,
    hang or change the program, the source comes back as it is: it runs either way. Custom cells stay as their
    authors wrote them.
    """
    text = _ruff(without_sections(source.text))
    if text is None:
        return source
    text = with_sections(text, source.text)
    before, after = ast.parse(source.text), ast.parse(text)
    if ast.dump(before) != ast.dump(after):
        return source
    owned = [
        (new, source.layer_of_line[old.lineno])
        for old, new in paired(before, after)
        if isinstance(old, ast.Call | ast.Assign) and old.lineno in source.layer_of_line
    ]
    classes = [
        (section.name, source.layer_of_line[section.first])
        for section in sections(source.text)
        if section.first in source.layer_of_line
    ]
    lines = owned_lines(text, owned) | section_lines(text, classes)
    return Source(text, dict(sorted(lines.items())))


def formatter() -> str | None:
    """The path of ruff's binary; None if it is not installed."""
    try:
        # Ruff's Python package carries no types.
        return str(importlib.import_module("ruff").find_ruff_bin())
    except (ImportError, FileNotFoundError):
        return None


def _ruff(text: str) -> str | None:
    binary = formatter()
    if binary is None:
        return None
    command = [binary, "format", "--isolated", "--no-cache", f"--line-length={LINE_LENGTH}"]
    # Without the flag, Windows flashes a console.
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        done = subprocess.run(
            [*command, "--stdin-filename=model.py", "-"],
            input=text.encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            creationflags=flags,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode() if done.returncode == 0 else None
