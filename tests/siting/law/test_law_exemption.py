"""What a built or approved facility need not pass again, and what it must."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from geo.errors import CrsError, VectorError
from siting.law.exemption import groups
from siting.law.patterns import one_pattern
from siting.law.rules import load_ruleset
from siting.law.screening import screen
from siting.law.terms import Component, Effect, Technology, Verdict
from siting.law.verdict import State, judge
from siting.law.why import explain

TODAY = date(2026, 11, 22)
ARRAY = (Technology.PV, Component.PV_ARRAY)
WORKS = (Technology.HYDRO, Component.EXISTING_RESERVOIR_WORKS)
BASE = {"name": "x", "technology": "pv", "component": "pv_array", "status": "built"}


def facility(scene, spot, **cells):
    row = {**BASE, "approved": "", "passed": "", "geometry": scene.spot_box(spot), **cells}
    return scene.adding("facility", [row])


def judged(scene, spot, pair=ARRAY, as_of=TODAY, mode="explore", **options):
    table = one_pattern(scene.screen(), *scene.cell(spot))
    return judge(table, load_ruleset("hubei", as_of), *pair, mode, **options)


def ids(judgement, numbers):
    return {judgement.ruleset.rules[i].id for i in numbers}


def test_listed_rule_is_exempt_and_said(scene):
    bare = judged(scene, "farmland")
    assert bare.verdict[0] == Verdict.PROHIBITED
    assert bare.exempt[0] == ()
    hit = ids(bare, bare.hits[0])
    n, law = len(hit), sum(bare.ruleset.rules[i].decides for i in bare.hits[0])
    assert {"R-06", "R-09"} <= hit
    found = judged(facility(scene, "farmland", passed=" ".join(sorted(hit))), "farmland")
    assert ids(found, found.exempt[0]) == hit
    assert found.hits[0] == ()
    assert found.verdict[0] == Verdict.CLEAR
    assert f"已建/已核准设施，免于 {n} 项" in found.text(0).zh
    assert f"exempt from {n} rules" in found.text(0).en
    assert f"其余已筛查的 {found.screened - law}/{found.total - law} 项未触及" in found.text(0).zh


def test_exempt_from_what_it_passed_and_from_nothing_else(scene):
    found = judged(facility(scene, "farmland", passed="R-06"), "farmland")
    assert ids(found, found.exempt[0]) == {"R-06"}
    assert "R-09" in ids(found, found.hits[0])
    assert "R-06" not in ids(found, found.hits[0])
    assert found.verdict[0] == Verdict.PROHIBITED
    assert "免于 1 项" in found.text(0).zh


@pytest.mark.parametrize(
    ("spot", "pair"),
    [
        ("farmland", (Technology.WIND, Component.TURBINE_BASE)),  # another technology
        ("redline", (Technology.PV, Component.STATION)),  # another component
    ],
)
def test_another_technology_or_component_is_not_exempt(scene, spot, pair):
    there = facility(scene, spot, passed="R-02 R-06 R-07 R-09 R-09b")
    found, bare = judged(there, spot, pair), judged(scene, spot, pair)
    assert found.exempt == ((),)
    assert found.hits == bare.hits
    assert found.verdict == bare.verdict


def test_expansion_beyond_or_on_its_ground_is_not_exempt(scene):
    there = facility(scene, "farmland", passed="R-06 R-09")
    assert judged(there, "farmland", standing=False).verdict[0] == Verdict.PROHIBITED
    west, south, east, north = scene.spot_box("farmland").bounds
    half = box(west, south, (west + east) / 2 - 60, north)
    table = there.adding("facility", [{**BASE, "approved": "", "passed": "R-06 R-09",
                                       "geometry": half}])  # fmt: skip
    assert judged(table, "farmland").verdict[0] == Verdict.PROHIBITED


def test_rules_of_the_day_of_approval_and_their_successors_are_passed(scene):
    """A source zone passed under the old law of 2018 is passed under the code of 2026."""
    there = facility(scene, "source_2", approved="2024-05-06")
    for day, rule in ((date(2026, 8, 14), "R-21x"), (date(2026, 8, 15), "R-21")):
        found = judged(there, "source_2", as_of=day)
        assert rule in ids(found, found.exempt[0])
        assert rule not in ids(found, found.hits[0])


def test_supersession_is_followed_through_several_rows(scene):
    rules = load_ruleset("hubei", TODAY).every()
    chain = [
        rules[0].model_copy(update={"id": name, "supersedes": older})
        for name, older in (("Z-1", ()), ("Z-2", ("Z-1",)), ("Z-3", ("Z-2",)))
    ]
    frame = facility(scene, "free", passed="Z-1").stack.require("facility").vector()
    frame["technology"], frame["component"] = rules[0].technologies[0].value, "pv_array"
    (group,), notes = groups(frame, chain)
    assert group.rules == {"Z-1", "Z-2", "Z-3"}
    assert notes == ()
    (newest,), _ = groups(frame.assign(passed="Z-3"), chain)
    assert newest.rules == {"Z-3"}


def test_a_rule_newer_than_the_approval_still_holds(scene):
    """The wind notice of 2026 superseded nothing in the red line: older farms did not pass it."""
    there = facility(
        scene, "redline", technology="wind", component="turbine_base", approved="2025-06-01"
    )
    found = judged(there, "redline", (Technology.WIND, Component.TURBINE_BASE))
    assert "R-02" in ids(found, found.exempt[0])
    assert "R-05" in ids(found, found.hits[0])
    assert found.verdict[0] == Verdict.PROHIBITED


def test_nothing_is_exempt_before_the_approval(scene):
    there = facility(scene, "farmland", approved="2025-06-01")
    before = judged(there, "farmland", as_of=date(2025, 5, 31))
    after = judged(there, "farmland", as_of=date(2025, 6, 1))
    assert before.exempt == ((),)
    assert before.verdict[0] == Verdict.PROHIBITED
    assert {"R-06", "R-09"} <= ids(after, after.exempt[0])
    listed = facility(scene, "farmland", status="approved", approved="2027-06-01", passed="R-06")
    assert judged(listed, "farmland").exempt == ((),)
    typed = facility(scene, "farmland", approved=pd.Timestamp("2027-06-01"), passed="R-06")
    assert judged(typed, "farmland").exempt == ((),)
    assert judged(typed, "farmland", as_of=date(2027, 6, 1)).exempt != ((),)


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        ({"technology": "nuclear", "passed": "R-06"}, "技术类型不明"),
        ({"technology": None, "passed": "R-06"}, "技术类型不明"),
        ({"component": "dam", "passed": "R-06"}, "组成部分不明"),
        ({"component": "turbine_base", "passed": "R-06"}, "组成部分不明"),
        ({"status": "planned", "passed": "R-06"}, "状态不明"),
        ({"status": "", "approved": "2024-05-06"}, "状态不明"),
        ({"status": "approved"}, "既无核准日期"),
        ({"status": "built"}, "既无核准日期"),
        ({"approved": "去年"}, "核准日期不是"),
        ({"approved": "2024/06/01", "passed": "R-06"}, "核准日期不是"),
        ({"approved": 2024.5, "passed": "R-06"}, "核准日期不是"),
        ({"passed": "R-999"}, "R-999"),
    ],
)
def test_what_cannot_be_told_exempts_nothing_and_is_noted(scene, cells, word):
    there = facility(scene, "farmland", **cells)
    planes = there.screen()
    assert planes.bits.exemptions == ()
    assert any("设施" in note.zh and word in note.zh for note in planes.notes)
    assert judged(there, "farmland").verdict[0] == Verdict.PROHIBITED


def test_technical_limits_scores_and_grade_c_are_not_passed_by_date(scene):
    rules = load_ruleset("hubei", TODAY).every()
    frame = facility(scene, "free", approved="2024-05-06").stack.require("facility").vector()
    (group,), _ = groups(frame, rules)
    by_id = {rule.id: rule for rule in rules}
    passed = [by_id[one] for one in group.rules]
    assert passed
    assert not any(rule.technical or rule.effect is Effect.PREFERRED for rule in passed)
    assert all(rule.applies(*ARRAY) and rule.decides for rule in passed)
    assert all(not rule.scenario for rule in passed)


def test_unknown_ground_is_exempt_too(scene):
    """Red line drawn in part only: the plant that passed R-02 need not wait for the rest."""
    west, south, _, north = scene.grid.bounds
    part = scene.having("eco_redline", coverage=box(west, south, west + 900, north))
    spot = "source_2"
    assert judged(part, spot).verdict[0] == Verdict.UNKNOWN
    there = facility(part, spot, passed="R-01 R-02 R-04")
    found = judged(there, spot)
    assert State.EXEMPT in found.state[0]
    assert found.verdict[0] == Verdict.APPROVAL
    assert not {"R-01", "R-02"} & {u.rule_id for u in found.undecided}


def test_overlapping_facilities_keep_their_own_exemptions(scene):
    spot = scene.spot_box("farmland")
    rows = [
        {**BASE, "approved": "", "passed": "R-06", "geometry": spot},
        {**BASE, "approved": "", "passed": "R-09", "geometry": spot},
        {**BASE, "component": "station", "approved": "", "passed": "R-06", "geometry": spot},
    ]
    there = scene.adding("facility", rows)
    planes = there.screen()
    assert len(planes.bits.exemptions) == 3
    table = one_pattern(planes, *there.cell("farmland"))
    assert all(table.ground(one).all() for one in planes.bits.exemptions)
    found = judged(there, "farmland")
    assert ids(found, found.exempt[0]) == {"R-06", "R-09"}
    other = one_pattern(planes, *there.cell("arable"))
    assert not any(other.ground(one).any() for one in planes.bits.exemptions)


def test_many_approvals_need_few_bits(scene):
    """Forty plants approved on forty days: a number above the predicates, not forty bits."""
    spot = scene.spot_box("farmland")
    west, south, _, north = spot.bounds
    rows = [
        {**BASE, "approved": f"2024-0{1 + i // 20}-{1 + i % 20:02d}", "passed": "",
         "geometry": box(west + 7 * i, south, west + 7 * i + 7, north)}
        for i in range(40)
    ]  # fmt: skip
    there = scene.adding("facility", rows)
    planes = there.screen()
    assert len(planes.bits.exemptions) == 40
    assert int(planes.hit.max()).bit_length() <= planes.bits.planes + 6
    assert planes.hit.dtype == np.uint64


def test_predicates_are_the_same_with_and_without_facilities(scene, screening):
    there = facility(scene, "farmland", passed="R-06")
    planes = there.screen()
    mask = planes.hit.dtype.type((1 << planes.bits.planes) - 1)
    assert np.array_equal(planes.hit & mask, screening.hit)
    assert np.array_equal(planes.unknown, screening.unknown)
    assert planes.bits.bit_of == screening.bits.bit_of


def test_verdict_of_synthetic_facility_begins_as_a_demo(scene):
    there = facility(scene, "farmland", passed="R-06 R-09")
    planes = there.screen()
    assert planes.passport.synthetic
    assert "facility" in planes.passports
    table = one_pattern(planes, *there.cell("farmland"))
    answer = explain(table, 0, judge(table, load_ruleset("hubei", TODAY), *ARRAY))
    assert answer.text.zh.startswith("演示，无法律意义")
    assert "免于 2 项" in answer.text.zh


def test_reservoir_that_is_itself_a_wetland_park(scene):
    """潘口-like: works at a standing reservoir inside the park made of it."""
    there = facility(
        scene, "park", technology="hydro", component="existing_reservoir_works", passed="R-11be"
    )
    bare, found = judged(scene, "park", WORKS), judged(there, "park", WORKS)
    assert "R-11be" in ids(bare, bare.hits[0])
    assert "R-11be" in ids(found, found.exempt[0])
    assert "R-11be" not in ids(found, found.hits[0])
    assert found.verdict[0] > bare.verdict[0]


def test_a_county_rule_is_passed_by_its_own_id_or_day_only(scene, tmp_path):
    """A county that has since become stricter binds a plant that passed the older rule."""
    path = tmp_path / "own.yaml"
    path.write_text(
        """title: {zh: 测试, en: test}
