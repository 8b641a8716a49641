"""Properties that no rule table, layer or order may break, on small random stacks."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from geo.errors import CatalogError, OptionError, Say, SizeError, VectorError
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import SPECS
from layers.layer import PRESENCE_ONLY, Layer, LayerStack
from siting.law.burner import Burner
from siting.law.patterns import one_pattern, pattern_table
from siting.law.predicates import BufferByBand, Parameters, Predicate
from siting.law.rules import Rule, RuleSet, RuleTable, from_tables, load_ruleset
from siting.law.screening import rescreen, screen
from siting.law.shapes import shapes_of
from siting.law.terms import Component, Effect, Technology, Verdict
from siting.law.verdict import State, judge, rule_state

TODAY = date(2026, 11, 22)
GRID = Grid.from_bounds("EPSG:4546", (500_000, 3_600_000, 500_360, 3_600_300), 30.0)
ARRAY = (Technology.PV, Component.PV_ARRAY)
#: layer -> columns and their possible values, the last one in no closed list
VECTORS = {
    "eco_redline": {"name": ["a"]},
    "nature_reserve": {"name": ["a"], "zone": ["core", "general", "?"], "level": ["x"]},
    "permanent_farmland": {"name": ["a"]},
    "water_source": {"name": ["a"], "grade": [1, 2, 3, 9]},
    "settlement": {"name": ["a"], "rank": ["village"]},
    "power_line": {"name": ["a"], "kv": [35.0, 220.0, 9000.0]},
}
NAMES = ("redline", "core", "general", "farmland", "source", "village", "line", "arable", "dense")
PREDICATES = {
    "redline": {"layer": "eco_redline"},
    "core": {"layer": "nature_reserve", "where": {"zone": ["core"]}},
    "general": {"layer": "nature_reserve", "where": {"zone": ["general"]}},
    "farmland": {"layer": "permanent_farmland"},
    "source": {"layer": "water_source", "where": {"grade": [2]}},
    "village": {"layer": "settlement", "buffer_m": 70.0},
    "line": {
        "layer": "power_line",
        "buffer_by_band": {"column": "kv", "bands": [[110, 40], [500, 90]]},
    },
    "arable": {"layer": "land_cover", "values": [1]},
    "dense": {"layer": "shrub_cover", "at_least": 50},
}
LAWFUL = (Effect.PROHIBITED, Effect.LIMITED_ACTIVITY, Effect.APPROVAL, Effect.PENALTY)
FORMS = ("{0}", "{0} or {1}", "{0} and {1}", "{0} and not {1}", "({0} or {1}) and not {2}")
FEW = settings(max_examples=15, deadline=None)
SEEDS = st.integers(0, 2**32)


def random_layer(rng, name):
    """Return a layer of a few boxes, covering all or part of the grid, or presence only."""
    west, south, east, north = GRID.bounds
    columns = VECTORS[name]
    rows = []
    for _ in range(int(rng.integers(0, 4))):
        x, y = rng.uniform(west - 60, east), rng.uniform(south - 60, north)
        shape = box(x, y, x + rng.uniform(10, 150), y + rng.uniform(10, 150))
        row = {key: values[int(rng.integers(len(values)))] for key, values in columns.items()}
        rows.append({**row, "geometry": shape.exterior if name == "power_line" else shape})
    frame = gpd.GeoDataFrame(
        rows, columns=[*columns, "geometry"], geometry="geometry", crs=GRID.crs
    )
    part = box(west - 500, south - 500, rng.uniform(west, east), north + 500)
    return Layer(
        name,
        frame,
        SPECS[name],
        Passport(sources=("random",)),
        coverage=part if rng.random() < 0.3 else None,
        completeness=PRESENCE_ONLY if rng.random() < 0.15 else "complete",
    )


def random_stack(rng, absent=0.2):
    layers = {n: random_layer(rng, n) for n in VECTORS if rng.random() > absent}
    for name, values in (("land_cover", [0, 1, 3, 5]), ("shrub_cover", [0, 49, 50, 255])):
        if rng.random() > absent:
            data = xr.DataArray(rng.choice(values, GRID.shape).astype(np.uint8), dims=("y", "x"))
            layers[name] = Layer(name, data, SPECS[name], Passport(sources=("random",)))
    gone = {name: Say("无", "none") for name in SPECS if name not in layers}
    return LayerStack(GRID, layers, gone)


def rule(rng, number, effects=LAWFUL):
    form = FORMS[int(rng.integers(len(FORMS)))]
    effect = effects[int(rng.integers(len(effects)))]
    return Rule.model_validate(
        {
            "id": f"X-{number}",
            "title": {"zh": f"规则{number}", "en": f"rule {number}"},
            "when": form.format(*rng.permutation(NAMES)[:3]),
            "technologies": ("pv", "wind"),
            "effect": effect,
            "applicability": "unstated" if rng.random() < 0.1 else "stated",
            "instrument": {"zh": "试行办法", "en": "a trial"},
            "clause": "1",
            "valid_from": date(2020, 1, 1),
            "grade": rng.choice(["A", "A*", "B", "C"]),
            "sources": ("S",),
        }
    )


def random_rules(rng, n=8) -> RuleSet:
    rules = tuple(rule(rng, i) for i in range(n))
    table = RuleTable.model_validate(
        {
            "title": {"zh": "试", "en": "trial"},
            "predicates": {
                name: {"title": {"zh": name, "en": name}, **body}
                for name, body in PREDICATES.items()
            },
            "sources": {"S": {"title": "t", "locator": "l", "grade": "A"}},
            "rules": rules,
        }
    )
    return from_tables((table,), "hubei", TODAY)


def table_of(screening):
    zones = np.ones(GRID.shape, np.uint8)
    return pattern_table(screening, zones, np.full(GRID.shape, 900.0))


def cells(table, judgement):
    return judgement.verdict[table.index]


@FEW
@given(SEEDS, st.sampled_from(["explore", "legal"]))
def test_another_rule_never_frees_land(seed, mode):
    rng = np.random.default_rng(seed)
    stack, rules = random_stack(rng), random_rules(rng)
    table = table_of(screen(stack, rules))
    drop = int(rng.integers(len(rules.rules)))
    fewer = replace(rules, rules=rules.rules[:drop] + rules.rules[drop + 1 :])
    more, less = judge(table, rules, *ARRAY, mode), judge(table, fewer, *ARRAY, mode)
    assert (more.verdict <= less.verdict).all()


@FEW
@given(SEEDS, st.sampled_from(["explore", "legal"]))
def test_order_of_rules_and_of_predicates_does_not_matter(seed, mode):
    rng = np.random.default_rng(seed)
    stack, rules = random_stack(rng), random_rules(rng)
    order = rng.permutation(len(rules.rules))
    names = rng.permutation(list(rules.predicates))
    mixed = replace(
        rules,
        rules=tuple(rules.rules[i] for i in order),
        predicates={str(name): rules.predicates[str(name)] for name in names},
    )
    first, second = table_of(screen(stack, rules)), table_of(screen(stack, mixed))
    one, other = judge(first, rules, *ARRAY, mode), judge(second, mixed, *ARRAY, mode)
    assert np.array_equal(cells(first, one), cells(second, other))
    for row, col in rng.integers(0, 10, (5, 2)).tolist():
        said = {rules.rules[i].id for i in one.hits[first.index[row, col]]}
        again = {mixed.rules[i].id for i in other.hits[second.index[row, col]]}
        assert said == again


@FEW
@given(SEEDS, st.floats(0, 200), st.floats(0, 200))
def test_a_buffer_only_grows(seed, one, other):
    rng = np.random.default_rng(seed)
    layers = {name: random_layer(rng, name) for name in ("settlement", "power_line")}
    layers = {
        n: replace(layer, coverage=None, completeness="complete") for n, layer in layers.items()
    }
    stack = LayerStack(GRID, layers)
    planes = []
    for reach in sorted((one, other)):
        rules = random_rules(np.random.default_rng(0))
        wide = {
            "village": Predicate(title=Say("甲", "a"), layer="settlement", buffer_m=reach),
            "line": Predicate(title=Say("乙", "b"), layer="power_line", buffer_m=reach),
        }
        found = screen(stack, replace(rules, predicates=rules.predicates | wide))
        table = table_of(found)
        planes.append([table.flags(name)[0][table.index] for name in wide])
    for narrow, wide_plane in zip(*planes, strict=True):
        assert not (narrow & ~wide_plane).any()


@FEW
@given(SEEDS)
def test_unknown_is_never_clear(seed):
    """Whatever the unknown ground turns out to be, what was called clear stays clear."""
    rng = np.random.default_rng(seed)
    stack, rules = random_stack(rng, absent=0.0), random_rules(rng)
    table = table_of(screen(stack, rules))
    said = judge(table, rules, *ARRAY)
    for _ in range(4):
        odd = rng.integers(0, 2**63, table.n, dtype=np.uint64)
        truth = table.hit | (table.unknown & odd)
        known = replace(table, hit=truth, unknown=np.zeros_like(truth))
        real = judge(known, rules, *ARRAY)
        assert (real.verdict[said.verdict == Verdict.CLEAR] >= Verdict.PENALTY).all()
        assert (real.verdict[said.verdict == Verdict.PROHIBITED] == Verdict.PROHIBITED).all()


@FEW
@given(SEEDS)
def test_unknown_red_line_with_an_approval_hit_is_unknown(seed):
    rng = np.random.default_rng(seed)
    stack = random_stack(rng, absent=0.0)
    west, south, _, north = GRID.bounds
    none = box(west - 900, south - 900, west - 800, north)
    layers = dict(stack.layers)
    layers["eco_redline"] = replace(layers["eco_redline"], coverage=none, completeness="complete")
    empty = layers["eco_redline"].vector().iloc[:0]
    layers["eco_redline"] = replace(layers["eco_redline"], data=empty)
    rules = random_rules(rng, 0)
    fixed = [
        rule(rng, 0).model_copy(update={"effect": Effect.PROHIBITED, "grade": "A"}),
        rule(rng, 1).model_copy(update={"effect": Effect.APPROVAL, "grade": "A"}),
    ]
    fields = [{name: getattr(one, name) for name in Rule.model_fields} for one in fixed]
    both = [
        Rule.model_validate({**body, "when": when, "applicability": "stated"})
        for body, when in zip(fields, ("redline", "source"), strict=True)
    ]
    rules = replace(rules, rules=tuple(both))
    table = table_of(screen(LayerStack(GRID, layers), rules))
    for mode in ("explore", "legal"):
        assert (judge(table, rules, *ARRAY, mode).verdict == Verdict.UNKNOWN).all()


@FEW
@given(SEEDS)
def test_absent_layer_is_never_clear_in_legal_mode(seed):
    rng = np.random.default_rng(seed)
    stack, rules = random_stack(rng, absent=0.6), random_rules(rng)
    table = table_of(screen(stack, rules))
    legal, explore = judge(table, rules, *ARRAY, "legal"), judge(table, rules, *ARRAY)
    for column, i in enumerate(legal.rules):
        if rules.rules[i].effect is Effect.PROHIBITED and rules.rules[i].decides:
            open_ = np.isin(legal.state[:, column], (State.UNSCREENED, State.UNCOVERED))
            assert (legal.verdict[open_] <= Verdict.UNKNOWN).all()
    assert (legal.verdict <= explore.verdict).all()


@FEW
@given(SEEDS)
def test_rescreen_equals_a_full_screening(seed):
    rng = np.random.default_rng(seed)
    stack, rules = random_stack(rng), random_rules(rng)
    before = screen(stack, rules)
    names = [n for n in stack.layers if n in VECTORS]
    changed = [n for n in names if rng.random() < 0.4]
    layers = {**stack.layers, **{n: random_layer(rng, n) for n in changed}}
    if names and rng.random() < 0.2:  # one layer goes
        gone = names[int(rng.integers(len(names)))]
        layers.pop(gone)
        changed.append(gone)
    now = LayerStack(GRID, layers, stack.absent)
    hit = before.hit.copy()
    again, whole = rescreen(before, now, rules, changed), screen(now, rules)
    assert np.array_equal(before.hit, hit)
    assert np.array_equal(again.hit, whole.hit)
    assert np.array_equal(again.unknown, whole.unknown)
    assert again.hit.dtype == whole.hit.dtype
    assert (again.notes, again.told) == (whole.notes, whole.told)
    assert again.bits.bit_of == whole.bits.bit_of
    assert dict(again.bits.absent) == dict(whole.bits.absent)
    assert again.passport == whole.passport


@pytest.mark.parametrize(
    "changed", [["settlement"], ["dem"], ["facility"], ["water_source", "road"]]
)
def test_rescreen_of_the_real_table(scene, screening, changed):
    rules = load_ruleset("hubei", TODAY)
    west, south, _, north = scene.grid.bounds
    some = box(west + 500, south, west + 1500, north)
    now = scene
    for name in changed:
        if name == "dem":
            data = scene.stack.require("dem").raster()
            now = now.having("dem", data=data + 3 * xr.ones_like(data).cumsum("x"))
        elif name == "facility":
            row = {"name": "f", "technology": "pv", "component": "pv_array", "status": "built",
                   "approved": "", "passed": "R-02", "geometry": some}  # fmt: skip
            now = now.adding("facility", [row])
        else:
            frame = now.stack.require(name).vector().copy()
            frame.geometry = frame.geometry.translate(90.0, 0.0)
            now = now.having(name, data=frame)
    again = rescreen(screening, now.stack, rules, changed)
    whole = screen(now.stack, rules, now.parameters)
    assert np.array_equal(again.hit, whole.hit)
    assert np.array_equal(again.unknown, whole.unknown)
    assert again.notes == whole.notes
    back = rescreen(again, scene.stack, rules, changed)
    assert np.array_equal(back.hit, screening.hit)
    assert np.array_equal(back.unknown, screening.unknown)


def test_rescreen_burns_the_changed_layer_alone(scene, screening, monkeypatch):
    rules = load_ruleset("hubei", TODAY)
    burnt = []
    burn = Burner.burn

    def counted(self, bit, predicate):
        burnt.append(predicate.source_layer)
        burn(self, bit, predicate)

    monkeypatch.setattr(Burner, "burn", counted)
    rescreen(screening, scene.stack, rules, ["settlement"])
    assert burnt == ["settlement"] * 2
    burnt.clear()
    screen(scene.stack, rules, scene.parameters, screening.terrain)
    assert len(burnt) == screening.bits.planes > 40


def test_rescreen_refuses_a_layer_that_does_not_exist(scene, screening):
    with pytest.raises(OptionError, match="is no layer"):
        rescreen(screening, scene.stack, load_ruleset("hubei", TODAY), ["redlines"])


def test_absent_layers_do_not_count_towards_the_64(scene):
    """Seventy predicates, most without a layer: narrow planes and every question answered."""
    rules = load_ruleset("hubei", TODAY)
    title = Say("甲", "a")
    many = {
        f"p{i}": Predicate(title=title, layer="noise_zone", buffer_m=float(i)) for i in range(70)
    }
    less = scene.without("noise_zone")
    wide = replace(rules, predicates=rules.predicates | many)
    found = screen(less.stack, wide, less.parameters)
    assert found.hit.dtype == less.screen().hit.dtype
    table = one_pattern(found, *less.cell("redline"))
    assert table.flags("redline")[0].all()
    hit, unknown, missing = table.flags("p69")
    assert missing
    assert not (hit | unknown).any()
    with pytest.raises(SizeError, match="more than 64"):
        screen(scene.stack, wide, scene.parameters)


def test_rule_with_an_unknown_column_is_refused():
    with pytest.raises(ValueError, match="no column county"):
        Predicate(title=Say("甲", "a"), layer="road", where={"county": ("x",)})
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[box(0, 0, 1, 1)], crs=GRID.crs)
    zoned = Predicate(title=Say("甲", "a"), layer="relic", where={"zone": ("control",)})
    with pytest.raises(VectorError, match="zone"):
        shapes_of(frame, zoned, "relic")


def test_rule_that_asks_an_unscreened_predicate_is_an_error(scene, screening):
    rules = load_ruleset("hubei", TODAY, what_if=["zoning"])
    table = one_pattern(screening, *scene.cell("free"))
    zoned = next(one for one in rules.rules if one.scenario == "zoning")
    with pytest.raises(CatalogError, match="no predicate of this screening"):
        rule_state(table, zoned)


def test_expired_rule_takes_no_part_today(scene, screening):
    rules = load_ruleset("hubei", TODAY)
    over = [r for r in rules.every() if r.valid_to is not None and r.valid_to < TODAY]
    assert over
    assert not {r.id for r in over} & {r.id for r in rules.rules}
    assert "R-20x" in {r.id for r in over}
    late = load_ruleset("hubei", date(2031, 1, 1))
    assert late.caveat() is not None


def test_missing_layer_is_undecided_in_legal_mode(scene):
    less = scene.without("eco_redline")
    table = one_pattern(less.screen(), *less.cell("free"))
    found = judge(table, load_ruleset("hubei", TODAY), *ARRAY, "legal")
    assert found.verdict[0] == Verdict.UNKNOWN
    assert {"R-01", "R-02"} <= {u.rule_id for u in found.undecided if u.kind == "unscreened"}


def test_rule_of_unstated_reach_makes_the_verdict_unknown_and_says_so(scene, screening):
    """The noise zone of the code: whether a wind farm is an industrial plant is not stated."""
    rules = load_ruleset("hubei", TODAY)
    number = next(i for i, r in enumerate(rules.rules) if r.id == "R-02")
    body = {name: getattr(rules.rules[number], name) for name in Rule.model_fields}
    moot = Rule.model_validate({**body, "applicability": "unstated"})
    mixed = replace(rules, rules=(*rules.rules[:number], moot, *rules.rules[number + 1 :]))
    table = one_pattern(screening, *scene.cell("redline"))
    found = judge(table, mixed, *ARRAY)
    assert judge(table, rules, *ARRAY).verdict[0] == Verdict.ROUTE
    assert found.verdict[0] == Verdict.UNKNOWN
    assert "1 项是否适用未写明" in found.text(0).zh
    assert "do not say whether they apply" in found.text(0).en
    # one cell holds no area: the open matter is listed all the same
    assert "R-02" in {u.rule_id for u in found.undecided if u.kind == "applicability"}
    free = judge(one_pattern(screening, *scene.cell("free")), mixed, *ARRAY)
    assert free.verdict[0] == Verdict.CLEAR


def test_buffer_by_band():
    band = BufferByBand(column="kv", bands=((35.0, 10.0), (110.0, 15.0), (500.0, 20.0)))
    metres = band.metres(np.array([0.4, 35.0, 35.1, 110.0, 220.0, 500.0, 501.0, -1.0, np.nan]))
    assert metres[:6].tolist() == [10, 10, 15, 15, 20, 20]
    assert np.isnan(metres[6:]).all()
    with pytest.raises(ValueError, match="must rise"):
        BufferByBand(column="kv", bands=((110.0, 1.0), (35.0, 2.0)))
    with pytest.raises(ValueError, match="negative"):
        BufferByBand(column="kv", bands=((110.0, -1.0),))


@pytest.mark.parametrize(
    ("body", "unit"),
    [
        ({"layer": "slope", "above": 25.0}, "°"),
        ({"layer": "shrub_cover", "at_least": 50.0}, "%"),
        ({"layer": "land_cover", "values": (1,)}, "class"),
        ({"layer": "eco_redline"}, "feature"),
        ({"layer": "settlement", "buffer_m": "pv_settlement_m"}, "m"),
        ({"layer": "river", "buffer_by_width": {"column": "width_m", "factor": 0.5}}, "m"),
        ({"layer": "airport", "runway_box": {"side_m": 1.0, "end_m": 2.0}}, "m"),
    ],
)
def test_unit_of_a_predicate(body, unit):
    assert Predicate(title=Say("甲", "a"), **body).unit == unit


def test_feature_told_apart_by_one_attribute_is_not_unclear_by_another():
    frame = gpd.GeoDataFrame(
        {"name": list("abcd"), "zone": ["control", "protection", "protection", "?"],
         "level": ["?", "?", "world", "world"]},
        geometry=[box(i, 0, i + 1, 1) for i in range(4)],
        crs=GRID.crs,
    )  # fmt: skip
    where = {"zone": ("protection",), "level": ("world",)}
    found = shapes_of(frame, Predicate(title=Say("甲", "a"), layer="relic", where=where), "relic")
    assert len(found.known) == 1
    assert len(found.unclear) == 2


def test_parameters_bind_once():
    limits = Parameters(pv_settlement_m=5.0)
    one = Predicate(title=Say("甲", "a"), layer="settlement", buffer_m="pv_settlement_m")
    assert one.bind(limits).buffer_m == 5.0
