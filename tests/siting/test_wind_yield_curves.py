"""Power curves from files: read by name, and every fault named with its cure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo.errors import OptionError, ShiyanError, SizeError, TableError
from siting.wind.turbine import load_turbine, shipped

SPEEDS = np.arange(0.0, 26.0)
POWERS = np.where(SPEEDS < 3, 0.0, np.minimum(2.2 * SPEEDS**3, 2500.0))
MACHINE = "# rotor_m: 130\n# hub_m: 100\n"


def text(header="Wind Speed [m/s],Power [kW]", rows=None, facts=MACHINE) -> str:
    given = zip(SPEEDS, POWERS, strict=True) if rows is None else rows
    return facts + header + "\n" + "\n".join(",".join(map(str, row)) for row in given) + "\n"


def write(folder: Path, content: str, encoding="utf-8") -> Path:
    path = folder / "curve.csv"
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize("name", shipped())
def test_shipped_curves(name):
    turbine = load_turbine(name)
    assert turbine.share.max() == 1
    assert turbine.share[0] < 0.02
    assert (np.diff(turbine.speeds) > 0).all()
    assert turbine.passport.grade == "B"
    assert not turbine.passport.unverified
    assert f"{turbine.rotor_m:g} m" in turbine.say.zh
    # a machine of the class built in the region: low specific power
    assert 190 < turbine.specific_power < 235


def test_the_composite_is_a_share_of_the_rated_power():
    """Its rotor follows from its own power coefficients: 228 W/m²."""
    turbine = load_turbine("IEC_Class3_Normalized_Industry_Composite")
    assert turbine.powers.max() == pytest.approx(6000)
    assert turbine.specific_power == pytest.approx(228, abs=0.5)
    at = list(turbine.speeds).index(7.5)
    wind = 0.5 * 1.225 * turbine.area_m2 * 7.5**3 / 1000
    assert turbine.powers[at] / wind == pytest.approx(0.4717, abs=5e-4)


def test_own_curve_is_the_users(tmp_path):
    turbine = load_turbine(write(tmp_path, text()))
    assert turbine.name == "curve"
    assert (turbine.rated_mw, turbine.rotor_m, turbine.hub_m) == (2.5, 130, 100)
    assert turbine.passport.sources == ("user",)
    assert turbine.passport.unverified
    assert turbine.passport.sha256[0].startswith("curve.csv=")
    np.testing.assert_allclose(turbine.powers, POWERS)


@pytest.mark.parametrize(
    ("header", "scale"),
    [("Power [kW],Wind Speed [m/s]", 1), ("功率（MW）,风速（m/s）", 1e-3), ("p [W],v [m/s]", 1e3)],
)
def test_columns_are_found_by_name_whatever_their_order(tmp_path, header, scale):
    rows = [(float(p) * scale, v) for v, p in zip(SPEEDS, POWERS, strict=True)]
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        turbine = load_turbine(write(tmp_path, text(header, rows), encoding))
        np.testing.assert_allclose(turbine.powers, POWERS)
        np.testing.assert_allclose(turbine.speeds, SPEEDS)


def test_other_columns_are_passed_over(tmp_path):
    rows = [(9, v, 0.4, p) for v, p in zip(SPEEDS, POWERS, strict=True)]
    found = load_turbine(write(tmp_path, text("Ct [-],wind_speed [m/s],Cp [-],Power [kW]", rows)))
    np.testing.assert_allclose(found.powers, POWERS)


def test_a_stray_index_column_is_refused(tmp_path):
    """As the collection's own 6 MW / 170 m file has one: by position it would be the speed."""
    rows = [(i, v, p) for i, (v, p) in enumerate(zip(SPEEDS, POWERS, strict=True))]
    path = write(tmp_path, text(",Wind Speed [m/s],Power [kW]", rows))
    with pytest.raises(TableError, match=r"column 1 has no name.*cure: delete the column"):
        load_turbine(path)


def changed(index: int, power: float) -> list[tuple[float, float]]:
    powers = POWERS.copy()
    powers[index] = power
    return list(zip(SPEEDS.tolist(), powers.tolist(), strict=True))


