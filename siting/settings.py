"""What the user sets for a siting study, beside the options of the run.

Read from ``--params FILE`` and ``--sites FILE`` by the atlas; plain data here. Keys and ranges
of ``values`` are checked by :func:`siting.study.study`, weights and AHP matrices by
:mod:`siting.ranking`, the power curve and the sites by their readers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ahp:
    """Pairwise comparisons of criteria (analytic hierarchy process).

    Parameters
    ----------
    criteria
        Keys of the criteria, in the order of the matrix.
    matrix
        Row ``i``, column ``j``: how much more ``criteria[i]`` matters than ``criteria[j]``;
        square. [-]
    """

    criteria: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """Choices of the user; empty = the shipped defaults.

    Parameters
    ----------
    values
        Parameters by key: ``pv.dc_ac``, ``cost.pv_capex``, a law limit such as
        ``pv_slope_max_deg``; each in the unit of its parameter table.
    weights
        Weights of criteria by technology (``pv``, ``wind``) and criterion. [-]
    ahp
        Comparisons by technology.
    power_curve
        CSV of a turbine; None = the shipped one.
    sites
        Vector file of named projects forced in; None = none.
    """

    values: Mapping[str, float] = field(default_factory=lambda: _NONE)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: _NONE)
    ahp: Mapping[str, Ahp] = field(default_factory=lambda: _NONE)
    power_curve: Path | None = None
    sites: Path | None = None
