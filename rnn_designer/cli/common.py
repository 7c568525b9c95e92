"""What the commands share: reading and checking a design, writing a file, and refusing with a sentence."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rnn_designer.design import Checked

STANDARD_OUTPUT = Path("-")


class Refusal(click.ClickException):
    """Bad input: one sentence on standard error, exit code 2."""

    exit_code = 2


design_argument = click.argument("design", type=click.Path(path_type=Path))


def load_checked(path: Path) -> "Checked":
    """The design in a file, checked.

    Raises:
        Refusal: if the file cannot be read or holds no design.
    """
    from rnn_designer.design import check, files
    from rnn_designer.design.storage import FileProblem

    try:
        return check(files.load(path))
    except FileProblem as problem:
        raise Refusal(str(problem)) from None


def require_other_file(output: Path, *inputs: Path | None) -> None:
    """Refuse to write a result over a file that it is made from.

    Raises:
        Refusal: if they are the same file.
    """
    for each in inputs:
        # One that is not there, or whose name no system takes, is refused where it is written.
        with contextlib.suppress(OSError, ValueError):
            if each is not None and output.samefile(each):
                raise Refusal(f"“{output}” is what is read, and would be lost: give another name with -o.")


def write(path: Path, content: bytes) -> None:
    """Write a file in one step; a device or pipe (``/dev/stdout``) is written to as it is.

    Raises:
        Refusal: if it cannot be written.
    """
    from rnn_designer.design.storage import FileProblem, write_atomically

    try:
        if path.is_dir():
            raise Refusal(f"Could not save “{path.name or path}”: it is a folder. Give the name of a file.")
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        else:
            write_atomically(path, content)
    except FileProblem as problem:
        raise Refusal(str(problem)) from None
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "the system refused it"
        raise Refusal(f"Could not save “{path.name}”: {reason}. Choose another place.") from None
