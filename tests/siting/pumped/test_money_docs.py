"""The page on storage cost computes what it prints, and prints what the table ships."""

import doctest
from pathlib import Path

from siting.pumped.money.calibrate import calibration
from siting.pumped.money.classes import CLASSES
from siting.pumped.money.cost import parameters

PAGE = Path(__file__).parents[3] / "docs" / "methods" / "storage_cost.md"


def test_examples_of_the_page():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried > 15
    assert failed == 0


def test_tables_of_the_page():
    text, params = PAGE.read_text(encoding="utf-8"), parameters()
    for key in params:
        if not key.startswith("anchor_"):
            assert f"`{key}`" in text or f"`storage_cost.{key}`" in text, key
    for key in ("dam_cfrd", "dam_rcc", "basin", "bore", "plant", "full_load_h"):
        assert f"{params.number(key):,.0f}" in text, key
    assert f"{params['scale'].value:.3f}" in text
    assert f"{params['scale'].low:.3f}-{params['scale'].high:.3f}" in text
    for one in CLASSES[:-2]:
        assert f"| {one.letter} | {one.limit:,.0f} |" in text
    rows = {row.anchor.key: row for row in calibration(params)}
    bound = rows["cyqj"]
    assert f"{bound.low:,.0f}-{bound.high:,.0f}" in text
    for key in ("cyqj", "tianchiling", "taishun", "mean2021", "pre2021", "pankou"):
        assert f"{rows[key].published:,.0f}" in text, key
