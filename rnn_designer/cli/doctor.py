"""``rnn-designer doctor``: what is installed, what is missing, how to mend it."""

import click

_MARKS = {True: "ok      ", False: "missing ", None: "note    "}


@click.command()
def doctor() -> int:
    """Say what is installed and what is missing. Exit code 1 if something is broken."""
    from rnn_designer.doctor import findings

    broken = 0
    for finding in findings():
        click.echo(f"{_MARKS[finding.good]} {finding.subject}: {finding.state}")
        if finding.good is not True and finding.remedy:
            click.echo(f"         {finding.remedy}")
        broken += finding.good is False
    click.echo("Everything is in order." if not broken else f"{broken} to mend.")
    return 1 if broken else 0
