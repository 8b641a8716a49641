"""Predicates: (layer, where, buffer or threshold), the atoms that rules are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Annotated, Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field, model_validator

from geo.errors import OptionError, Say
from layers.contract import SPECS
from layers.explain import Strict, fault

#: Layer that is derived from ``dem`` while screening: slope in degrees.
SLOPE: Final = "slope"
#: All values of an attribute that decides a rule (as in :data:`layers.contract.SPECS`). A
#: feature with any other value, or none, is *unknown*: it must not pass for another zone.
CLOSED: Final[Mapping[tuple[str, str], frozenset[str | int]]] = MappingProxyType(
    {
        ("nature_reserve", "zone"): frozenset({"core", "general"}),
        ("important_wetland", "level"): frozenset({"national", "provincial"}),
        ("water_source", "grade"): frozenset({1, 2, 3}),
        ("national_park", "zone"): frozenset({"core", "general"}),
        ("scenic_area", "zone"): frozenset({"core", "other"}),
        ("relic", "zone"): frozenset({"protection", "control"}),
        ("relic", "level"): frozenset({"world", "national", "provincial", "city", "county"}),
        ("geohazard", "zone"): frozenset({"danger", "prone"}),
        ("soil_zone", "zone"): frozenset({"prevention", "control"}),
        ("danjiangkou_zone", "zone"): frozenset({"reservoir", "management", "protection"}),
        ("forest_grade", "grade"): frozenset({1, 2, 3, 4}),
        ("military", "zone"): frozenset({"restricted", "managed"}),
        ("zoning_unit", "unit"): frozenset({"priority", "key", "general"}),
    }
)
#: Attributes that name a thing, so that any value is known and only a missing one is not.
NAMING: Final = frozenset({("counties", "code")})


def _say(value: Any) -> Any:
    """Accept ``{zh: ..., en: ...}`` where a :class:`Say` is wanted."""
    if isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        return Say(str(value["zh"]), str(value["en"]))
    return value


Bilingual = Annotated[Say, BeforeValidator(_say)]


@dataclass(frozen=True, slots=True)
class Parameters:
    """Limits that a user sets; none of them is law (truth.md B7).

    Parameters
    ----------
    pv_slope_max_deg
        Steepest ground for a PV array; preset, grade C, hence the sweep. [°]
    wind_slope_max_deg
        Steepest ground for a turbine base; a preset without source. [°]
    pv_settlement_m
        Distance of PV from settlements; 0 = the settlement itself only. [m]
    wind_settlement_m
        Distance of turbines from settlements. No national figure is verified; 700 m is
        close to the free-field distance (708 m) at which 110 dB(A) falls to the
        class-1 night limit of 45 dB(A). [m]
    slope_sweep_deg
        Slope limits of the sweep that every run prints. [°]
    """

    pv_slope_max_deg: float = 25.0
    wind_slope_max_deg: float = 30.0
    pv_settlement_m: float = 0.0
    wind_settlement_m: float = 700.0
    slope_sweep_deg: tuple[float, ...] = (15.0, 20.0, 25.0, 30.0, 35.0)

    def __post_init__(self) -> None:
        for name in ("pv_slope_max_deg", "wind_slope_max_deg"):
            _check_range(name, getattr(self, name), 0.0, 90.0)
        for name in ("pv_settlement_m", "wind_settlement_m"):
            _check_range(name, getattr(self, name), 0.0, 50_000.0)
        for limit in self.slope_sweep_deg:
            _check_range("slope_sweep_deg", limit, 0.0, 90.0)

    def value(self, name: str) -> float:
        """Return the parameter ``name`` that a predicate refers to."""
        return float(getattr(self, name))


#: Names a predicate may refer to.
PARAMETER_NAMES: Final = frozenset(f.name for f in fields(Parameters)) - {"slope_sweep_deg"}


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise OptionError(
            name,
            Say(
                f"{value:g} 不在 {low:g} 到 {high:g} 之间", f"{value:g} is outside {low:g}-{high:g}"
            ),
            Say("给出该范围内的数值", "give a value in that range"),
        )


class BufferByClass(Strict):
    """Buffer that depends on the class of a feature [m]."""

    column: str
    metres: dict[str, float]


class BufferByWidth(Strict):
    """Buffer that is a factor times a numeric column of the feature [m]."""

    column: str
    factor: float


class BufferByBand(Strict):
    """Buffer by the band that a numeric column falls into [m], as (upper end, metres).

    The first band whose upper end is not below the value counts. A missing, negative or
    larger value is unclear, never "no buffer".
    """

    column: str
    bands: tuple[tuple[float, float], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rises(self) -> BufferByBand:
        uppers = [upper for upper, _ in self.bands]
        if sorted(set(uppers)) != uppers:
            raise fault(f"bands 的上限须递增：{uppers}", f"bands must rise: {uppers}")
        if any(metres < 0 for _, metres in self.bands):
            raise fault("bands 的距离不得为负", "a distance of bands is negative")
        return self

    def metres(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the buffer of each value [m], NaN where it is unclear."""
        uppers = np.array([upper for upper, _ in self.bands])
        sizes = np.array([*(metres for _, metres in self.bands), np.nan])
        found: npt.NDArray[np.float64] = sizes[np.searchsorted(uppers, values, side="left")]
        return np.where(values >= 0, found, np.nan)


class RunwayBox(Strict):
    """Box round a runway: metres to each side and beyond both ends [m]."""

    side_m: float
    end_m: float


