"""Calibration: the shipped level is the fit, residuals and what the plants do not say."""

import math

import numpy as np
import pytest

from layers.facts import load_facts
from siting.pumped import energy
from siting.pumped.money.anchors import design_of, load_anchors, priors_of
from siting.pumped.money.calibrate import (
    calibration,
    degrees_of_freedom,
    fitted_scale,
    fitting,
    leave_one_out,
)
from siting.pumped.money.cost import parameters, storage_cost
from siting.pumped.money.formula import values_of

PARAMS = parameters()
VALUES, PRIORS = values_of(PARAMS), priors_of(PARAMS)
ROWS = {row.anchor.key: row for row in calibration(PARAMS)}


def test_shipped_level_is_the_fit_and_its_band_leaves_one_out():
    scale = PARAMS["scale"]
    assert scale.status == "derived"
    assert scale.value == pytest.approx(fitted_scale(VALUES, PRIORS), abs=0.0005)
    without = leave_one_out(VALUES, PRIORS).values()
    assert scale.low == pytest.approx(min(without), abs=0.0005)
    assert scale.high == pytest.approx(max(without), abs=0.0005)


def test_fit_does_not_depend_on_the_level_and_centres_the_residuals():
    assert fitted_scale({**VALUES, "scale": 7.0}, PRIORS) == fitted_scale(VALUES, PRIORS)
    logs = [math.log1p(ROWS[one.key].residual) for one in fitting()]
    # shipped to three decimals
    assert sum(logs) / len(logs) == pytest.approx(0.0, abs=5e-4)
    assert degrees_of_freedom() == 4


def test_published_costs_per_kw():
    found = {key: round(row.published) for key, row in ROWS.items()}
    assert found["hlt"] == 7240
    assert found["dawu"] == 9377
    assert found["ptyuan"] == 6720
    assert found["cyqj"] == 7391
    assert found["tianchiling"] == 5200
    assert found["pankou"] == 9003
    assert (found["dongan"], found["chenxi"], found["taishun"]) == (9000, 6667, 5942)
    assert (found["mean2021"], found["pre2021"]) == (5367, 5425)


def test_residuals_are_those_that_the_page_prints():
    got = {k: (round(100 * r.residual), round(100 * r.left_out)) for k, r in ROWS.items()
           if r.anchor.role == "fit"}  # fmt: skip
    assert got == {
        "hlt": (0, 0), "dawu": (8, 10), "ptyuan": (-11, -13), "dongan": (-1, -1), "chenxi": (4, 5),
    }  # fmt: skip


def test_three_plants_of_hubei_foretell_the_two_of_hunan():
    """The formula stood before the figures of the two were looked up."""
    hubei = [one for one in fitting() if one.key in ("hlt", "dawu", "ptyuan")]
    level = fitted_scale(VALUES, PRIORS, hubei)
    for key in ("dongan", "chenxi"):
        row = ROWS[key]
        foretold = row.predicted / PARAMS.number("scale") * level
        assert foretold == pytest.approx(row.static, rel=0.06)


def test_residuals_fall_with_head_as_the_page_says():
    rows = sorted((ROWS[one.key] for one in fitting()), key=lambda row: row.anchor.head_m)
    assert rows[0].residual > 0.05
    assert rows[-1].residual < -0.05


def test_static_takes_the_interest_out_of_a_total_only():
    assert ROWS["hlt"].static == ROWS["hlt"].published
    assert ROWS["dawu"].static == pytest.approx(ROWS["dawu"].published / 1.1)


def test_plants_without_a_head_are_bounds_or_not_computed():
    pankou = ROWS["pankou"]
    assert math.isnan(pankou.predicted)
    assert math.isnan(pankou.low)
    assert "不可算" in pankou.verdict.zh
    for key in ("cyqj", "tianchiling", "taishun", "mean2021", "pre2021", "low2022", "high2022"):
        row = ROWS[key]
        assert math.isnan(row.residual)
        assert row.low < row.high
        inside = row.low <= row.static <= row.high
        assert ("在内" in row.verdict.zh) == inside
    # said as it is: one Shiyan figure lies below what the formula can reach
    assert "在外" in ROWS["tianchiling"].verdict.zh


def test_anchors_say_what_is_published_and_what_is_assumed():
    for one in load_anchors():
        values = {"power": one.power_mw, "head": one.head_m, "length": one.length_m,
                  "volume": one.volume_mm3, "lakes": one.new_lakes}  # fmt: skip
        for name, kind in one.kinds.items():
            if kind in ("published", "derived"):
                assert values[name] is not None, (one.key, name)
            if kind == "missing":
                assert values[name] is None, (one.key, name)
        assert one.citation
        assert one.note.zh
        assert one.note.en


def test_named_anchors_agree_with_the_facts_tables():
    facts = load_facts("shiyan")
    anchors = {one.key: one for one in load_anchors()}
    figures = facts.site("psh-huanglongtan").figures
    hlt = anchors["hlt"]
    assert hlt.power_mw == figures["capacity_mw"].value
    assert hlt.head_m == figures["rated_head_m"].value
    assert hlt.volume_mm3 == figures["active_volume_mm3"].value
    assert hlt.cost_yi == figures["static_cost_yi"].value
    assert anchors["pankou"].cost_yi == facts.site("psh-pankou").figures["total_cost_yi"].value
    assert (
        anchors["tianchiling"].cost_yi
        == facts.site("psh-tianchiling").figures["total_cost_yi"].value
    )
    cited = {one for a in load_anchors() for one in a.source.split(";") if one}
    cited |= {one.source for one in PARAMS.values() if one.source not in ("", "prior")}
    assert cited <= set(facts.sources)


def test_design_of_a_plant_keeps_its_energy():
    hlt = next(one for one in fitting() if one.key == "hlt")
    design = design_of(hlt, 255.0, PRIORS)
    assert float(design.energy_gwh) == pytest.approx(energy.energy_gwh(5.243, 255.0, 0.9))
    assert design.lower_dam_m3 == 0.0  # the lower lake exists
    assert float(design.upper_dam_m3) == pytest.approx(5.243e6 / 8)
    dawu = next(one for one in fitting() if one.key == "dawu")
    assert dawu.head_m == pytest.approx(1696 / 8.7, abs=0.1)
    both = design_of(dawu, 195.0, PRIORS)
    assert both.upper_dam_m3 == both.lower_dam_m3 > 0


def test_level_of_the_user_moves_every_cost_and_is_not_fitted_anew():
    design = design_of(fitting()[0], 255.0, PRIORS)
    ours = storage_cost(design, PARAMS)
    double = parameters({"storage_cost.scale": 2.0 * PARAMS.number("scale")})
    assert storage_cost(design, double).total == pytest.approx(2.0 * ours.total)


def test_a_price_hardly_moves_a_plant_like_the_anchors():
    """With the level fitted anew a dearer plant part is a dearer level: the cost stays."""
    hlt = design_of(fitting()[0], 255.0, PRIORS)
    found = storage_cost(hlt, PARAMS)
    assert found.high / found.total < 1.35
    assert found.low / found.total > 0.75
    assert np.isfinite(found.low)
