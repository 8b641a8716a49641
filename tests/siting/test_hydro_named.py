"""Hydropower: hours from published figures, conflicts kept, no verdicts."""

import pytest

from layers.facts import load_facts
from siting.hydro.named import assess, assess_all, full_load_hours


@pytest.fixture(scope="module")
def facts():
    return load_facts("shiyan")


def test_doulingzi_hours(facts):
    site = facts.site("hydro-doulingzi")
    assert assess(site).full_load_hours.value == pytest.approx(3007, abs=1)
    assert site.figure("published_hours").value == 3012


def test_pankou_hours_span_the_published_values(facts):
    hours = assess(facts.site("hydro-pankou")).full_load_hours
    assert hours.value == pytest.approx(994e3 / 513)
    assert (hours.low, hours.high) == pytest.approx((994e3 / 513, 1102e3 / 500))
    assert hours.status == "derived"


def test_generation_before_the_diversion_is_no_base(facts):
    site = facts.site("hydro-danjiangkou")
    assert assess(site).full_load_hours.missing
    assert site.designs["2014 年调水前"]["generation_gwh"].value == 3830


def test_conflicting_capacity_is_kept(facts):
    power = facts.site("hydro-danjiangkou").capacity_mw
    assert power.value == 900
    assert [v.value for v in power.variants] == [1050]


def test_gaps_of_an_unpublished_plant(facts):
    one = assess(facts.site("hydro-xiaoxuan"))
    assert len(one.gaps) == 5
    assert any("水头" in keeps.zh for _, keeps in one.gaps)


def test_no_plant_carries_a_verdict(facts):
    every = assess_all(facts.sites)
    assert len(every) == len(facts.of_technology("hydro"))
    assert {a.verdict.zh for a in every} == {"未筛查"}
    reasons = {a.site.coord_quality: a.reason.zh for a in every}
    assert "演示图层" in reasons["exact"]
    assert "CDM" in reasons["cdm"]
    assert "未公布" in reasons["missing"]


def test_hours_unit():
    assert full_load_hours(1.0, 1.0) == 1000.0
