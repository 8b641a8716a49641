"""The rule table is sound: sources, dates, lineage, known layers and columns."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from pathlib import Path

import pytest

from geo.errors import CatalogError, OptionError
from layers.contract import SPECS
from siting.law.expression import parse
from siting.law.lint import WHAT_IF_LAYERS, lint, out_of_force, warnings
from siting.law.predicates import SLOPE, Parameters, bind_all
from siting.law.rules import JURISDICTIONS, RuleTable, load_ruleset, load_table, scenarios
from siting.law.terms import COMPONENTS, EFFECT_VERDICT, Component, Effect, Technology

TODAY = date(2026, 11, 22)
FOLDER = next(iter(JURISDICTIONS.values())).parents[1]
TABLES = [*JURISDICTIONS.values(), FOLDER / "technical.yaml", FOLDER / "scenarios.yaml"]
ROWS = [(path.name, rule) for path in TABLES for rule in load_table(path).rules]

MINIMAL = """
title: {zh: 表, en: table}
predicates:
  red: {title: {zh: 红线, en: red line}, layer: eco_redline}
sources:
  S: {title: t, locator: l, grade: A}
repealed:
  旧法: {"on": 2026-08-15, by: 新法, clause: 第1条}
rules:
  - id: X-1
    title: {zh: 甲, en: a}
    when: red
    technologies: [pv]
    effect: prohibited
    instrument: {zh: 旧法, en: old law}
    clause: 第1条
    valid_from: 2018-01-01
    valid_to: 2026-08-14
    ended_by: 新法 第1条
    grade: A
    sources: [S]
  - id: X-2
    title: {zh: 乙, en: b}
    when: red
    technologies: [pv]
    effect: prohibited
    instrument: {zh: 新法, en: new law}
    clause: 第2条
    valid_from: 2026-08-15
    supersedes: [X-1]
    grade: A
    sources: [S]
"""
#: End of the table, and a third row on the same ground by the instrument of X-2.
END = "    supersedes: [X-1]\n    grade: A\n    sources: [S]\n"
ROW = """  - id: X-3
    title: {{zh: 丙, en: c}}
    when: {when}
    technologies: [pv]
    components: [pv_array]
    effect: {effect}
    instrument: {{zh: 新法, en: new law}}
    clause: 第3条
    valid_from: 2026-09-01
    grade: A
    sources: [S]
"""
ROUTE = """    routes:
      - {effect: approval, body: {zh: "", en: ""}}
