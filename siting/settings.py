"""What the user sets for a siting study, beside the options of the run.

Read from ``--params FILE`` and ``--sites FILE`` by the atlas; plain data here. Keys and ranges
of ``values`` are checked by :func:`siting.study.study`, weights and AHP matrices by
:mod:`siting.ranking`, the power curve and the sites by their readers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from geo.errors import OptionError, Say
from siting.law.predicates import Parameters

#: Groups of parameters that a user may set, beside the limits of the law.
GROUPS: Final = (
    "pv", "wind", "connect", "cost", "rank",
    "dam", "lake", "pair", "works", "storage_cost", "dem_error",
)  # fmt: skip
_LAW_KEYS: Final = frozenset(f.name for f in fields(Parameters)) - {"slope_sweep_deg"}
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


def limits_of(parameters: Mapping[str, float]) -> tuple[Parameters, dict[str, float]]:
    """Return the limits that screening takes, and the rest of the user's values.

    Parameters
    ----------
    parameters
        Values by key.

    Raises
    ------
    OptionError
        If a key belongs to nothing, or a limit is out of its range.
    """
    law: dict[str, Any] = {
        key: float(value) for key, value in parameters.items() if key in _LAW_KEYS
    }
    rest = {key: value for key, value in parameters.items() if key not in _LAW_KEYS}
    known = sorted(_LAW_KEYS)
    for key in rest:
        if key.partition(".")[0] not in GROUPS:
            every = "、".join(f"{one}.*" for one in GROUPS)
            raise OptionError(
                key,
                Say("没有这个参数", "is no parameter"),
                Say(f"可用：{known} 或 {every}", f"use {known} or {', '.join(GROUPS)}.*"),
            )
    return Parameters(**law), rest
