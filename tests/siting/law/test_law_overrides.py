"""What a county rules otherwise: compiled, cited, dated, and refused when it rests on nothing."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from geo.errors import CatalogError
from layers.yaml_safe import load_yaml
from siting.law.expression import parse
from siting.law.overrides import SHIPPED, Overrides
from siting.law.patterns import one_pattern
from siting.law.rules import load_ruleset
from siting.law.screening import screen
from siting.law.terms import Component, Technology, Verdict
from siting.law.verdict import State, judge

TODAY = date(2026, 11, 22)
ARRAY = (Technology.PV, Component.PV_ARRAY)
BASE = (Technology.WIND, Component.TURBINE_BASE)
HEAD = """title: {zh: 测试, en: test}
counties: {}
sources:
  S-1: {title: 某县文件（测试用）, locator: none, grade: A}
overrides:
"""
ROW = """  - id: FX-1
    county: "420325"
    rule: R-09
    change: "off"
    reason: {zh: 测试理由, en: a reason}
    instrument: {zh: 房县测试文件, en: paper of the test}
    doc_no: 测〔2026〕1号
    clause: 第一条
    valid_from: 2026-01-01
    grade: A
    sources: [S-1]
"""
NOBODY = '    routes: [{effect: approval, body: {zh: "", en: ""}}]'


def write(folder: Path, *changes: tuple[str, str], rows: str = ROW) -> Path:
    text = rows
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "own.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def in_counties(scene):
    """Return the scene cut into two counties at the spot ``tree``, both over all spots before."""
    west, south, east, north = scene.grid.bounds
    cut = scene.spot_box("arable").bounds[2] + 30
    from shapely.geometry import box

    return scene.adding(
        "counties",
        [
            {"code": "420325", "name": "房县", "geometry": box(west, south, cut, north)},
            {"code": "420323", "name": "竹山县", "geometry": box(cut, south, east, north)},
        ],
    )


def judged(scene, path, spot, pair=ARRAY, mode="explore", as_of=TODAY):
    rules = load_ruleset("hubei", as_of, overrides=path)
    planes = screen(scene.stack, rules, scene.parameters)
    return judge(one_pattern(planes, *scene.cell(spot)), rules, *pair, mode)


def ids(judgement):
    return {judgement.ruleset.rules[i].id for i in judgement.hits[0]}


def test_none_is_shipped_and_the_file_says_so():
    assert load_ruleset("hubei", TODAY).county_rules.rows == ()
    assert load_yaml(SHIPPED).data["overrides"] == []
    assert "found" in SHIPPED.read_text(encoding="utf-8")


def test_off_in_its_county_and_there_alone(scene, tmp_path):
    two = in_counties(scene)
    path = write(tmp_path)
    assert "R-09" not in ids(judged(two, path, "arable"))
    assert "R-09" in ids(judged(two, None, "arable"))
    other = write(tmp_path, ("420325", "420323"))
    assert "R-09" in ids(judged(two, other, "arable"))


def test_county_boundary_is_cell_exact(scene, tmp_path):
    two = in_counties(scene)
    rules = load_ruleset("hubei", TODAY, overrides=write(tmp_path))
    planes = screen(two.stack, rules, two.parameters)
    bit = planes.hit.dtype.type(1 << planes.bits.bit_of["county_420325"])
    west = two.grid.bounds[0]
    x = west + (np.arange(two.grid.cols) + 0.5) * two.grid.dx
    inside = x < scene.spot_box("arable").bounds[2] + 30
    assert np.array_equal((planes.hit & bit) != 0, np.broadcast_to(inside, two.grid.shape))


def test_effect_changes_with_its_own_basis(scene, tmp_path):
    path = write(
        tmp_path,
        ('change: "off"', "change: effect\n    effect: prohibited"),
        ("R-09\n", "R-42\n"),
        ("grade: A", "grade: B"),
    )
    found = judged(in_counties(scene), path, "airport")
    assert found.verdict[0] == Verdict.PROHIBITED
    assert ids(found) & {"R-42", "R-42@420325"} == {"R-42@420325"}
    rule = next(r for r in found.ruleset.rules if r.id == "R-42@420325")
    assert "《房县测试文件》 测〔2026〕1号 第一条" in rule.citation().zh
    assert rule.weak
    assert "依据待核" in found.text(0).zh
    base = next(r for r in found.ruleset.rules if r.id == "R-42")
    assert "房县" in base.note.zh
    assert "测〔2026〕1号" in base.note.zh


def test_a_county_that_says_what_holds_leaves_nothing_unstated(scene, tmp_path):
    """R-19h does not say whether the habitat is meant; a county's own effect does."""
    path = write(tmp_path, ("R-09\n", "R-19h\n"), ('"off"', "effect\n    effect: prohibited"))
    rules = load_ruleset("hubei", TODAY, overrides=path)
    own = next(rule for rule in rules.rules if rule.id == "R-19h@420325")
    assert own.stated
    assert not next(rule for rule in rules.rules if rule.id == "R-19h").stated


