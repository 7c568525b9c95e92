"""The views of a layer, gone through by key: in their menu's order, in a circle, in the window's own scopes."""

from rnn_designer.ui.main_window import MainWindow
from rnn_designer.ui.views import STATES, TITLES


def test_that_v_goes_through_every_view_and_back_to_the_states(window: MainWindow) -> None:
    scopes, names = window.scopes, list(TITLES)
    seen = [scopes.instruments.name]
    for _ in names:
        window.actions_table["next_view"].trigger()
        seen.append(scopes.instruments.name)
    assert seen == [*names, STATES]
    assert scopes.header.view_button.current == STATES


def test_that_shift_v_goes_the_other_way(window: MainWindow) -> None:
    window.actions_table["previous_view"].trigger()
    assert window.scopes.instruments.name == list(TITLES)[-1]
    assert window.scopes.header.view_button.current == list(TITLES)[-1]
    window.actions_table["next_view"].trigger()
    assert window.scopes.instruments.name == STATES


def test_that_every_view_says_in_a_sentence_why_it_shows_nothing_yet(window: MainWindow) -> None:
    for name in TITLES:
        window.scopes.show_view(name)
        view = window.scopes.instruments.view
        if view is not None:
            assert view.message.endswith("."), name
            assert view.explanation.endswith("."), name
