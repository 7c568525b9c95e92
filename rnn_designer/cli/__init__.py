"""The command line. Heavy packages are imported inside the commands that need them, never here.

``check`` and ``export`` answer without TensorFlow, Qt and NumPy, ``import`` without TensorFlow and Qt.
"""

import os
import sys
from collections.abc import Sequence

import click

from rnn_designer import __version__
from rnn_designer.cli.check import check
from rnn_designer.cli.doctor import doctor
from rnn_designer.cli.export import export
from rnn_designer.cli.generate import generate
from rnn_designer.cli.import_model import import_model
from rnn_designer.cli.sweep import sweep
from rnn_designer.cli.trace import trace
from rnn_designer.cli.train import train
from rnn_designer.cli.verify import verify
from rnn_designer.cli.window import window

__all__ = ["run"]

BROKEN = 70
"""The exit code for a fault of the program itself."""
INTERRUPTED = 130


class Commands(click.Group):
    """The commands; what is none of them is the design to open in the window."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the window's own command in front of a design, or of nothing at all."""
        if not args or (args[0] not in self.commands and not args[0].startswith("-")):
            args = ["window", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="",
    subcommand_metavar="[DESIGN] | COMMAND [ARGUMENTS]",
    epilog="Exit codes: 0 done; 1 the design has errors, or something is missing; 2 bad input, said why.",
)
@click.version_option(__version__, prog_name="RNN Designer")
def commands() -> None:
    """Design recurrent networks on a canvas, watch their states and gates, export exact Keras code.

    With a DESIGN, or nothing: open the window.
    """


commands.add_command(window)
commands.add_command(check)
commands.add_command(export)
commands.add_command(import_model)
commands.add_command(trace)
commands.add_command(generate)
commands.add_command(train)
commands.add_command(sweep)
commands.add_command(verify)
commands.add_command(doctor)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; those of the process if None.

    Returns:
        The exit code. Bad input gives 2 after one sentence on standard error; nothing gives a traceback,
        unless ``RNN_DESIGNER_DEBUG`` is set.
    """
    try:
        code = commands.main(
            args=None if arguments is None else list(arguments),
            prog_name="rnn-designer",
            standalone_mode=False,
        )
    except click.ClickException as problem:
        _say(problem.format_message())
        return problem.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone (``… | head``); the flush at exit would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as fault:
        if os.environ.get("RNN_DESIGNER_DEBUG"):
            raise
        _say(
            f"A fault in RNN Designer itself: {type(fault).__name__}: {' '.join(str(fault).split())[:300]} "
            "Set RNN_DESIGNER_DEBUG=1 to see where, and report it."
        )
        return BROKEN
    return code if isinstance(code, int) else 0


def _say(sentence: str) -> None:
    click.echo(f"rnn-designer: {sentence}", err=True)
