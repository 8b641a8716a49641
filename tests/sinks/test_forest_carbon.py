"""Conversion sets, V0, stocking classes, curves (truth.md 24, 27, 31)."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import OptionError, TableError
from sinks.forest import carbon, gate, registry
from sinks.forest.curves import asymptote, load_curves, shape
from sinks.forest.project import build
from sinks.forest.state import from_table

ONE = (np.ones(1), np.ones(1))


def tonnes(volume, group, v0=20.0, name=carbon.DEFAULT_SET, classes=ONE):
    one = carbon.conversion(name, [group])
    return carbon.biomass(np.atleast_2d(np.asarray(volume, float)), one, v0, *classes)[0]


def test_worked_examples_of_the_source():
    assert tonnes([57.577], "杉木")[0] == pytest.approx(45.93, abs=0.005)  # Hunan 2005
    for group, first, second in (
        ("柏木", 87.5, 63.5),
        ("栎类", 85.9, 69.7),
        ("阔叶混", 71.4, 93.1),
    ):
        assert tonnes([67.5], group)[0] == pytest.approx(first, abs=0.06)
        assert tonnes([67.5], group, name="zhang2013")[0] == pytest.approx(second, abs=0.06)


def test_implausible_ratio_of_cypress_is_reproduced_and_flagged(strata):
    assert tonnes([30.0], "柏木")[0] / 30.0 == pytest.approx(2.15, abs=0.005)
    model = build(from_table(strata.table()), registry.priors())
    rows = carbon.ratios(
        model.state.area, model.volume, model.state.species, registry.priors()
    ).set_index("species_group")
    assert bool(rows.loc["柏木", "flag"])


@given(v0=st.floats(1.0, 60.0), group=st.sampled_from(["马尾松", "柏木", "栎类", "硬阔"]))
def test_biomass_is_continuous_rising_and_through_the_origin(v0, group):
    volume = np.array([0.0, v0 / 2, v0 * (1 - 1e-12), v0, v0 * 2])
    got = tonnes(volume, group, v0)
    assert got[0] == 0.0
    assert got[2] == pytest.approx(got[3], rel=1e-9)
    assert (np.diff(got) >= 0).all()


def test_biomass_is_carried_per_stocking_class():
    rho, share = carbon.stocking(registry.priors())
    assert float(rho @ share) == pytest.approx(1.0)
    volume = 25.0  # the low class lies below V0
    split = tonnes([volume], "柏木", classes=(rho, share))[0]
    by_hand = sum(s * tonnes([volume * r], "柏木")[0] for r, s in zip(rho, share, strict=True))
    assert split == pytest.approx(by_hand)
    assert split != pytest.approx(tonnes([volume], "柏木")[0])


def test_no_row_is_borrowed_between_sets(strata):
    one = carbon.conversion("zhang2013", ["马尾松", "栎类"])
    assert one.covered.tolist() == [False, True]
    model = build(from_table(strata.table()), registry.priors())
    rows = carbon.sweep(model.state.area, model.volume, model.state.species, registry.priors())
    covered = rows.groupby("set")["area_covered_pct"].first()
    assert covered["fang2001_2007"] == pytest.approx(100.0)
    assert covered["zhang2013"] == pytest.approx(68.0, abs=0.01)


def test_sink_sign():
    np.testing.assert_allclose(carbon.net_emission(np.array([0.0, 12.0, 9.0])), [-44.0, 11.0])


def test_v0_must_be_positive():
    with pytest.raises(OptionError):
        tonnes([1.0], "栎类", v0=0.0)


@given(st.floats(0.002, 0.2), st.floats(0.5, 4.0))
def test_curve_rises_from_zero_to_one(k, power):
    y = shape(k, power, np.arange(201))
    assert y[0] == 0.0
    assert (np.diff(y) >= 0).all()
    assert y[-1] <= 1.0


def test_asymptote_hits_the_stock():
    area = np.zeros(201)
    area[[5, 40, 90]] = (10.0, 20.0, 5.0)
    top = asymptote(area, 1234.0, 0.03, 1.5)
    assert float(area @ (top * shape(0.03, 1.5, np.arange(201)))) == pytest.approx(1234.0)


def test_calibration_hits_every_stratum(strata):
    state = from_table(strata.table())
    model = build(state, registry.priors())
    np.testing.assert_allclose((state.area * model.volume).sum(axis=1), state.stock, rtol=1e-12)


def test_default_curves_are_prior_and_net():
    for curve in load_curves().values():
        assert (curve.kind, curve.y_unit, curve.grade) == ("net", "m3_per_ha", "prior")


def test_falling_curve_and_foreign_unit_are_refused():
    with pytest.raises(OptionError):
        shape(-0.1, 1.5, [1.0])
    rows = registry.table("curves")
    rows["y_unit"] = "t_dm_per_ha"
    with pytest.raises(TableError):
        load_curves(rows)


def test_rows_without_source_are_refused():
    with pytest.raises(TableError):
        registry.check_rows(pd.DataFrame({"source": [""], "status": ["prior"]}), "x")


def test_gate_flags_what_lies_outside(strata):
    model = build(from_table(strata.table()), registry.priors())
    model.volume[:] *= 10.0
    assert (gate.check(model)["flag"] == "above").any()


#: k, its SE, ages, n, P10, P50, P90, R2 of the whole-country fits, read from the reference.
FITS = {
    "马尾松": (0.014, 0.005, 10, 85, 161, 27, 59, 130, 0.29),
    "栎类": (0.044, 0.007, 9, 100, 341, 48, 104, 199, 0.06),
    "柏木": (0.061, 0.046, 20, 100, 19, 7, 47, 123, 0.11),
    "杉木": (0.023, 0.013, 11, 75, 69, 13, 58, 137, 0.14),
    "硬阔": (0.026, 0.003, 8, 100, 726, 16, 105, 273, 0.18),
    "软阔": (0.025, 0.005, 10, 100, 79, 43, 97, 218, 0.34),
    "阔叶混": (0.026, 0.003, 8, 100, 726, 16, 105, 273, 0.18),
    "针阔混": (0.017, 0.015, 12, 100, 32, 26, 67, 268, 0.11),
}


def test_curves_carry_the_published_fit_and_its_error():
    read = {g: (c.k, c.k_se, *c.domain, c.n, *c.band, c.r2) for g, c in load_curves().items()}
    assert read == FITS


def test_gross_curves_are_refused(strata, monkeypatch):
    rows = registry.table("curves")
    rows["kind"] = "gross"
    monkeypatch.setattr("sinks.forest.project.load_curves", lambda: load_curves(rows))
    with pytest.raises(TableError, match="gross"):
        build(from_table(strata.table()), registry.priors())


def test_felling_age_of_another_zone_is_only_a_prior(strata):
    state = from_table(strata.table())
    south = build(state, registry.priors(), zone="南")
    north = build(state, registry.priors(), zone="北")
    poplar = state.names.index("软阔-天然")  # only a northern row exists
    assert north.felling[poplar][1] == "verified"
    assert south.felling[poplar][1] == "prior"
    oak = state.names.index("栎类-天然")
    assert south.felling[oak][1] == north.felling[oak][1] == "verified"
