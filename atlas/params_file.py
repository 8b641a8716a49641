"""Read ``--params FILE``: values, weights, comparisons and a power curve of a siting study.

YAML through the safe reader: an unknown key, a text where a number stands or a missing file is
refused with file and line. What the numbers mean is checked by those who use them; what needs no
layer is asked of them here, so that the refusal names file and line too.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from geo.errors import CatalogError, OptionError, Say
from layers.catalog.paths import resolve
from layers.explain import Number, Strict, fault, validate
from layers.yaml_safe import Document, load_yaml
from siting.settings import Ahp, Settings
from siting.settings_check import check
from siting.wind.turbine import shipped

#: A parameter file is written by hand.
_MAX_VALUES: Final = 500
_MAX_CRITERIA: Final = 20
_MAX_CURVE_BYTES: Final = 1_000_000
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63})?")
_RATIO: Final = re.compile(r"[1-9][0-9]{0,3}/[1-9][0-9]{0,3}")

Technology = Literal["pv", "wind"]


class _Comparisons(Strict):
    criteria: tuple[str, ...] = Field(min_length=2, max_length=_MAX_CRITERIA)
    matrix: tuple[tuple[Number | str, ...], ...] = Field(min_length=2, max_length=_MAX_CRITERIA)

    @model_validator(mode="after")
    def _square(self) -> _Comparisons:
        size = len(self.criteria)
        if len(set(self.criteria)) != size:
            raise fault("criteria 有重复", "criteria repeat")
        if len(self.matrix) != size or any(len(row) != size for row in self.matrix):
            raise fault(
                f"matrix 应为 {size} 行 {size} 列，与 criteria 一致",
                f"matrix should have {size} rows of {size}, as criteria",
            )
        for row in self.matrix:
            for cell in row:
                if isinstance(cell, str) and not _RATIO.fullmatch(cell):
                    raise fault(
                        f"matrix 中 {cell!r} 应为数或 1/3 一类的比",
                        f"{cell!r} in matrix should be a number or a ratio such as 1/3",
                    )
        return self

    def plain(self) -> Ahp:
        """Return the comparisons with ratios as numbers."""
        rows = tuple(tuple(float(Fraction(cell)) for cell in row) for row in self.matrix)
        return Ahp(self.criteria, rows)


class _ParamsFile(Strict):
    values: dict[str, Number] = Field(default_factory=dict, max_length=_MAX_VALUES)
    weights: dict[Technology, dict[str, Number]] = Field(default_factory=dict)
    ahp: dict[Technology, _Comparisons] = Field(default_factory=dict)
    power_curve: str | None = Field(default=None, min_length=1)

    @field_validator("values")
    @classmethod
    def _keys(cls, values: dict[str, float]) -> dict[str, float]:
        for key in values:
            if not _KEY.fullmatch(key):
                raise fault(
                    f"{key!r} 不是参数名，如 pv.dc_ac、pv_slope_max_deg",
                    f"{key!r} is no parameter name such as pv.dc_ac, pv_slope_max_deg",
                )
        return values

    @field_validator("weights")
    @classmethod
    def _weights(cls, weights: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        for technology, own in weights.items():
            if not 1 <= len(own) <= _MAX_CRITERIA:
                raise fault(
                    f"{technology} 的权重应为 1 到 {_MAX_CRITERIA} 项",
                    f"{technology} should have 1 to {_MAX_CRITERIA} weights",
                )
        return weights


def read_params(path: Path, sites: Path | None = None) -> Settings:
    """Return the settings that a parameter file holds.

    Parameters
    ----------
    path
        YAML with the keys ``values``, ``weights``, ``ahp``, ``power_curve``; each may be absent.
    sites
        Vector file of ``--sites``, handed through.

    Raises
    ------
    CatalogError
        Naming file, line and cure: not plain YAML, an unknown key, a value of a wrong kind, a
        matrix that is not square, a power curve that is not there.
    """
    document = load_yaml(path)
    if document.data is None:
        raise CatalogError(
            document.name,
            Say("文件为空", "is empty"),
            Say("至少写 values、weights、ahp、power_curve 之一", "write one of values, weights, "
                "ahp, power_curve"),
        )  # fmt: skip
    read: BaseModel = validate(_ParamsFile, document)
    if not isinstance(read, _ParamsFile):  # what validate() promises, for the type checker
        raise TypeError(type(read).__name__)
    settings = Settings(
        values={key: float(value) for key, value in read.values.items()},
        weights={
            technology: {key: float(value) for key, value in own.items()}
            for technology, own in read.weights.items()
        },
        ahp={technology: one.plain() for technology, one in read.ahp.items()},
        power_curve=_curve(read.power_curve, path, document),
        sites=sites,
    )
    _check(settings, document)
    return settings


def _check(settings: Settings, document: Document) -> None:
    """Refuse what needs no layer to be refused, with the line that says it."""
    try:
        check(settings)
    except OptionError as error:
        place = document.name
        section, _, name = error.subject.partition(".")
        if section in {"weights", "ahp"}:
            place = document.place((section, name))
        else:
            own = [key for key in settings.values if key == error.subject]
            like = [key for key in settings.values if _of(key, section, name)]
            for key in (own + like)[:1]:
                place = document.place(("values", key))
        raise OptionError(f"{place} {error.subject}", error.what, error.cure) from error


def _of(key: str, group: str, name: str) -> bool:
    """Return whether a key is one of those that an error of several keys names."""
    own, _, rest = key.partition(".")
    return own == group and bool(name) and name in rest


def _curve(name: str | None, path: Path, document: Document) -> Path | None:
    """Return the power curve beside the parameter file, or the name of a shipped one."""
    if name is None:
        return None
    if name in shipped():
        return Path(name)
    subject = document.place(("power_curve",))
    cure = Say(
        "把 CSV 放在参数文件旁或其下，写相对路径",
        "put the CSV beside or below the parameter file and write a relative path",
    )
    try:
        curve = resolve(name, path.resolve().parent, subject)
    except CatalogError as error:
        raise CatalogError(subject, error.what, cure) from error
    if curve.suffix.lower() != ".csv" or not curve.is_file():
        raise CatalogError(
            subject,
            Say(f"功率曲线 {name} 不存在或不是 CSV", f"the power curve {name} is no CSV file"),
            Say(
                f"{cure.zh}；或写自带曲线名 {'、'.join(shipped())}",
                f"{cure.en}; or name a shipped one: {', '.join(shipped())}",
            ),
        )
    if curve.stat().st_size > _MAX_CURVE_BYTES:
        raise CatalogError(
            subject,
            Say(
                f"功率曲线超过 {_MAX_CURVE_BYTES} 字节",
                f"the power curve is larger than {_MAX_CURVE_BYTES} bytes",
            ),
            Say("只留风速与功率两列", "keep the columns of speed and power"),
        )
    return curve