"""


def table_of(tmp_path: Path, *changes: tuple[str, str]) -> RuleTable:
    text = MINIMAL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "t.yaml"
    path.write_text(text, encoding="utf-8")
    load_table.cache_clear()
    return load_table(path)


@pytest.mark.parametrize("path", TABLES, ids=lambda p: p.name)
def test_shipped_tables_are_sound(path: Path) -> None:
    assert lint(load_table(path), TODAY) == ()


@pytest.mark.parametrize(("name", "rule"), ROWS, ids=lambda x: getattr(x, "id", x))
def test_every_row_says_what_a_reader_needs(name: str, rule: object) -> None:
    assert rule.title.zh  # type: ignore[attr-defined]
    assert rule.title.en  # type: ignore[attr-defined]
    assert rule.sources  # type: ignore[attr-defined]
    assert rule.clause  # type: ignore[attr-defined]
    assert rule.technical or rule.instrument.zh or rule.doc_no  # type: ignore[attr-defined]
    assert rule.citation().zh  # type: ignore[attr-defined]
    assert rule.technical or rule.effect in EFFECT_VERDICT  # type: ignore[attr-defined]
    assert rule.technical == (name == "technical.yaml")  # type: ignore[attr-defined]
    assert bool(rule.scenario) == (name == "scenarios.yaml")  # type: ignore[attr-defined]
    assert all(d.zh and d.en for d in rule.documents)  # type: ignore[attr-defined]


def test_rows_of_the_references_are_there() -> None:
    """R-01 to R-49, the rows of the second pass, and the routes of the storage programme."""
    ids = {rule.id for _, rule in ROWS}
    base = {one.rstrip("abcdefghijklmnopqrstuvwxyz") for one in ids}
    wanted = {f"R-{n:02d}" for n in range(1, 50)}
    assert wanted <= base
    later = "R-02b R-05c R-08 R-11b R-12 R-14 R-15 R-17 R-18x R-19d R-19e R-23b R-29w T-11 T-12"
    assert set(later.split()) <= ids
    assert len([one for one in ids if one[0] in "RT"]) >= 75


def test_warnings_are_permits_whose_papers_are_not_known() -> None:
    found = {line.split(":")[0] for path in TABLES for line in warnings(load_table(path))}
    assert found == {
        "R-12", "R-12c", "R-12h", "R-12n", "R-19b", "R-19e", "R-21", "R-21x", "R-22", "R-22x",
        "R-23", "R-27", "R-27z", "R-31", "R-35", "R-46a",
    }  # fmt: skip


def test_method_note_names_every_row_and_counts_them() -> None:
    text = (FOLDER.parents[1] / "docs/methods/screening.md").read_text(encoding="utf-8")
    words = set(text.replace(";", " ").replace(":", " ").replace(",", " ").split())
    assert {rule.id for _, rule in ROWS} <= words
    law = load_table(JURISDICTIONS["hubei"])
    today = [rule for rule in law.rules if rule.in_force(TODAY)]
    layers = {predicate.layer for predicate in law.predicates.values()}
    said = (
        f"{len(law.rules)} rows of law over {len(layers)} layers ({len(law.predicates)} questions)"
    )
    assert f"{said}, {len(today)} in force on 2026-11-22" in text
    for grade in ("A", "A*", "A-text", "B", "C"):
        assert f"{grade} {sum(rule.grade == grade for rule in law.rules)}" in text
    read = sum(rule.dates == "read" for rule in law.rules)
    assert f"{read} rows have dates that were read, {len(law.rules) - read} from memory" in text


def test_what_if_layers_are_never_law() -> None:
    law = load_ruleset("hubei", TODAY)
    assert not {p.layer for p in law.predicates.values()} & WHAT_IF_LAYERS
    assert set(scenarios()) == {"corridor", "zoning", "national_park"}
    supposed = load_ruleset("hubei", TODAY, what_if=scenarios())
    assert {p.layer for p in supposed.predicates.values()} >= WHAT_IF_LAYERS


def test_one_instrument_says_one_thing_of_a_component_on_the_same_ground() -> None:
    """No row sends a component two ways: a road is not both replanned and certified."""
    rows = load_table(JURISDICTIONS["hubei"]).rules
    for one, other in combinations(rows, 2):
        same = (one.doc_no or one.instrument.zh) == (other.doc_no or other.instrument.zh)
        if not same or one.when != other.when or out_of_force([one], other.valid_from):
            continue
        for technology, components in COMPONENTS.items():
            for component in components:
                both = one.applies(technology, component) and other.applies(technology, component)
                assert not both, (one.id, other.id, component)


@pytest.mark.parametrize("day", [date(1990, 1, 1), TODAY, date(2035, 1, 1)])
def test_technical_limits_hold_on_any_day(day: date) -> None:
    rows = [rule for rule in load_ruleset("hubei", day).rules if rule.technical]
    assert {rule.id for rule in rows} == {r.id for name, r in ROWS if name == "technical.yaml"}
    assert {rule.id for rule in load_ruleset(None, day).rules} == {rule.id for rule in rows}


def test_every_predicate_has_a_unit() -> None:
    units = {name: one.unit for path in TABLES for name, one in load_table(path).predicates.items()}
    assert set(units.values()) <= {"m", "°", "%", "class", "feature"}
    assert units["shrub_dense"] == "%"
    assert units["line_zone"] == units["airport_core"] == "m"
    assert units["redline"] == "feature"
    assert units["tree"] == "class"
    assert units["slope_pv"] == "°"


def test_all_predicates_fit_one_word() -> None:
    """With every what-if, and limits of the user's that share no bit with the sweep."""
    rules = load_ruleset("hubei", TODAY, what_if=scenarios())
    own = Parameters(24.0, 31.0, 10.0, 60.0)
    distinct, _ = bind_all(rules.predicates, own)
    assert len(distinct) <= 64


def test_rules_used_outside_their_days_are_named() -> None:
    rows = {rule.id: rule for _, rule in ROWS}
    assert out_of_force([rows["R-20"], rows["R-01"]], TODAY) == ()
    old, early = out_of_force([rows["R-20x"], rows["R-20"]], date(2026, 8, 14)), date(2026, 8, 15)
    assert old == ("R-20: used on 2026-08-14, in force from 2026-08-15",)
    assert out_of_force([rows["R-20x"]], early) == (
        "R-20x: used on 2026-08-15, expired on 2026-08-14",
    )
    for day in (date(2023, 6, 1), date(2025, 6, 1), TODAY):
        assert out_of_force(load_ruleset("hubei", day).rules, day) == ()


def test_every_predicate_reads_a_layer_of_the_contract() -> None:
    for path in TABLES:
        for predicate in load_table(path).predicates.values():
            assert predicate.layer == SLOPE or predicate.layer in SPECS
            assert set(predicate.columns()) <= set(
                SPECS[predicate.source_layer].columns if not predicate.is_raster else ()
            )
            if predicate.values is not None:
                assert set(predicate.values) <= set(SPECS[predicate.layer].classes)


