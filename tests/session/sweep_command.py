"""Stands for ``rnn-designer sweep``: tells what a sweep would; its first argument says how it ends."""

import json
import sys
import time

what, arguments = sys.argv[1], sys.argv[2:]


def tell(**content: object) -> None:
    print(json.dumps(content), flush=True)


def trial(ticket: int, state: str, value: float | None = None, **more: object) -> None:
    params = {"training/batch_size": 8 * (ticket + 1)}
    tell(trial={"ticket": ticket, "state": state, "params": params, "value": value, "values": {}, **more})


if what == "fail":
    print("rnn-designer: A sweep needs Optuna, which is not installed.", file=sys.stderr)
    sys.exit(2)
assert "--beside" in arguments
showing = "--show" in arguments
tell(begin={"study": "s", "trials": 4, "larger": False, "names": {"training/batch_size": "batch size"}})
trial(0, "complete", 0.5, file=sys.executable)
if not showing:
    assert "--end-with-parent" in arguments
    print("this is no line of JSON", flush=True)
    trial(1, "running", values={"1": 0.75})
    tell(said="A worker was lost: its process ended by a signal or a crash.")
    if what == "hang":
        time.sleep(600)
    trial(1, "complete", 0.25, tries=2, file=sys.executable)
    trial(2, "pruned", 0.125)
    trial(3, "failed", reason="The loss was no number any more.")
tell(end={"left": 0})
