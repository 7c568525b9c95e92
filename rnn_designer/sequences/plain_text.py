"""Plain text files as ids, read in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from rnn_designer.sequences import words
from rnn_designer.sequences.problem import DataProblem
from rnn_designer.sequences.tables import LARGEST_NUMBERS, Noticed, SeriesTable, Watch
from rnn_designer.sequences.text_blocks import LATIN, Encoding, blocks, encoding_of

COLUMN = "token"


def read_plain(path: Path, options: Mapping[str, str], rows: int, watch: Watch) -> SeriesTable:
    """Read a text as one long series of ids.

    Args:
        path: any text file.
        options: ``unit`` (``characters``, ``words``), ``lower`` (``yes``, ``no``), ``most`` (ids) and
            ``encoding``.
        rows: for a preview: how many tokens; 0 for all. The vocabulary is that of the part that was read.
        watch: told about the progress; False stops with the text so far.

    Raises:
        DataProblem: it is no text, or a setting is not accepted.
    """
    encoding = encoding_of(path, options.get("encoding", "auto"))
    try:
        return _read(path, encoding, options, rows, watch)
    except UnicodeDecodeError as error:
        if not encoding.guessed:
            raise DataProblem(
                f"“{path.name}” is not {encoding.name} text throughout: choose another encoding, or save it anew."
            ) from error
        return _read(path, LATIN, options, rows, watch)


def _read(path: Path, encoding: Encoding, options: Mapping[str, str], rows: int, watch: Watch) -> SeriesTable:
    unit, lower = options.get("unit", "characters"), options.get("lower") == "yes"
    most = options.get("most", "")
    limit = int(most) if most.isascii() and most.isdigit() else words.DEFAULT_VOCABULARY
    stopped_at: list[int] = []
    remarks: list[str] = []

    def pieces() -> Iterator[str]:
        taken = 0
        for place, block in enumerate(blocks(path, encoding, rows)):
            if stopped_at and place >= stopped_at[0]:
                return
            yield block.text
            taken += len(block.text)
            going_on = block.last or watch(block.fraction / 2, f"{taken:,} characters of “{path.name}”")
            if not block.last and not stopped_at and (not going_on or taken > LARGEST_NUMBERS or rows):
                stopped_at.append(place + 1)
                if not rows:
                    remarks.append(f"Only the first {taken:,} characters are used.")
                return

    found = words.ids(pieces, unit, lower, limit)
    values = found.values[:rows] if rows else found.values
    total = None if stopped_at else len(found.values)
    unknown = found.counts[1]
    kept = len(found.vocabulary)
    sentences = [f"{len(found.values):,} {unit}; ids 0 to {kept - 1:,}, the commonest first."]
    if unknown:
        sentences.append(f"{unknown:,} rare {unit} became id 1, because the vocabulary ends at {kept:,} ids.")
    facts = {
        "kind": "text",
        "unit": unit,
        "lower": "yes" if lower else "no",
        "encoding": encoding.codec,
        "ids": str(kept),
    }
    return SeriesTable(
        values,
        (COLUMN,),
        (COLUMN,),
        (*sentences, *remarks),
        Noticed(facts, total, found.vocabulary, found.counts),
    )
