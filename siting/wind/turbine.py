"""A turbine: power curve, rotor, hub. The curves of NREL's collection, or the user's own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.digest import whole_sha256
from geo.errors import OptionError, Say, TableError
from geo.passport import Passport
from siting.wind.curve_file import CurveFile, read_curve

Column = npt.NDArray[np.float64]

#: Low-wind machine of the class that is built in the region's mountains (6.25 MW / 200 m).
DEFAULT: Final = "2023NREL_Bespoke_6MW_196"
#: Source id of the shipped curves, and what else a passport says of them.
SHIPPED: Final = "NREL-TM"
_CITATION: Final = "NREL/turbine-models @556c128 (BSD-3-Clause)"
#: Density of air to which a power curve belongs (IEC 61400-12-1). [kg/m³]
STANDARD_DENSITY: Final = 1.225
#: No rotor takes more of the wind's power than this (Betz 1920). [-]
BETZ: Final = 16.0 / 27.0
#: No turbine cuts out below this; a curve with power at its end goes on at least as far. [m/s]
EARLIEST_END: Final = 17.0
#: Noise of a published curve before its rated power, as a share of that. [-]
_RIPPLE: Final = 0.005
_FACTS: Final = ("rated_mw", "rotor_m", "hub_m")


@dataclass(frozen=True, slots=True, eq=False)
class Turbine:
    """A machine and its power curve at standard density.

    Parameters
    ----------
    name
        As a reader sees it.
    rated_mw
        Rated power, alternating current at the machine. [MW]
    rotor_m, hub_m
        Diameter of the rotor, height of the hub above ground. [m]
    speeds
        Wind speeds of the curve, rising; outside them the machine stands still. [m/s]
    powers
        Power at each. [kW]
    passport
        Where the curve comes from.
    """

    name: str
    rated_mw: float
    rotor_m: float
    hub_m: float
    speeds: Column
    powers: Column
    passport: Passport

    @property
    def share(self) -> Column:
        """Power as a share of the curve's greatest. [-].

        A curve that tops its rating by a few kW (0.07 % in the default) counts as a machine
        that keeps to it.
        """
        share: Column = self.powers / self.powers.max()
        return share

    @property
    def area_m2(self) -> float:
        """Swept area. [m²]."""
        return math.pi / 4.0 * self.rotor_m**2

    @property
    def specific_power(self) -> float:
        """Rated power of a square metre of rotor. [W/m²]."""
        return self.rated_mw * 1.0e6 / self.area_m2

    @property
    def say(self) -> Say:
        """The machine in one phrase."""
        size = f"{self.rated_mw:g} MW / {self.rotor_m:g} m"
        return Say(
            f"{self.name}（{size}，轮毂 {self.hub_m:g} m，{self.specific_power:.0f} W/m²）",
            f"{self.name} ({size}, hub {self.hub_m:g} m, {self.specific_power:.0f} W/m²)",
        )


def shipped() -> tuple[str, ...]:
    """Return the names of the curves that come with the program."""
    folder = resources.files("siting.wind").joinpath("curves")
    return tuple(sorted(one.name[:-4] for one in folder.iterdir() if one.name.endswith(".csv")))


def load_turbine(
    path: Path | str | None = None, rotor_m: float | None = None, hub_m: float | None = None
) -> Turbine:
    """Return a turbine.

    Parameters
    ----------
    path
        CSV of a power curve (:mod:`siting.wind.curve_file`), or the name of a shipped one;
        None = :data:`DEFAULT`.
    rotor_m, hub_m
        Rotor and hub of a curve whose file does not say them. [m]

    Raises
    ------
    TableError
        If the file is no power curve: see :func:`siting.wind.curve_file.read_curve`; also a
        curve that does not rise, speeds out of order, negative power, more power than the
        wind holds.
    """
    name = DEFAULT if path is None else str(path)
    if name in shipped():
        file = resources.files("siting.wind").joinpath("curves", f"{name}.csv")
        with resources.as_file(file) as known:
            return _turbine(known, rotor_m, hub_m, own=False)
    if not Path(name).suffix and not Path(name).exists():
        raise OptionError(
            name,
            Say("不是文件，也不是自带的功率曲线", "is no file and no shipped power curve"),
            Say(f"给出 CSV 路径，或用 {'、'.join(shipped())}",
                f"give the path of a CSV, or one of {', '.join(shipped())}"),
        )  # fmt: skip
    return _turbine(Path(name), rotor_m, hub_m, own=True)


def _turbine(path: Path, rotor_m: float | None, hub_m: float | None, *, own: bool) -> Turbine:
    file = read_curve(path)
    _check_curve(path, file)
    _check_end(path, file)
    given = {"rotor_m": rotor_m, "hub_m": hub_m}
    known = {key: given.get(key) or _fact(path, file, key) for key in _FACTS}
    if known["rated_mw"] is None and not file.normalised:
        known["rated_mw"] = _plateau(file) / 1000.0
    rated, rotor, hub = (known[key] for key in _FACTS)
    if rated is None or rotor is None or hub is None:
        absent = [key for key in _FACTS if known[key] is None]
        raise TableError(
            path,
            Say(f"没有写明 {'、'.join(absent)}", f"does not say {', '.join(absent)}"),
            Say(f"在文件开头加行，例如 # {absent[0]}: 数值",
                f"add lines at its top such as # {absent[0]}: number"),
        )  # fmt: skip
    powers = file.powers * (rated * 1000.0 if file.normalised else 1.0)
    turbine = Turbine(
        file.facts.get("name") or path.stem,
        rated, rotor, hub, file.speeds, powers, _passport(path, own=own),
    )  # fmt: skip
    _check_machine(path, turbine, file)
    return turbine


def _passport(path: Path, *, own: bool) -> Passport:
    if own:
        return Passport(
            sources=("user",), grade="-", unverified=True,
            sha256=(f"{path.name}={whole_sha256(path)}",),
        )  # fmt: skip
    return Passport((SHIPPED,), ("BSD-3-Clause",), (_CITATION,), grade="B")


def _fact(path: Path, file: CurveFile, key: str) -> float | None:
    text = file.facts.get(key)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 < value < 1.0e4:
        raise TableError(
            path,
            Say(f"{key} 为“{text}”，应为正数", f"{key} is {text!r}, wanted a positive number"),
            Say(f"改正 # {key} 行", f"correct the line # {key}"),
        )
    return value


def _plateau(file: CurveFile) -> float:
    """Return the rated power of a curve that does not name it. [kW]."""
    top = file.powers[file.powers >= 0.99 * file.powers.max()]
    return float(np.median(top))


def _check_curve(path: Path, file: CurveFile) -> None:
    """Refuse a curve whose numbers cannot be one."""
    speeds, powers = file.speeds, file.powers
    wrong = np.flatnonzero(np.diff(speeds) <= 0)
    if wrong.size or speeds[0] < 0:
        row = int(wrong[0]) + 2 if wrong.size else 1
        raise TableError(
            path,
            Say(f"风速第 {row} 行没有递增", f"its wind speeds do not rise at row {row}"),
            Say(
                "按风速从小到大排列，去掉重复与负值",
                "sort by speed; drop repeated and negative ones",
            ),
        )
    if (powers < 0).any():
        row = int(np.flatnonzero(powers < 0)[0]) + 1
        raise TableError(
            path,
            Say(f"第 {row} 行功率为负", f"has a negative power at row {row}"),
            Say("停机时的自用电改写为 0", "write 0 for the machine's own use at standstill"),
        )
    top = float(powers.max())
    rated = int(np.argmax(powers >= 0.98 * top)) if top > 0 else 0
    rise = powers[: rated + 1]
    falls = np.flatnonzero(np.diff(rise) < -_RIPPLE * top)
    if top <= 0 or rated < 3 or rise[0] > 0.5 * top or falls.size:
        at = f"{speeds[int(falls[0]) + 1]:g} m/s" if falls.size else ""
        raise TableError(
            path,
            Say(f"功率曲线没有随风速上升{f'（{at} 处下降）' if at else ''}",
                f"its power does not rise with the wind{f' (falls at {at})' if at else ''}"),
            Say("检查列是否对应：功率应由零升到额定功率",
                "check the columns: power should rise from zero to the rated power"),
        )  # fmt: skip


def _check_end(path: Path, file: CurveFile) -> None:
    """Refuse a curve that breaks off at power: the machine would stand still in strong wind."""
    last, power = float(file.speeds[-1]), float(file.powers[-1])
    if power > 0 and last < EARLIEST_END:
        raise TableError(
            path,
            Say(f"曲线止于 {last:g} m/s，此时仍有出力；更大的风会按停机计",
                f"ends at {last:g} m/s with power: stronger wind would count as standstill"),
            Say("补到切出风速（一般 20–25 m/s）；确在此切出，末行功率写 0",
                "go on to the cut-out speed (20-25 m/s as a rule), or end with a row of 0"),
        )  # fmt: skip


def _check_machine(path: Path, turbine: Turbine, file: CurveFile) -> None:
    """Refuse a rating or a rotor that does not belong to the curve."""
    plateau = _plateau(file) * (turbine.rated_mw if file.normalised else 0.001)
    if abs(plateau - turbine.rated_mw) > 0.02 * turbine.rated_mw:
        raise TableError(
            path,
            Say(f"曲线的额定功率为 {plateau:g} MW，写明的是 {turbine.rated_mw:g} MW",
                f"its curve is rated {plateau:g} MW, the file says {turbine.rated_mw:g} MW"),
            Say("改正 # rated_mw 行或功率列的单位", "correct # rated_mw or the unit of the power"),
        )  # fmt: skip
    moving = turbine.speeds > 0
    wind = 0.5 * STANDARD_DENSITY * turbine.area_m2 * turbine.speeds[moving] ** 3 / 1000.0
    taken = turbine.powers[moving] / wind
    still = turbine.powers[~moving]
    if (taken > BETZ).any() or (still > 0).any():
        at = float(turbine.speeds[moving][int(np.argmax(taken))])
        raise TableError(
            path,
            Say(f"{at:g} m/s 时功率为风能的 {taken.max():.0%}，超过贝茨极限 59 %",
                f"takes {taken.max():.0%} of the wind's power at {at:g} m/s, Betz allows 59 %"),
            Say("检查风轮直径与功率单位", "check the rotor and the unit of the power"),
        )  # fmt: skip
