"""The figure of what a writer's memory gains."""

from benchmarks.figures.memory_gain import figure_of, stages_in
from tegashiki.evaluation.by_writer import Stage, stage_entries


def test_each_stage_with_inks_is_a_point():
    found = [
        Stage((0, 0), 2, 1, 50.0, 50.0, 0.0, 0.0),
        Stage((1, 4), 8, 2, 50.0, 62.5, -12.5, 25.0),
        Stage((5, 11), 0, 0, None, None),
    ]
    assert stages_in(stage_entries(found)) == found
    (axis,) = figure_of({"test_2014": found, "test_2016": found[:1]}).axes
    assert [label.get_text() for label in axis.get_xticklabels()] == ["0", "1 to 4", "5 to 11"]
    gains = [line.lines[0].get_ydata().tolist() for line in axis.containers]
    assert gains == [[0.0, 12.5], [0.0]]  # a stage without inks is no point
