"""Steps of the answer why no storage plant stands at a point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from geo.errors import Say
from siting.pumped.dams.reasons import Check


class Step(IntEnum):
    """Steps of the answer, in order; the last one named is where the point ends."""

    GULLY = 0
    CATCHMENT = 1
    GROUND = 2
    HEIGHT = 3
    NEIGHBOUR = 4
    PARTNER = 5
    BEST_SET = 6
    CHOSEN = 7


STEP: Final = {
    Step.GULLY: Say("位于冲沟", "in a gully"),
    Step.CATCHMENT: Say("集水面积", "catchment"),
    Step.GROUND: Say("坝脚用地", "ground at the dam foot"),
    Step.HEIGHT: Say("库容与水石比", "volume and ratio of water to dam"),
    Step.NEIGHBOUR: Say("同沟坝址比较", "other sites of the gully"),
    Step.PARTNER: Say("上下库配对", "partner lake"),
    Step.BEST_SET: Say("互不重叠的最优组合", "best set without overlap"),
    Step.CHOSEN: Say("入选", "chosen"),
}

#: Step at which each test of a dam site stands.
STEP_OF: Final = {
    Check.KEPT: Step.PARTNER,
    Check.OPEN: Step.CATCHMENT,
    Check.LARGE: Step.CATCHMENT,
    Check.NOT_ALLOWED: Step.GROUND,
    Check.BARRED: Step.GROUND,
    Check.VOLUME: Step.HEIGHT,
    Check.CAPPED: Step.HEIGHT,
    Check.NOT_CLOSED: Step.HEIGHT,
    Check.RATIO: Step.HEIGHT,
    Check.SUPPRESSED: Step.NEIGHBOUR,
}


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step: passed or not, and the sentence with its number."""

    step: Step
    passed: bool
    text: Say


@dataclass(frozen=True, slots=True, eq=False)
class WhyNot:
    """Answer for a point.

    Parameters
    ----------
    x, y
        The point asked about. [m]
    steps
        Steps passed and, last, the one that failed (or CHOSEN).
    text
        The last step as one sentence.
    distance_m
        From the point to the candidate that is meant; NaN = none within reach. [m]
    value, limit
        Numbers of the step that failed, NaN without one; in the unit of its sentence.
    dam, lake, pair, site
        Row of the dam site, existing lake, pair and place in the best set that the answer is
        about; -1 = none.
    """

    x: float
    y: float
    steps: tuple[StepTaken, ...]
    text: Say
    distance_m: float
    value: float
    limit: float
    dam: int
    lake: int
    pair: int
    site: int

    @property
    def step(self) -> Step:
        """Where the point ends."""
        return self.steps[-1].step

    @property
    def chosen(self) -> bool:
        """A pair of the best set stands here."""
        return self.steps[-1].step is Step.CHOSEN


@dataclass(frozen=True, slots=True, eq=False)
class End:
    """What the last step found."""

    steps: tuple[StepTaken, ...]
    value: float = math.nan
    limit: float = math.nan
    dam: int = -1
    lake: int = -1
    pair: int = -1
    site: int = -1
