"""The rule table is sound: sources, dates, lineage, known layers and columns."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from geo.errors import CatalogError, OptionError
from layers.contract import SPECS
from siting.law.expression import parse
from siting.law.lint import lint
from siting.law.predicates import SLOPE
from siting.law.rules import JURISDICTIONS, RuleTable, load_ruleset, load_table
from siting.law.terms import COMPONENTS, EFFECT_VERDICT, Component, Effect, Technology

TODAY = date(2026, 11, 22)
FOLDER = Path(next(iter(JURISDICTIONS.values()))).parent
TABLES = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "counties.yaml")
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
    ],
)
def test_lint_finds(tmp_path: Path, changes: list[tuple[str, str]], fault: str) -> None:
    faults = lint(table_of(tmp_path, *changes), TODAY)
    assert any(fault in one for one in faults), faults


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
