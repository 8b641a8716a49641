"""The answer to "why, or why not here": values, text and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from geo.errors import Say
from geo.passport import Passport
from siting.law.answer_text import (
    absent_lines,
    banner,
    component_dict,
    component_lines,
    reading_lines,
)
from siting.law.findings import (
    DEMO_PREFIX,
    EFFECT_TONE,
    ComponentAnswer,
    Finding,
    Reading,
    frees,
    grade_text,
    reasons,
)
from siting.law.terms import TECHNOLOGY_ZH, Technology
from siting.law.verdict import Mode

#: Name and version of :meth:`WhyAnswer.to_dict`; docs/user/json.md tells the fields.
SCHEMA: Final = "shiyan-atlas/why/1"

__all__ = [
    "DEMO_PREFIX",
    "EFFECT_TONE",
    "ComponentAnswer",
    "Finding",
    "Reading",
    "WhyAnswer",
    "frees",
    "grade_text",
    "reasons",
]


@dataclass(frozen=True, slots=True)
class WhyAnswer:
    """The answer for one point and one technology."""

    technology: Technology
    lonlat: tuple[float, float]
    cell: tuple[int, int]
    as_of: date
    mode: Mode
    jurisdiction: str | None
    readings: tuple[Reading, ...]
    components: tuple[ComponentAnswer, ...]
    absent: Mapping[str, Say]
    caveat: Say | None
    passport: Passport
    what_if: tuple[str, ...] = ()
    #: Direction of grid north at the point, clockwise from true north. [°]
    grid_north_deg: float = 0.0

    def to_text(self, lang: str = "zh") -> str:
        """Return the answer as lines of text in ``lang``."""
        lines = [*banner(self.what_if, lang), self._heading(lang)]
        lines += reading_lines(self.readings, lang)
        if self.caveat is not None:
            lines.append(f"  ! {self.caveat.of(lang)}")
        lines += component_lines(self.components, lang)
        lines += self._north(lang)
        return "\n".join([*lines, *absent_lines(self.absent, lang)])

    def _north(self, lang: str) -> list[str]:
        """Return which north the bearings mean, where any was told."""
        told = any(one.nearest or any(f.change for f in one.findings) for one in self.components)
        off, side = abs(self.grid_north_deg), self.grid_north_deg > 0
        said = Say(
            f"方位按坐标北（此处偏真北以{'东' if side else '西'} {off:.1f}°），距离为平面距离",
            f"bearings are from grid north, here {off:.1f}° {'east' if side else 'west'} of true "
            "north; distances are of the map plane",
        )
        return ["", said.of(lang)] if told else []

    def _heading(self, lang: str) -> str:
        (lon, lat), day = self.lonlat, self.as_of.isoformat()
        if lang == "zh":
            return f"{TECHNOLOGY_ZH[self.technology]}　{lon:.5f}, {lat:.5f}　法律日期 {day}"
        return f"{self.technology.value} {lon:.5f}, {lat:.5f}, law as of {day}"

    def to_dict(self, lang: str = "zh") -> dict[str, Any]:
        """Return the answer as plain data for JSON, texts in ``lang``."""
        return {
            "schema": SCHEMA,
            "technology": self.technology.value,
            "lon": self.lonlat[0],
            "lat": self.lonlat[1],
            "as_of": self.as_of.isoformat(),
            "mode": self.mode,
            "jurisdiction": self.jurisdiction,
            "what_if": list(self.what_if),
            "synthetic": self.passport.synthetic,
            "grid_north_deg": self.grid_north_deg,
            "readings": [
                {"label": r.label.of(lang), "value": r.value, "unit": r.unit, "text": r.text}
                for r in self.readings
            ],
            "components": [component_dict(one, lang) for one in self.components],
            "caveat": self.caveat.of(lang) if self.caveat else "",
            "absent": {name: reason.of(lang) for name, reason in self.absent.items()},
        }
