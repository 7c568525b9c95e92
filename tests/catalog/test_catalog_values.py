import pytest

from rnn_designer.catalog import FrozenMap, Part, TensorSpec


def test_that_a_frozen_map_keeps_order_and_equals_another_in_any_order() -> None:
    one, other = FrozenMap(a=1, b=2), FrozenMap(b=2, a=1)
    assert list(one) == ["a", "b"]
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize(("left", "right"), [(1, True), (1, 1.0), (0, False), ("1", 1)])
def test_that_values_of_different_types_differ_although_python_calls_them_equal(
    left: object, right: object
) -> None:
    assert FrozenMap(x=left) != FrozenMap(x=right)


def test_that_changes_make_a_new_map() -> None:
    map_ = FrozenMap(a=1)
    assert map_.having(b=2) == FrozenMap(a=1, b=2)
    assert map_.having(a=3) == FrozenMap(a=3)
    assert map_.without("a", "missing") == FrozenMap()
    assert map_ == FrozenMap(a=1)


def test_that_parts_are_equal_by_kind_and_arguments() -> None:
    assert Part("L2", FrozenMap(l2=0.02)) == Part("L2", FrozenMap(l2=0.02))
    assert Part("L2") != Part("L1")
    assert len({Part("L2"), Part("L2")}) == 1


@pytest.mark.parametrize(
    ("sizes", "text"),
    [
        ((None, None, 64), "batch×time×64"),
        ((32, 50, 3), "32×50×3"),
        ((None, 64), "batch×64"),
        ((None, None), "batch×features"),
        ((None,), "batch"),
        ((None, None, 3, 6), "batch×time×3×6"),
    ],
)
def test_that_a_tensor_reads_as_the_canvas_writes_it(sizes: tuple[int | None, ...], text: str) -> None:
    assert str(TensorSpec(sizes)) == text


def test_that_axes_keep_their_names_when_only_sizes_change() -> None:
    swapped = TensorSpec((None, 3, 7), ("batch", "features", "time"), masked=True)
    assert swapped.having(None, 4, 7).axes == ("batch", "features", "time")
    assert swapped.having(None, 4).axes == ("batch", "features")
    assert swapped.having(None, 4, 7).masked
    assert not swapped.having(None, 4, 7, masked=False).masked


def test_that_time_and_features_are_the_second_and_the_last_axis() -> None:
    spec = TensorSpec((None, 7, 3))
    assert (spec.time, spec.features, spec.rank) == (7, 3, 3)
    assert TensorSpec((None,)).time is None
