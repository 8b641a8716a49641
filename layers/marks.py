"""Marks that the stack writes into the notes of a layer and that others may ask for."""

from __future__ import annotations

from typing import Final

from layers.layer import Layer

#: First word of the note of a raster whose source cells exceed :data:`FINE_M`.
COARSE: Final = "粗网格"
#: Coarsest source cell from which a site may be ranked (truth.md A2). [m]
FINE_M: Final = 250.0
#: The same on a grid of degrees: the 250 m maps of the Global Wind Atlas have these cells,
#: 278 m from north to south and 235 m from west to east at 32°N. [°]
FINE_DEG: Final = 0.0025
#: First word of the note of a layer that misses its published control total.
CONTROL: Final = "控制总量"
#: First word of the note of a resource raster whose entry names no unit.
UNITLESS: Final = "单位未写明"
#: First word of the note of a layer that stands in for an absent file.
STAND_IN: Final = "替身"


def coarse_note(cell_m: float) -> str:
    """Return the note of a raster whose source cell measures ``cell_m`` [m]."""
    return f"{COARSE}：源像元约 {cell_m / 1000:.1f} km，不用于场址排序 (coarse source cells)"


def is_coarse(layer: Layer) -> bool:
    """Tell whether the cells of the source are larger than 250 m (truth.md A2)."""
    return any(note.startswith(COARSE) for note in layer.notes)


def unitless_note(unit: str) -> str:
    """Return the note of a raster that is taken to be in ``unit`` because nobody said."""
    return f"{UNITLESS}：按 {unit} 读取，不用于计算发电量 (no unit in the catalog)"


def is_unitless(layer: Layer) -> bool:
    """Tell whether the catalog names no unit for a resource raster."""
    return any(note.startswith(UNITLESS) for note in layer.notes)