def test_a_number_changes(scene, tmp_path):
    path = write(
        tmp_path,
        ('change: "off"', "change: parameters\n    parameters: {settlement_wind.buffer_m: 600}"),
        ("R-09\n", "T-settlement-wind\n"),
        ("420325", "420323"),
    )
    two = in_counties(scene)
    rules = load_ruleset("hubei", TODAY, overrides=path)
    planes = screen(two.stack, rules, two.parameters)
    assert planes.hit.dtype == two.screen().hit.dtype
    row, col = two.cell("settlement")
    west = col - int(500 / 30)
    near = judge(one_pattern(planes, row, west), rules, *BASE)
    assert near.unbuildable[0]
    assert "T-settlement-wind@420323" in ids(near)
    far = judge(one_pattern(planes, row, col - int(800 / 30)), rules, *BASE)
    assert not ids(far) & {"T-settlement-wind", "T-settlement-wind@420323"}


def test_notes_tell_what_differs(scene, tmp_path):
    rules = load_ruleset("hubei", TODAY, overrides=write(tmp_path))
    assert [row.id for row in rules.overrides] == ["FX-1"]
    (note,) = rules.notes()
    assert all(word in note.zh for word in ("房县", "R-09", "不适用", "测试理由", "第一条"))
    assert "Fangxian" in note.en


def test_weak_override_is_undecided_in_legal_mode(scene, tmp_path):
    two = in_counties(scene)
    weak = judged(two, write(tmp_path, ("grade: A", "grade: B")), "arable", mode="legal")
    assert [u.rule_id for u in weak.undecided if u.kind == "override"] == ["R-09"]
    stricter = [('change: "off"', "change: effect\n    effect: prohibited")]
    strong = judged(two, write(tmp_path, *stricter), "arable", mode="legal")
    assert not [u for u in strong.undecided if u.kind == "override"]


def test_a_county_alone_does_not_decide_what_is_milder_than_the_law(scene, tmp_path):
    two = in_counties(scene)
    off = judged(two, write(tmp_path), "arable", mode="legal")
    assert [u.rule_id for u in off.undecided if u.kind == "override"] == ["R-09"]


def test_a_day_before_the_override_knows_the_rule_only(scene, tmp_path):
    two, path = in_counties(scene), write(tmp_path)
    assert "R-09" in ids(judged(two, path, "arable", as_of=date(2025, 12, 31)))
    rules = load_ruleset("hubei", TODAY, overrides=path)
    planes = screen(two.stack, rules, two.parameters)
    before = rules.on(date(2025, 12, 31))
    assert set(before.predicates) == set(rules.predicates)
    assert before.overrides == ()
    table = one_pattern(planes, *two.cell("arable"))
    assert "R-09" in ids(judge(table, before, *ARRAY))


def test_override_of_a_rule_not_in_force_is_said_to_be_idle(tmp_path):
    rules = load_ruleset("hubei", TODAY, overrides=write(tmp_path, ("R-09\n", "R-20x\n")))
    assert rules.overrides == ()
    assert "不是现行条文" in rules.notes()[0].zh


