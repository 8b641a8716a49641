"""What a study says of its own limits."""

from siting.study_notes import coarse


def test_cells_coarser_than_usual_are_said():
    (said,) = coarse(300.0)
    assert "300 m" in said.zh
    assert "90 m" in said.zh
    assert "偏大" in said.zh
    assert "too large" in said.en


def test_usual_cells_and_finer_ones_need_no_word():
    assert coarse(90.0) == ()
    assert coarse(30.0) == ()
