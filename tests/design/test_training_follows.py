"""Whatever is edited, goals stay with layers that are there, and what is trained can be told and saved."""

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import chains, designs, edit_of, recipes

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.catalog.parts import parts
from rnn_designer.design import Design, Refused, check, edits, files
from rnn_designer.design.model import Goal, Training
from rnn_designer.design.tasks import TASKS, fitting, trained_outputs

LOSSES = [Part(part.kind) for part in parts("losses")]
METRICS = [Part(part.kind) for part in parts("metrics")]
goals = st.builds(
    Goal,
    task=st.sampled_from(["auto", *TASKS]),
    columns=st.sampled_from([(), ("a",), ("a", "b")]),
    loss=st.none() | st.sampled_from(LOSSES),
    metrics=st.none() | st.lists(st.sampled_from(METRICS), max_size=2).map(tuple),
    balanced=st.booleans(),
    extra=st.sampled_from([FrozenMap(), FrozenMap(later=1)]),
)


def trained(design: Design, goal: Goal) -> Design:
    """The design with that goal for every layer on the canvas."""
    training = Training(goals=FrozenMap({layer.id: goal for layer in design.layers}))
    return edits.set_training(training)(design)


@settings(max_examples=80, deadline=None)
@given(designs(), goals, recipes)
def test_that_goals_follow_every_edit(start: Design, goal: Goal, steps: list) -> None:
    design = trained(start, goal)
    for step in steps:
        try:
            design = edit_of(design, step)(design)
        except Refused:
            continue
        assert design.training is not None
        assert set(design.training.goals) <= {layer.id for layer in design.layers}
    assert files.from_text(files.to_text(design)) == design


@settings(max_examples=80, deadline=None)
@given(designs() | chains(), goals)
def test_that_whatever_is_drawn_what_it_learns_can_be_told_and_problems_can_be_mended(
    start: Design, goal: Goal
) -> None:
    design = trained(start, goal)
    checked = check(design)
    found = fitting(design, checked)
    assert set(found) == {layer for layer, _port in trained_outputs(design, checked)}
    for each in found.values():
        assert each.task in TASKS
        assert each.loss_why.endswith(".")
    told = {problem.code for problem in checked.problems} - {
        problem.code for problem in check(start).problems
    }
    for problem in checked.problems:
        if problem.code in told:
            assert problem.message.endswith(".")
            for fix in problem.fixes:
                mended = fix.edit(design)
                assert (problem.code, problem.layer) not in {
                    (e.code, e.layer) for e in check(mended).problems
                }