def test_absent_counties_leave_the_rule_unscreened(scene, tmp_path):
    found = judged(scene, write(tmp_path), "arable")
    column = [found.ruleset.rules[i].id for i in found.rules].index("R-09")
    assert found.state[0, column] == State.UNSCREENED
    legal = judged(scene, write(tmp_path), "arable", mode="legal")
    assert legal.verdict[0] in {Verdict.UNKNOWN, Verdict.PROHIBITED}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ([("R-09\n", "R-0999\n")], "unknown rule R-0999"),
        ([('"420325"', '"420399"')], "unknown county code 420399"),
        ([("[S-1]", "[S-2]")], "unknown source S-2"),
        ([("[S-1]", "[]")], "sources"),
        ([("    sources: [S-1]\n", "")], "lacks the key overrides.0.sources"),
        ([("grade: A", "valid_to: 2026-06-30\n    grade: A")], "expired on 2026-06-30"),
        ([("grade: A", "valid_to: 2025-06-30\n    grade: A")], "valid_to is before"),
        ([('"off"', "effect")], "effect and change differ"),
        ([('"off"', "parameters")], "parameters and change differ"),
        ([('"off"', "effect\n    effect: replan_line")], "a route effect needs"),
        ([('"off"', "effect\n    effect: unbuildable")], "is no law"),
        ([('"off"', "parameters\n    parameters: {arable.buffer_m: 5}")], "unknown parameter"),
        ([('"off"', "sometimes")], "change"),
        ([("grade: A", "grade: C")], "grade C takes no part"),
        ([("grade: A", "grade: prior")], "grade prior takes no part"),
        (
            [("R-09\n", "T-slope-pv\n"), ('"off"', "effect\n    effect: prohibited")],
            "is a technical limit and cannot be made law",
        ),
        ([('"off"', f"effect\n    effect: approval\n{NOBODY}")], "does not say who decides"),
        ([("id: FX-1", "id: FX 1")], "id"),
        ([("doc_no", "docno")], "did you mean doc_no"),
    ],
)
def test_a_row_that_rests_on_nothing_is_one_clear_line(tmp_path, changes, word):
    path = write(tmp_path, *changes)
    with pytest.raises(CatalogError, match=word) as found:
        load_ruleset("hubei", TODAY, overrides=path)
    assert "own.yaml:" in str(found.value)
    assert "\n" not in found.value.line("zh")


def test_two_rows_of_one_rule_county_and_day_are_refused(tmp_path):
    twice = ROW + ROW.replace("FX-1", "FX-2")
    with pytest.raises(CatalogError, match="FX-2 repeats FX-1"):
        load_ruleset("hubei", TODAY, overrides=write(tmp_path, rows=twice))
    later = ROW + ROW.replace("FX-1", "FX-2").replace("valid_from: 2026", "valid_from: 2028")
    ended = later.replace("2026-01-01\n", "2026-01-01\n    valid_to: 2027-12-31\n")
    rules = load_ruleset("hubei", TODAY, overrides=write(tmp_path, rows=ended))
    assert [row.id for row in rules.overrides] == ["FX-1"]


def test_several_counties_share_one_rule(tmp_path):
    codes = ("420325", "420323", "420324", "420381")
    rows = "".join(
        ROW.replace("FX-1", f"FX-{i}").replace("420325", code) for i, code in enumerate(codes)
    )
    rules = load_ruleset("hubei", TODAY, overrides=write(tmp_path, rows=rows))
    rule = next(r for r in rules.rules if r.id == "R-09")
    assert {f"county_{code}" for code in codes} <= set(rule.expression.names())
    assert rule.expression.affirmed() == ("arable",)


@pytest.mark.parametrize(
    "text", ["a and not b", "not (a or b) and c", "(a or not (b and c)) and not (d or e)"]
)
def test_expression_is_written_back_as_it_was_read(text):
    tree = parse(text)
    assert parse(tree.text()) == tree
    renamed = tree.renamed({"a": "z"})
    assert "z" in renamed.names()
    assert "a" not in renamed.names()
    assert renamed.renamed({"z": "a"}) == tree


def test_no_overrides_change_nothing():
    plain = load_ruleset("hubei", TODAY)
    assert plain.every() == tuple(rule for table in plain.tables for rule in table.rules)
    assert Overrides().in_force(TODAY) == ()
    for one, other in pairwise([plain.predicates, plain.on(TODAY).predicates]):
        assert one == other
