"""What-ifs: switched on by name, said of every verdict, never law."""

from datetime import date

import pytest

from geo.errors import OptionError
from siting.law.patterns import one_pattern
from siting.law.rules import load_ruleset, scenarios
from siting.law.screening import screen
from siting.law.terms import COMPONENTS, Component, Technology
from siting.law.verdict import judge

TODAY = date(2026, 11, 22)
ARRAY = (Technology.PV, Component.PV_ARRAY)
PAIRS = [(t, c) for t, components in COMPONENTS.items() for c in components]
SAID = "假设情景，非现行法律"


def test_scenarios_are_known_and_none_is_law():
    assert {"corridor", "zoning", "national_park"} <= set(scenarios())
    law = load_ruleset("hubei", TODAY)
    assert law.what_if == ()
    assert not any(rule.scenario for rule in law.rules)
    assert not any("candidate" in name or "corridor" in name for name in law.predicates)


@pytest.mark.parametrize("name", scenarios())
def test_only_the_rows_of_the_scenario_are_added(name):
    law, supposed = load_ruleset("hubei", TODAY), load_ruleset("hubei", TODAY, what_if=[name])
    assert supposed.what_if == (name,)
    more = [rule for rule in supposed.rules if rule not in law.rules]
    assert more
    assert {rule.scenario for rule in more} == {name}
    assert len(supposed.rules) == len(law.rules) + len(more)
    assert set(law.predicates) < set(supposed.predicates)
    assert supposed.on(date(2025, 1, 1)).what_if == (name,)


@pytest.mark.parametrize(
    ("spot", "name"), [("corridor", "corridor"), ("zoning_priority", "zoning"),
                       ("candidate", "national_park")],
)  # fmt: skip
def test_a_what_if_acts_where_it_is_switched_on_and_says_so(scene, screening, supposed, spot, name):
    rules = load_ruleset("hubei", TODAY, what_if=[name])
    law = load_ruleset("hubei", TODAY)
    worse = 0
    for pair in PAIRS:
        plain = judge(one_pattern(screening, *scene.cell(spot)), law, *pair)
        found = judge(one_pattern(supposed, *scene.cell(spot)), rules, *pair)
        hits = [rules.rules[i] for i in found.hits[0]]
        worse += any(rule.scenario == name for rule in hits)
        assert found.verdict[0] <= plain.verdict[0]
        assert SAID in found.text(0).zh
        assert "what-if" in found.text(0).en
        assert SAID not in plain.text(0).zh
    assert worse


def test_caveat_says_it(scene, supposed):
    rules = load_ruleset("hubei", TODAY, what_if=["zoning"])
    caveat = rules.caveat()
    assert caveat is not None
    assert SAID in caveat.zh
    early = rules.on(date(2025, 1, 1)).caveat()
    assert early is not None
    assert SAID in early.zh
    assert "2026-08-15" in early.zh
    assert rules.period() is None
    clear = judge(one_pattern(supposed, *scene.cell("free")), rules, *ARRAY)
    assert SAID in clear.text(0).zh
    assert not [u for u in clear.undecided if u.kind == "period"]


def test_unknown_scenario_names_the_known(scene):
    with pytest.raises(OptionError, match="did you mean zoning"):
        load_ruleset("hubei", TODAY, what_if=["zonning"])
    with pytest.raises(OptionError, match="corridor"):
        load_ruleset("hubei", TODAY, what_if=["x"])


def test_repeated_scenario_counts_once():
    twice = load_ruleset("hubei", TODAY, what_if=["zoning", "zoning"])
    assert twice.what_if == ("zoning",)
    assert len(twice.rules) == len(load_ruleset("hubei", TODAY, what_if=["zoning"]).rules)


@pytest.mark.parametrize("name", scenarios())
def test_no_what_if_in_legal_mode(scene, supposed, name):
    rules = load_ruleset("hubei", TODAY, what_if=[name])
    table = one_pattern(supposed, *scene.cell("free"))
    with pytest.raises(OptionError, match="legal mode"):
        judge(table, rules, *ARRAY, "legal")
    judge(table, load_ruleset("hubei", TODAY), *ARRAY, "legal")


def test_absent_scenario_layer_is_said_not_clear(scene):
    less = scene.without("zoning_unit")
    rules = load_ruleset("hubei", TODAY, what_if=["zoning"])
    planes = screen(less.stack, rules, less.parameters)
    found = judge(one_pattern(planes, *less.cell("zoning_priority")), rules, *ARRAY)
    assert any(rules.rules[i].scenario == "zoning" for i in found.unscreened)
    assert found.screened < found.total


def test_scenario_layers_cost_the_law_no_bit(scene, screening, supposed):
    assert screening.bits.planes < supposed.bits.planes
    assert not set(screening.bits.absent) & {"plan_corridor", "zoning_unit"}