FAULTS = {
    "no column of power": (text("Wind Speed [m/s],Output [kW]"), "0 columns of power"),
    "two columns of speed": (
        text("Speed [m/s],v [m/s],Power [kW]", [(v, v, p) for v, p in zip(SPEEDS, POWERS)]),  # noqa: B905
        "2 columns of wind speed",
    ),
    "no unit of power": (text("Wind Speed [m/s],Power"), "Power has no unit"),
    "no unit of speed": (text("Wind Speed,Power [kW]"), "Wind Speed has no unit"),
    "speed in knots": (text("Wind Speed [kn],Power [kW]"), "must be in m/s"),
    "unknown unit of power": (text("Wind Speed [m/s],Power [hp]"), "unknown unit"),
    "falls on the way up": (text(rows=changed(6, 100.0)), r"does not rise.*falls at 6 m/s"),
    "level from the start": (text(rows=[(v, 2500.0) for v in SPEEDS]), "does not rise"),
    "no power at all": (text(rows=[(v, 0.0) for v in SPEEDS]), "does not rise"),
    "columns exchanged": (
        text("Power [kW],Wind Speed [m/s]", [(v, p) for v, p in zip(SPEEDS, POWERS)]),  # noqa: B905
        "do not rise at row 2",
    ),
    "speeds out of order": (text(rows=changed(5, 275.0)[::-1]), "do not rise at row 2"),
    "speed twice": (text(rows=[*changed(5, 275.0), (25.0, 2500.0)]), "do not rise at row 27"),
    "negative power": (text(rows=changed(1, -12.0)), "negative power at row 2"),
    "a word": (text(rows=[*changed(5, 275.0), (26.0, "停机")]), "row 27: '停机' is no number"),
    "a gap": (text(rows=[*changed(5, 275.0), (26.0, "")]), "row 27: '' is no number"),
    "infinite": (text(rows=[*changed(5, 275.0), (26.0, "inf")]), "is no number"),
    "ragged": (text(rows=[(1.0, 2.0, 3.0), *changed(5, 275.0)]), "row 1 has 3 values"),
    "header alone": (text(rows=[]), "no header and rows"),
    "more than the wind": (text(facts="# rotor_m: 60\n# hub_m: 80\n"), "Betz allows 59 %"),
    "power in still air": (text(rows=changed(0, 1.0)), "Betz"),
    "another rating": (text(facts=MACHINE + "# rated_mw: 5\n"), r"rated 2\.5 MW.*says 5 MW"),
    "no rotor": (text(facts="# hub_m: 100\n"), r"does not say rotor_m.*# rotor_m: "),
    "no hub": (text(facts="# rotor_m: 130\n"), "does not say hub_m"),
    "rotor is a word": (text(facts="# rotor_m: big\n# hub_m: 100\n"), "rotor_m is 'big'"),
    "share without rating": (
        text("v [m/s],p [-]", [(v, p / 2500) for v, p in zip(SPEEDS, POWERS)]),  # noqa: B905
        "does not say rated_mw",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named_with_their_cure(tmp_path, fault):
    content, words = FAULTS[fault]
    path = write(tmp_path, content)
    with pytest.raises(TableError, match=words) as raised:
        load_turbine(path)
    line = raised.value.line("zh")
    assert "curve.csv" in line
    assert "→ 处理办法：" in line
    assert raised.value.exit_code == 3


def test_files_that_are_none(tmp_path):
    with pytest.raises(TableError, match="is no file"):
        load_turbine(tmp_path / "absent.csv")
    with pytest.raises(OptionError, match=r"no shipped power curve.*2023NREL_Bespoke_6MW_196"):
        load_turbine("V999")
    big = tmp_path / "big.csv"
    big.write_bytes(b"1,2\n" * 300_000)
    with pytest.raises(SizeError, match="1 MB"):
        load_turbine(big)
    (tmp_path / "curve.csv").write_bytes(b"\xff\x81\x20\x00")
    with pytest.raises(ShiyanError, match=r"UTF-8|no header"):
        load_turbine(tmp_path / "curve.csv")


def test_rotor_and_hub_may_be_given_beside_the_file(tmp_path):
    path = write(tmp_path, text(facts=""))
    turbine = load_turbine(path, rotor_m=141, hub_m=95)
    assert (turbine.rotor_m, turbine.hub_m) == (141, 95)
    assert turbine.rated_mw == 2.5
