"""How panels change the design: try the edit, and take the sentence where it is refused."""

from rnn_designer.design import Edit, Refused
from rnn_designer.session.document import Document


def try_edit(document: Document, edit: Edit, label: str, merge: str | None = None) -> str | None:
    """Apply an edit, or return the sentence that says why it is not possible.

    A refusal is shown beside the field that asked for it, so the document is not told: its ``refused`` signal is
    for edits that have no such place.
    """
    try:
        edit(document.design)
    except Refused as refusal:
        return str(refusal)
    document.apply(edit, label, merge)
    return None
