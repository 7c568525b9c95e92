"""How a helper process ended, as one sentence that the user reads."""

import signal

_MEANINGS = {
    "SIGKILL": "killed, perhaps because memory ran out",
    "SIGSEGV": "it touched memory that is not its own",
    "SIGABRT": "it gave up on an internal error",
    "SIGBUS": "it touched memory that is not there",
    "SIGFPE": "an impossible calculation",
    "SIGILL": "this processor lacks an instruction that it needs",
    "SIGTERM": "asked to end by another program",
    "SIGXCPU": "it used more time than it may",
}


def sentence_for_end(subject: str, code: int, by_signal: bool) -> str:
    """What ended a process.

    Args:
        subject: who ended, as the sentence begins: "The engine".
        code: the exit code, or the number of the signal.
        by_signal: whether a signal (on Windows: an unhandled exception) ended it.
    """
    if not by_signal:
        if code == 0:
            return f"{subject} ended without a word in the middle of its work."
        return f"{subject} ended with code {code}."
    try:
        name = signal.Signals(code).name
    except ValueError:
        return (
            f"{subject} crashed (code {code & 0xFFFFFFFF:#x})." if abs(code) > 64 else f"{subject} crashed."
        )
    meaning = _MEANINGS.get(name)
    return f"{subject} was ended by signal {code} ({meaning or name})."