class Predicate(Strict):
    """A question that each cell answers with yes, no or unknown.

    Parameters
    ----------
    title
        What is hit, as a reader says it.
    layer
        Key of :data:`layers.contract.SPECS`, or ``slope``.
    where
        Column -> accepted values of a vector layer.
    buffer_m, buffer_by_class, buffer_by_width, buffer_by_band, runway_box
        At most one shape of buffer for a vector layer; ``buffer_m`` may name a parameter.
    values
        Class codes of a raster layer.
    above, at_least
        Threshold of a raster layer in its unit (or a parameter name).
    """

    title: Bilingual
    layer: str
    where: dict[str, tuple[str | int, ...]] = Field(default_factory=dict)
    buffer_m: float | str | None = None
    buffer_by_class: BufferByClass | None = None
    buffer_by_width: BufferByWidth | None = None
    buffer_by_band: BufferByBand | None = None
    runway_box: RunwayBox | None = None
    values: tuple[int, ...] | None = None
    above: float | str | None = None
    at_least: float | str | None = None

    @model_validator(mode="after")
    def _fits_its_layer(self) -> Predicate:
        if self.layer != SLOPE and self.layer not in SPECS:
            raise fault(f"没有图层 {self.layer}", f"unknown layer {self.layer}")
        self._check_shape()
        for name in (self.buffer_m, self.above, self.at_least):
            if isinstance(name, str) and name not in PARAMETER_NAMES:
                raise fault(f"没有参数 {name}", f"unknown parameter {name}")
        for column in self.columns():
            if column not in SPECS[self.layer].columns:
                raise fault(
                    f"图层 {self.layer} 没有字段 {column}",
                    f"layer {self.layer} has no column {column}",
                )
        for column, accepted in self.where.items():
            named = (self.layer, column) in NAMING
            if not named and not set(accepted) <= CLOSED.get((self.layer, column), frozenset()):
                raise fault(
                    f"{self.layer}.{column}：{accepted} 不在取值表中",
                    f"{self.layer}.{column}: {accepted} is not in its closed list",
                )
        return self

    def _check_shape(self) -> None:
        """Refuse a raster with a buffer, a vector with a threshold, or two of either."""
        tests = [self.values, self.above, self.at_least]
        n_buffers = sum(b is not None for b in self._buffers())
        n_tests = sum(t is not None for t in tests)
        if self.is_raster:
            if n_buffers or self.where or n_tests != 1:
                raise fault(
                    f"{self.layer}：栅格只能有 values、above、at_least 之一",
                    f"{self.layer}: a raster takes exactly one of values/above/at_least",
                )
        elif n_tests or n_buffers > 1:
            raise fault(
                f"{self.layer}：矢量只能有 where 和至多一种缓冲",
                f"{self.layer}: a vector takes where and at most one buffer",
            )

    def _buffers(self) -> tuple[object, ...]:
        by_attribute = (self.buffer_by_class, self.buffer_by_width, self.buffer_by_band)
        return (self.buffer_m, *by_attribute, self.runway_box)

    @property
    def is_raster(self) -> bool:
        """True for a raster layer or the slope derived from one."""
        return self.layer == SLOPE or SPECS[self.layer].kind == "raster"

    @property
    def source_layer(self) -> str:
        """Layer that has to be read for this predicate."""
        return "dem" if self.layer == SLOPE else self.layer

    @property
    def unit(self) -> str:
        """Unit of the number that decides: ``m``, ``°``, ``%``..., ``class`` or ``feature``."""
        if self.layer == SLOPE:
            return "°"
        if self.is_raster:
            return "class" if self.values is not None else SPECS[self.layer].unit
        return "m" if any(b is not None for b in self._buffers()) else "feature"

    def columns(self) -> tuple[str, ...]:
        """Return the columns that the predicate reads."""
        sized = (self.buffer_by_class, self.buffer_by_width, self.buffer_by_band)
        return (*self.where, *(b.column for b in sized if b is not None))

    def parameters(self) -> tuple[str, ...]:
        """Return the names of the user parameters in use."""
        return tuple(v for v in (self.buffer_m, self.above, self.at_least) if isinstance(v, str))

    def bind(self, parameters: Parameters) -> Predicate:
        """Return the predicate with parameter names replaced by their values."""
        found = {
            key: parameters.value(value)
            for key in ("buffer_m", "above", "at_least")
            if isinstance(value := getattr(self, key), str)
        }
        return self.model_copy(update=found) if found else self

    def key(self) -> str:
        """Return what makes two predicates the same question."""
        return self.model_dump_json(exclude={"title"})


def sweep_name(limit: float) -> str:
    """Return the predicate name of a slope limit of the sweep [°]."""
    return f"slope_sweep_{limit:g}"


def bind_all(
    predicates: Mapping[str, Predicate], parameters: Parameters
) -> tuple[tuple[Predicate, ...], dict[str, int]]:
    """Bind and deduplicate predicates, and add those of the slope sweep.

    Returns
    -------
    tuple
        (predicate of each bit, bit by name).
    """
    named = {name: one.bind(parameters) for name, one in predicates.items()}
    for limit in parameters.slope_sweep_deg:
        title = Say(f"坡度大于 {limit:g}°", f"slope above {limit:g}°")
        named[sweep_name(limit)] = Predicate(title=title, layer=SLOPE, above=limit)
    bits: dict[str, int] = {}
    distinct: list[Predicate] = []
    bit_of: dict[str, int] = {}
    for name, one in named.items():
        key = one.key()
        if key not in bits:
            bits[key] = len(distinct)
            distinct.append(one)
        bit_of[name] = bits[key]
    return tuple(distinct), bit_of
