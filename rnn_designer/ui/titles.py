"""How the names of files that come with the program are written for people."""

_WRITTEN = {"el_nino": "El Niño", "simple_rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}


def title_of(name: str) -> str:
    """A file's or design's name as a title: ``nile_flow`` becomes "Nile flow"."""
    plain = name.replace("_", " ")
    return _WRITTEN.get(name, plain[:1].upper() + plain[1:])
