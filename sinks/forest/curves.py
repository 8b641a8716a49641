"""Growth curves: standing volume by age, declared net or gross, calibrated to the stock.

``V(t) = A (1 - exp(-k t))^p`` (Richards form). No Hubei volume curve is verified
(truth.md 31): ``k`` and ``p`` are the shape of a fit to biomass of natural stands of
different ages (a cross-section, read as growth for want of anything better, and said
so), ``A`` is fitted so that a stratum holds its own stock. Grade ``prior``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import OptionError, Say, TableError
from sinks.forest import registry

AGES: Final = 201  # ages 0-200
KINDS: Final = ("net", "gross")


@dataclass(frozen=True, slots=True)
class Curve:
    """Shape of one species group's volume curve.

    Parameters
    ----------
    kind
        ``net`` of background mortality (a standing-volume curve) or ``gross``.
    y_unit
        Always ``m3_per_ha`` here; a biomass curve is refused.
    k, k_se
        Rate and its standard error [1/a].
    power
        Exponent ``p`` [-].
    domain
        Ages [a] that the fit has seen.
    band
        P10, P50, P90 of whole-tree biomass [t/ha] in the same data.
    """

    species_group: str
    kind: str
    y_unit: str
    k: float
    k_se: float
    power: float
    domain: tuple[int, int]
    band: tuple[float, float, float]
    n: int
    r2: float
    source: str
    status: str
    grade: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.y_unit != "m3_per_ha":
            raise TableError(
                f"curves.csv {self.species_group}",
                Say(
                    f"kind={self.kind}、y_unit={self.y_unit} 不能用",
                    f"kind={self.kind}, y_unit={self.y_unit} cannot be used",
                ),
                Say("kind 取 net 或 gross，y_unit 取 m3_per_ha", "use net or gross and m3_per_ha"),
            )


def load_curves(frame: pd.DataFrame | None = None) -> dict[str, Curve]:
    """Return the curves by species group from ``frame`` or the table of the package."""
    rows = registry.table("curves") if frame is None else frame
    registry.check_rows(rows, "curves")
    return {
        str(r["species_group"]): Curve(
            str(r["species_group"]),
            str(r["kind"]),
            str(r["y_unit"]),
            float(r["k_per_a"]),
            float(r["k_se"]),
            float(r["power"]),
            (int(r["domain_min_a"]), int(r["domain_max_a"])),
            (float(r["p10_t_ha"]), float(r["p50_t_ha"]), float(r["p90_t_ha"])),
            int(r["n"]),
            float(r["r2"]),
            str(r["source"]),
            str(r["status"]),
            str(r["grade"]),
        )
        for r in rows.to_dict("records")
    }


def shape(k: float, power: float, ages: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return ``(1 - exp(-k t))^p`` [-] at ``ages`` [a]; 0 at age 0 and below.

    Raises
    ------
    OptionError
        When ``k`` [1/a] or ``power`` [-] is not above zero (the curve would fall).
    """
    if not (k > 0 and power > 0):
        raise OptionError(
            "curve",
            Say(f"k={k}、p={power} 的曲线不上升", f"a curve with k={k}, p={power} does not rise"),
            Say("k 与 p 都要大于 0", "give k and p above zero"),
        )
    years = np.maximum(np.asarray(ages, np.float64), 0.0)
    return np.asarray((-np.expm1(-k * years)) ** power)


def asymptote(area_ha: npt.NDArray[np.float64], stock_m3: float, k: float, power: float) -> float:
    """Return ``A`` [m³/ha] so that the ages of a stratum hold ``stock_m3``.

    Parameters
    ----------
    area_ha
        Area by age 0-200 [ha], shape ``(201,)``.
    stock_m3
        Stock of the stratum [m³].
    """
    weight = float(area_ha @ shape(k, power, np.arange(area_ha.size)))
    return stock_m3 / weight if weight > 0 else 0.0


def volume_table(
    area_ha: npt.NDArray[np.float64],
    stock_m3: npt.NDArray[np.float64],
    k: npt.NDArray[np.float64],
    power: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return calibrated volume [m³/ha] by stratum and age, shape ``(n, 201)``.

    Parameters
    ----------
    area_ha
        Area [ha], shape ``(n, 201)``.
    stock_m3
        Stock of each stratum [m³], shape ``(n,)``.
    k, power
        Shape of each stratum's curve [1/a], [-].
    """
    table = np.empty_like(area_ha)
    for i in range(area_ha.shape[0]):
        top = asymptote(area_ha[i], float(stock_m3[i]), float(k[i]), float(power[i]))
        table[i] = top * shape(float(k[i]), float(power[i]), np.arange(area_ha.shape[1]))
    return table
