"""Pasted text: what is understood, and that nothing else ever is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_designer.sequences import DataProblem, array_of, parse, shape_of, values_of

TUTORIAL = """import tensorflow as tf

x = tf.constant([[[0.1, 0.2, 0.3, 0.4, 0.5],
                  [0.2, 0.3, 0.4, 0.5, 0.6],
                  [0.3, 0.4, 0.5, 0.6, 0.7]]], dtype=tf.float32)  # 1 x 3 x 5
"""


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[1, 2, 3]", ((1,), (2,), (3,))),
        ("[[0.1, 0.2], [0.3, nan]]", ((0.1, 0.2), (0.3, None))),
        ("((1, 2), (3, 4))", ((1, 2), (3, 4))),
        ("np.array([[1, 2], [3, 4.5]], dtype=np.float32)", ((1, 2), (3, 4.5))),
        ("x = np.asarray([[1_000, -2e-3]])", ((1000, -0.002),)),
        ("array([[1., 2.]], dtype=float32)", ((1, 2),)),
        ("[[1. 2.]\n [3. 4.]]", ((1, 2), (3, 4))),
        ("[[True, None], [np.nan, float('nan')]]", ((1, None), (None, None))),
        ("1\t2\n3\t\n", ((1, 2), (3, None))),
        ("a;b\n1,5;2\n2,5;3,5", ((1.5, 2), (2.5, 3.5))),
        ("5", ((5,),)),
    ],
)
def test_that_literals_and_cells_are_read_as_they_stand(text: str, values) -> None:
    pasted = parse(text)
    assert pasted.values == values
    assert pasted.shape == shape_of(values)
    assert pasted.words.endswith(".")


def test_that_the_tutorials_example_is_one_paste() -> None:
    pasted = parse(TUTORIAL)
    assert pasted.shape == (1, 3, 5)
    array = array_of(pasted.values)
    assert array.dtype == np.float32
    np.testing.assert_allclose(array[0, 2], [0.3, 0.4, 0.5, 0.6, 0.7], rtol=1e-6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing to read"),
        ("[[1, 2],\n [3]]", "row 1, in line 2, has 1 number where the first has 2"),
        ("[1, [2]]", "mixes single numbers"),
        ("[[1, 2], 3]", "mixes single numbers"),
        ("[[[[1]]]]", "at most three axes"),
        ("[[1, 2]", "never closed"),
        ("[1)", "closes with “)”"),
        ("[1,, 2]", "two commas"),
        ("[1+2]", "where a number is expected"),
        ("[1, ... 3]", "was shortened"),
        ("[inf]", "finite numbers"),
        ("[1e400]", "beyond the largest float32"),
        ("[]", "empty"),
        ("[[]]", "needs at least one"),
        ("[[[1], [2]], [[3]]]", "The samples are uneven"),
        ("np.array([1]) + 1", "goes on with"),
        ("1\t2\n3\n", "line 2 has 1 cell"),
        ("1\t2\n2\tx\n4\t5", "where a number is expected"),
        ("x" * 4_000_001, "the most is 4,000,000"),
        ("[" + "1.2345678, " * 40_000 + "]", "save them as a CSV or NPY file"),
    ],
)
def test_that_what_cannot_be_used_is_a_sentence_that_names_the_place(text: str, words: str) -> None:
    with pytest.raises(DataProblem) as problem:
        parse(text)
    assert words in str(problem.value)
    assert str(problem.value).endswith(".")


@pytest.mark.parametrize(
    "attack",
    [
        "__import__('os').system('touch pwned')",
        "os.system([1])",
        "np.array([__import__('os').getpid()])",
        "[x for x in ().__class__.__bases__[0].__subclasses__()]",
        "np.array([1]); import os",
        "(lambda: [1])()",
        "eval([1])",
        "np.load(['x'])",
        "[1].__class__",
        "f'{[1]}'",
        "[0x41]",
        "[9**9**9]",
        "[[" * 5000,
        "(" * 100_000,
        "[" + "9" * 100_000 + "]",
    ],
)
def test_that_no_code_is_understood(attack: str) -> None:
    with pytest.raises(DataProblem):
        parse(attack)


@given(st.text(alphabet="[](){}0123456789.,eE+-_ \n\tnaN;abc'\"=np:#", max_size=60))
def test_that_any_text_gives_an_even_table_or_a_sentence(text: str) -> None:
    try:
        pasted = parse(text)
    except DataProblem:
        return
    assert array_of(pasted.values).shape == pasted.shape


numbers = st.none() | st.floats(-1e6, 1e6, width=32)


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=1)))
def test_that_an_array_comes_back_from_its_own_print(rows) -> None:
    array = array_of(tuple(map(tuple, rows)))
    np.testing.assert_allclose(array_of(parse(repr(array.tolist())).values), array, rtol=1e-6)
    np.testing.assert_allclose(array_of(values_of(array)), array, rtol=1e-6)


@pytest.mark.parametrize(
    "values", [None, (), ((),), (1, 2), ((1,), (2, 3)), ((True,),), (("1",),), ((1e39,),)]
)
def test_that_what_is_no_even_table_of_numbers_is_refused(values) -> None:
    with pytest.raises(DataProblem):
        array_of(values)
