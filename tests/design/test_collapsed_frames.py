"""Frames that are shown as one box: part of the design, so that they are undone, copied and saved."""

from dataclasses import replace

import pytest

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Refused, edits, files


def wrapped() -> Design:
    reader = Layer("reader", "GRU", "reader", FrozenMap({"units": 4}))
    return Design(layers=(Layer("both", "Bidirectional", "both", children=(reader,)),))


def test_that_a_wrapper_is_collapsed_and_expanded_again() -> None:
    design = edits.collapse("both")(wrapped())
    assert design.layer("both").collapsed
    assert edits.collapse("both", False)(design) == wrapped()


def test_that_only_what_holds_other_layers_collapses() -> None:
    with pytest.raises(Refused, match="GRU ‘reader’ holds no other layers"):
        edits.collapse("reader")(wrapped())


def test_that_a_file_says_what_is_collapsed_and_nothing_of_what_is_not() -> None:
    design = edits.collapse("both")(wrapped())
    text = files.to_text(design)
    assert text.count("collapsed") == 1
    assert files.from_text(text) == design
    assert "collapsed" not in files.to_text(wrapped())


def test_that_changes_inside_leave_a_wrapper_collapsed() -> None:
    design = edits.set_parameter("reader", "units", 7)(edits.collapse("both")(wrapped()))
    assert design.layer("both") == replace(design.layer("both"), collapsed=True)
    assert design.layer("reader").value("units") == 7