counties: {}
sources:
  S-1: {title: 某县文件（测试用）, locator: none, grade: A}
overrides:
  - id: FX-1
    county: "420325"
    rule: R-42
    change: effect
    effect: prohibited
    reason: {zh: 测试理由, en: a reason}
    instrument: {zh: 房县测试文件, en: paper of the test}
    clause: 第一条
    valid_from: 2025-01-01
    grade: A
    sources: [S-1]
""",
        encoding="utf-8",
    )
    rules = load_ruleset("hubei", TODAY, overrides=path)
    whole = box(*scene.grid.bounds)
    county = scene.adding("counties", [{"code": "420325", "name": "房县", "geometry": whole}])
    wanted = {"R-42": False, "R-42@420325": True, "": False}
    for passed, exempt in wanted.items():
        day = "" if passed else "2024-06-01"
        there = facility(county, "airport", passed=passed, approved=day)
        table = one_pattern(screen(there.stack, rules, scene.parameters), *there.cell("airport"))
        found = judge(table, rules, *ARRAY)
        assert ("R-42@420325" in ids(found, found.exempt[0])) == exempt
    there = facility(county, "airport", approved="2025-06-01")
    table = one_pattern(screen(there.stack, rules, scene.parameters), *there.cell("airport"))
    found = judge(table, rules, *ARRAY)
    assert "R-42@420325" in ids(found, found.exempt[0])


def test_facilities_in_another_crs_or_without_a_column_are_refused(scene):
    there = facility(scene, "farmland", passed="R-06")
    frame = there.stack.require("facility").vector()
    with pytest.raises(CrsError):
        there.having("facility", data=frame.to_crs(4490)).screen()
    with pytest.raises(VectorError, match="passed"):
        there.having("facility", data=frame.drop(columns="passed")).screen()


def test_empty_layer_of_facilities_costs_nothing(scene, screening):
    frame = facility(scene, "farmland").stack.require("facility").vector()
    none = facility(scene, "farmland").having("facility", data=gpd.GeoDataFrame(frame.iloc[:0]))
    planes = screen(none.stack, load_ruleset("hubei", TODAY), scene.parameters)
    assert planes.hit.dtype == screening.hit.dtype
    assert np.array_equal(planes.hit, screening.hit)
