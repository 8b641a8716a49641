"""Pumped storage: closed forms against the published 黄龙滩 set, gaps, no verdicts."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import OptionError
from layers.facts import Facts, load_facts
from siting.pumped import energy
from siting.pumped.named import assess, assess_all


@pytest.fixture(scope="module")
def facts():
    return load_facts("shiyan")


def of(facts: Facts, site_id: str, design: str = ""):
    return next(a for a in assess(facts.site(site_id)) if a.design == design)


def test_huanglongtan_golden_figures(facts):
    one = of(facts, "psh-huanglongtan")
    assert (one.storage_gwh.low, one.storage_gwh.high) == pytest.approx((3.21, 3.35), abs=0.005)
    assert (one.hours.low, one.hours.high) == pytest.approx((6.4, 6.7), abs=0.05)
    assert one.full_load_hours.value == pytest.approx(1112.0)
    assert one.figure("published_hours").value == 1113
    assert one.mean_gross_head_m.value == pytest.approx(261.0, abs=0.05)
    assert one.gross_head_m.value == pytest.approx(265.029)
    assert one.cost_yuan_per_kw.value == pytest.approx(7240.0)
    assert one.figure("upper_volume_mm3").value - one.figure(
        "upper_dead_volume_mm3"
    ).value == pytest.approx(one.figure("active_volume_mm3").value)
    rated = one.figure("rated_head_m").value
    assert 1 - rated / one.mean_gross_head_m.value == pytest.approx(0.023, abs=0.0005)


def test_huanglongtan_head_range_and_lower_lake(facts):
    one = of(facts, "psh-huanglongtan")
    low, high = one.head_range_m.low, one.head_range_m.high
    assert (low, high) == pytest.approx((236.0, 286.0), abs=0.05)
    assert high / low == pytest.approx(1.21, abs=0.005)
    assert 0.20 <= one.lower_change_m.value <= 0.30  # an engine that swings it 21 m fails


@pytest.mark.parametrize(("lower", "band"), [(246.971, (3.12, 3.26)), (225.971, (3.38, 3.53))])
def test_huanglongtan_energy_integral(lower, band):
    got = [
        energy.energy_between_levels_gwh(5.243, 512.0, 483.0, lower, eta) for eta in (0.88, 0.92)
    ]
    assert got == pytest.approx(band, abs=0.005)


@given(
    volume=st.floats(0.1, 100.0),
    dead=st.floats(300.0, 900.0),
    swing=st.floats(1.0, 60.0),
    lower=st.floats(50.0, 250.0),
)
def test_energy_integral_equals_quadrature(volume, dead, swing, lower):
    edges = np.linspace(0.0, volume * 1e6, 2001)
    middles = (edges[1:] + edges[:-1]) / 2
    level = dead + swing * middles / (volume * 1e6)
    joule = np.sum(1000 * 9.81 * 0.9 * 0.99 * (level - lower) * np.diff(edges))
    got = energy.energy_between_levels_gwh(volume, dead + swing, dead, lower, 0.9)
    assert got == pytest.approx(joule / 3.6e12, rel=1e-9)


def test_unit_costs_and_hours_of_the_others(facts):
    assert of(facts, "psh-pankou").cost_yuan_per_kw.value == pytest.approx(9003.4, abs=0.1)
    assert of(facts, "psh-tianchiling").cost_yuan_per_kw.value == pytest.approx(5200.0)
    assert of(facts, "psh-tianchiling").full_load_hours.value == pytest.approx(1083.3, abs=0.1)


def test_two_designs_stay_apart(facts):
    a, b = of(facts, "psh-fangxian", "A"), of(facts, "psh-fangxian", "B")
    assert (a.figure("rated_head_m").value, b.figure("rated_head_m").value) == (550.0, 452.0)
    assert a.gross_head_m.missing
    assert b.gross_head_m.value == pytest.approx(461.0)
    assert a.conduit_m.value == pytest.approx(2180, abs=5)
    assert b.conduit_m.value == pytest.approx(1790, abs=5)
    assert a.storage_gwh.missing
    assert b.storage_gwh.missing


def test_wushangou_borrows_nothing(facts):
    site = facts.site("psh-wushangou")
    assert (site.same_as, site.same_as_status) == ("psh-fangxian", "suspected")
    assert not site.mw_counted
    known = {q for q, f in site.figures.items() if not f.missing}
    assert known == {"capacity_mw"}
    assert site.lon is None


def test_every_gap_names_what_it_keeps_from_us(facts):
    gaps = {g.quantity: g for g in of(facts, "psh-guanshan").gaps}
    assert "蓄能量与满发小时" in gaps["active_volume_mm3"].keeps.zh
    assert {"capacity_mw", "rated_head_m", "position", "approval"} <= set(gaps)
    assert "approval" not in {g.quantity for g in of(facts, "psh-pankou").gaps}


def test_no_real_project_carries_a_verdict(facts):
    every = assess_all(facts.sites)
    assert len(every) == len(facts.of_technology("pumped")) + 1
    assert {a.verdict.zh for a in every} == {"未筛查"}
    assert all(a.reason.zh and a.reason.en for a in every)


def test_exact_position_is_still_not_judged(facts):
    exact = replace(facts.site("psh-eping"), coord_quality="exact")
    (one,) = assess(exact)
    assert one.verdict.zh == "未筛查"
    assert "演示图层" in one.reason.zh
    assert "position" not in {g.quantity for g in one.gaps}


def test_assumed_efficiency_is_marked(facts):
    one = of(facts, "psh-huanglongtan")
    assert one.storage_gwh.grade == "prior"
    assert one.passport.unverified
    assert all(s in facts.sources for s in one.passport.sources)


def test_500_kv_line_only_for_large_plants(facts):
    def lines(site_id):
        return " ".join(u.zh for u in of(facts, site_id).unchecked)

    assert "500 kV" not in lines("psh-huanglongtan")
    assert "500 kV" in lines("psh-tianchiling")


@pytest.mark.parametrize(
    "call",
    [
        lambda: energy.energy_gwh(0.0, 255.0, 0.9),
        lambda: energy.energy_gwh(5.0, 255.0, 1.1),
        lambda: energy.energy_gwh(float("nan"), 255.0, 0.9),
        lambda: energy.gross_head(200.0, 300.0),
        lambda: energy.hours(3.0, 0.0),
        lambda: energy.cost_yuan_per_kw(36.2, -1.0),
        lambda: energy.energy_between_levels_gwh(5.0, 480.0, 500.0, 200.0, 0.9),
        lambda: energy.pumping_gwh(500.0, 1.2),
    ],
)
def test_impossible_values_are_refused(call):
    with pytest.raises(OptionError):
        call()


def test_ratio_and_length_are_inverse():
    length = energy.conduit_length_m(3.97, 550.0)
    assert energy.length_head_ratio(length, 550.0) == pytest.approx(3.97)
    assert energy.length_head_ratio(1696.0, 195.0) == pytest.approx(8.7, abs=0.01)


def test_pumping_exceeds_discharge():
    assert energy.pumping_gwh(200.32, 0.739) == pytest.approx(271.07, abs=0.01)