def test_grade_c_never_prohibits_alone_without_saying_so() -> None:
    for _, rule in ROWS:
        if rule.grade == "C":
            assert not rule.decides


@pytest.mark.parametrize("day", [date(2023, 6, 1), date(2025, 6, 1), TODAY, date(2031, 6, 1)])
def test_every_component_has_rules_on_every_day(day: date) -> None:
    rules = load_ruleset("hubei", day)
    for technology, components in COMPONENTS.items():
        for component in components:
            assert rules.applicable(technology, component)


def test_no_jurisdiction_has_no_law() -> None:
    rules = load_ruleset(None, TODAY)
    assert rules.rules
    assert all(rule.technical for rule in rules.rules)
    assert all(p.layer in {SLOPE, "settlement"} for p in rules.predicates.values())
    text = (FOLDER / "technical.yaml").read_text(encoding="utf-8")
    assert not any(word in text for word in ("十堰", "湖北", "Hubei", "Shiyan"))


def test_unknown_jurisdiction() -> None:
    with pytest.raises(OptionError, match="atlantis"):
        load_ruleset("atlantis", TODAY)


def split(folder: Path, parts: str, row: str = "") -> Path:
    """Write the example as a table and a part, and return the table."""
    head, _, rows = MINIMAL.partition("rules:\n")
    (folder / "table.yaml").write_text(f"{head}parts: {parts}\n", encoding="utf-8")
    (folder / "red.yaml").write_text(f"rules:\n{row or rows}\n", encoding="utf-8")
    return folder / "table.yaml"


def test_a_table_in_parts_is_the_same_table(tmp_path: Path) -> None:
    (tmp_path / "whole.yaml").write_text(MINIMAL, encoding="utf-8")
    whole = load_table(tmp_path / "whole.yaml")
    assert load_table(split(tmp_path, "[red.yaml]")) == whole


def test_a_fault_in_a_part_names_the_part_and_its_line(tmp_path: Path) -> None:
    broken = MINIMAL.partition("rules:\n")[2].replace("effect: prohibited", "effect: forbidden")
    with pytest.raises(CatalogError, match=r"red\.yaml:6"):
        load_table(split(tmp_path, "[red.yaml]", broken))


@pytest.mark.parametrize("parts", ["[../red.yaml]", "red.yaml", "[missing.yaml]", "[[red.yaml]]"])
def test_parts_lie_beside_their_table(tmp_path: Path, parts: str) -> None:
    with pytest.raises(CatalogError):
        load_table(split(tmp_path, parts))


def test_sound_example(tmp_path: Path) -> None:
    assert lint(table_of(tmp_path), TODAY) == ()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ([("    supersedes: [X-1]\n", "")], "without a successor"),
        (
            [("    valid_to: 2026-08-14\n    ended_by: 新法 第1条\n", "")],
            "repealed on 2026-08-15",
        ),
        ([("    ended_by: 新法 第1条\n", "")], "without a term or a clause"),
        (
            [("    ended_by: 新法 第1条\n", "    term_years: 5\n")],
            "stretched past its term 2022-12-31",
        ),
        (  # a text that cites no source of the row extends no term
            [("    ended_by: 新法 第1条\n", "    ended_by: 新法施行\n    term_years: 5\n")],
            "stretched past its term 2022-12-31",
        ),
        (
            [
                ("{zh: 旧法, en: old law}", "{zh: 中华人民共和国旧法（2017）, en: old law}"),
                ("    supersedes: [X-1]\n", ""),
            ],
            "cites the repealed 旧法",
        ),
        (
            [("valid_to: 2026-08-14", "valid_to: 2026-08-20")],
            "still in force on 2026-08-15",
        ),
        (
            [("    valid_from: 2018-01-01", "    issued: 2019-01-01\n    valid_from: 2018-01-01")],
            "before it was issued",
        ),
        (
            [("sources:\n  S", "  spare: {title: {zh: x, en: x}, layer: river}\nsources:\n  S")],
            "used by no rule",
        ),
        (
            [
                (
                    "sources:\n  S",
                    "  red2: {title: {zh: x, en: x}, layer: eco_redline}\nsources:\n  S",
                )
            ],
            "asks the same as red",
        ),
        (  # over, nothing follows, no reason
            [
                ("{zh: 旧法, en: old law}", "{zh: 通知, en: notice}"),
                ("valid_from: 2018-01-01", "valid_from: 2021-08-15"),
                ("    ended_by: 新法 第1条\n", "    term_years: 5\n"),
                ("    supersedes: [X-1]\n", ""),
            ],
            "X-1: expired on 2026-08-14, nothing follows it",
        ),
        ([(END, END + ROW.format(effect="preferred", when="red"))], "prohibited"),
        ([(END, END + ROW.format(effect="penalty", when="red or red"))], "one instrument says"),
        ([(END, END + ROW.format(effect="prohibited", when="red"))], "the same effect twice"),
        (
            [(END, END + ROW.format(effect="preferred", when="red").replace("新法", "别法"))],
            "the same ground is preferred and prohibited",
        ),
        ([(END, END + ROW.format(effect="approval", when="red"))], "approval without a route"),
        (
            [(END, END + ROW.format(effect="approval", when="red") + ROUTE)],
            "does not say who decides",
        ),
        (
            [(END, END + ROW.format(effect="penalty", when="red") + "    scenario: corridor\n")],
            "a row of scenario corridor in a table of law",
        ),
        (
            [(END, END + ROW.format(effect="penalty", when="red") + "    scenario: corridor\n")],
            "does not say that it is no law",
        ),
        ([("layer: eco_redline", "layer: plan_corridor")], "reads the what-if layer plan_corridor"),
    ],
)
def test_lint_finds(tmp_path: Path, changes: list[tuple[str, str]], fault: str) -> None:
    faults = lint(table_of(tmp_path, *changes), TODAY)
    assert any(fault in one for one in faults), faults


