"""Resource rasters: energy follows from their numbers, so the catalog must name their unit."""

from __future__ import annotations

from typing import Final

from geo.errors import Say, UnitError
from layers import marks
from layers.contract import SPECS
from layers.layer import Layer

#: Rasters of sun, wind and air; a shape without a unit is none of them.
UNITED: Final = frozenset(
    name
    for name, spec in SPECS.items()
    if name.startswith(("ghi", "dni", "wind_", "air_")) and spec.unit not in {"", "-"}
)


def unit_notes(name: str, unit: str | None) -> tuple[str, ...]:
    """Return the note of a resource raster whose entry names no unit, else nothing.

    Parameters
    ----------
    name
        Layer.
    unit
        ``adapter.unit`` of its entry.
    """
    if unit is not None or name not in UNITED:
        return ()
    return (marks.unitless_note(SPECS[name].unit),)


def require_unit(layer: Layer) -> None:
    """Refuse a resource raster whose catalog entry names no unit.

    Call it before energy is computed: m/s for knots doubles a wind farm.

    Raises
    ------
    UnitError
    """
    if marks.is_unitless(layer):
        unit = layer.spec.unit
        raise UnitError(
            layer.name,
            Say("目录中没有写明单位，不能计算发电量",
                "has no unit in the catalog: no energy is computed from it"),
            Say(f"在目录条目中写 adapter: {{unit: {unit}}}；其他单位再给出 scale",
                f"write adapter: {{unit: {unit}}} in its entry; scale for another unit"),
        )  # fmt: skip
