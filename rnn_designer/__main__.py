"""Picks the program's role before anything heavy is imported: worker, reader, command line or window."""

import os
import sys


def main() -> None:
    """Run the role that the first argument names, and exit with its code."""
    # Read once, when NumPy and TensorFlow are loaded: too late anywhere else.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    role = sys.argv[1] if len(sys.argv) > 1 else ""
    if role == "--worker":
        from rnn_designer.engine import serve

        sys.exit(serve.main())
    if role == "--reader":
        from rnn_designer import reader

        sys.exit(reader.main())
    from rnn_designer.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