def test_rows_side_by_side_are_no_contradiction(tmp_path: Path) -> None:
    """Another instrument, another component, another time or other ground."""
    row = ROW.format(effect="approval", when="red") + ROUTE.replace('""', '"林业局"')
    for old, new in (
        ("{zh: 新法, en: new law}", "{zh: 别法, en: other law}"),
        (
            "valid_from: 2026-09-01",
            "valid_from: 2018-01-01\n    valid_to: 2020-01-01\n    ended_by: x",
        ),
        ("when: red", "when: not red"),
    ):
        assert old in row
        assert lint(table_of(tmp_path, (END, END + row.replace(old, new))), TODAY) == ()
    split = [
        (
            "effect: prohibited\n    instrument: {zh: 新法",
            "components: [road]\n    effect: prohibited\n    instrument: {zh: 新法",
        ),
        (END, END + row),
    ]
    assert lint(table_of(tmp_path, *split), TODAY) == ()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("when: red", "when: blue", "unknown predicate blue"),
        ("when: red", "when: red and 1", "no predicate expression"),
        ("when: red", "when: red or __import__('os')", "no predicate expression"),
        ("layer: eco_redline", "layer: eco_redlin", "unknown layer"),
        ("layer: eco_redline", "layer: eco_redline, where: {zone: [a]}", "no column zone"),
        ("layer: eco_redline", "layer: eco_redline, above: 3", "a vector takes"),
        ("layer: eco_redline", "layer: eco_redline, buffer_m: some_limit", "unknown parameter"),
        ("sources: [S]", "sources: []", "too_short|at least 1"),
        ("sources: [S]", "sources: [Z]", "unknown source Z"),
        ("grade: A\n    sources", "grade: Z\n    sources", "grade"),
        ("effect: prohibited", "effect: forbidden", "effect"),
        ("effect: prohibited", "effect: replan_line", "who decides"),
        ("    clause: 第1条\n    valid", "    clause: 第1条\n    typo: 1\n    valid", "typo"),
        ("valid_to: 2026-08-14", "valid_to: 2016-08-14", "before valid_from"),
        ("supersedes: [X-1]", "supersedes: [X-9]", "unknown rule X-9"),
        ("id: X-2", "id: X-1", "share an id"),
    ],
)
def test_schema_refuses(tmp_path: Path, old: str, new: str, fault: str) -> None:
    with pytest.raises(CatalogError, match=fault) as found:
        table_of(tmp_path, (old, new))
    assert found.value.exit_code == 3
    for lang in ("zh", "en"):
        assert "t.yaml:" in found.value.line(lang)


@pytest.mark.parametrize("when", ["not " * 20_000 + "red", "(" * 300 + "red" + ")" * 300, "a\0b"])
def test_expression_that_would_exhaust_the_parser(when: str) -> None:
    with pytest.raises(CatalogError, match="no predicate expression") as found:
        parse(when)
    assert len(found.value.line("en")) < 300


def test_effects_of_technologies_are_closed_lists() -> None:
    assert {rule.effect for _, rule in ROWS} <= set(Effect)
    for _, rule in ROWS:
        assert set(rule.technologies) <= set(Technology)
        assert set(rule.components) <= set(Component)
        for technology in rule.technologies:
            assert not rule.components or set(rule.components) & set(COMPONENTS[technology])
