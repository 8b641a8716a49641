"""Constants of the published atlas method, restated; sources in ``docs/methods/anu_rules.md``.

These are the method's own figures, not ours: its gravity is 9.8 m/s², its money US dollars.
"""

from __future__ import annotations

from typing import Final

from siting.pumped.pairs.model import Size

#: Least catchment of a stream: 11.1 cells a hectare times 10 ha. [cells]
STREAM_CELLS: Final = 111
#: A dam point lies where the bed crosses a multiple of this level. [m]
CONTOUR_M: Final = 10.0
#: Share of the wall's fill that is dug inside the lake and counts as volume. [-]
FILL_INSIDE: Final = 0.5
#: Wall heights that are modelled: every 10 m. [m]
HEIGHT_STEP_M: Final = 10
HEIGHTS: Final = 15
#: Freeboard and crest width of the wall [m], batter of both faces [-].
FREEBOARD_M: Final = 1.5
CREST_M: Final = 10.0
BATTER: Final = 3.0
#: Least volume [m³], least water to rock [-] and least cap [m] of a reservoir that is kept.
LEAST_VOLUME_M3: Final = 1.0e6
LEAST_WATER_ROCK: Final = 3.0
LEAST_CAP_M: Final = 5.0
#: Heads of a pair. [m]
LEAST_HEAD_M: Final = 100.0
MOST_HEAD_M: Final = 1600.0
#: Least head over length between dam points, and between the lakes. [-]
LEAST_SLOPE_POINTS: Final = 0.03
LEAST_SLOPE: Final = 0.05
#: Least water to rock of a pair. [-]
LEAST_PAIR_WATER_ROCK: Final = 1.5
#: Lower reservoirs kept for each upper one and size.
KEEP: Final = 100
#: Gravity of the method [m/s²], generating efficiency [-], usable share of the volume [-].
GRAVITY: Final = 9.8
EFFICIENCY: Final = 0.9
USABLE: Final = 0.85
#: Water to rock of a lake that exists. [-]
EXISTING_WATER_ROCK: Final = 1.0e9
#: Power above which the cost of works stops rising [MW], head above which two plants share it [m].
POWER_LIMIT_MW: Final = 800.0
TWO_PLANTS_M: Final = 800.0
#: Cost of a cubic metre of rock. [US$/m³]
ROCK_USD: Final = 168.0
#: Classes: letter, US$/kW, and US$/kWh of storage.
CLASSES: Final = (
    ("A", 533.0, 47.0), ("B", 666.0, 59.0), ("C", 800.0, 70.0), ("D", 933.0, 82.0),
    ("E", 1066.0, 94.0),
)  # fmt: skip
#: Letter of a pair dearer than the last class.
BEYOND: Final = "Z"
#: A pair is kept up to this multiple of the last class. [-]
SLACK: Final = 1.1
#: Share by which a lake that is grown again may miss its volume [-], step [m], least dam [m].
GROWN_SHARE: Final = 0.05
GROWN_STEP_M: Final = 0.5
LEAST_DAM_M: Final = 5.0
#: Most cells of one lake; a larger one is left out and counted, never cut.
SAFE_CELLS: Final = 4_000_000


def size_of(energy_gwh: float, hours: float) -> Size:
    """Return the size of a store of ``energy_gwh`` [GWh] over ``hours`` [h]."""
    return Size(1.0e3 * energy_gwh / hours, hours)


#: Energy [GWh] over hours [h] of the seven sizes.
SEVEN: Final = (
    size_of(1500.0, 504.0), size_of(500.0, 168.0), size_of(150.0, 50.0), size_of(50.0, 50.0),
    size_of(15.0, 18.0), size_of(5.0, 18.0), size_of(2.0, 6.0),
)  # fmt: skip
