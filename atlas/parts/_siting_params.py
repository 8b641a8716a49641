"""The parameter table: every default with its value, range, source and status."""

from __future__ import annotations

from typing import Final

import pandas as pd

from atlas.part import Context, Section
from atlas.parts._siting_words import unit_in
from geo.errors import Say
from siting.sites.params import NO_SOURCE, Params
from siting.study import Study

_GROUP: Final = {
    "pv": Say("光伏", "PV"),
    "wind": Say("风电", "Wind"),
    "connect": Say("并网与道路", "Connection and roads"),
    "cost": Say("成本与电价", "Cost and price"),
    "rank": Say("排序", "Ranking"),
}
_STATUS: Final = {
    "published": Say("有出处", "published"),
    "derived": Say("推算", "derived"),
    "prior": Say("预设，未核验", "prior, not verified"),
    "missing": Say("未查到，未计", "not found, not counted"),
    "user": Say("用户给定", "set by the user"),
}


def groups(study: Study) -> list[Params]:
    """Return the parameter tables of a run, each once, in the order of their groups."""
    found: dict[str, Params] = {}
    for one in study.technologies.values():
        for params in one.params:
            found.setdefault(params.group, params)
    order = [name for name in _GROUP if name in found]
    return [found[name] for name in (*order, *sorted(set(found) - set(order)))]


def params_sheet(study: Study) -> pd.DataFrame:
    """Return the rows of the sheet of parameters."""
    return pd.concat([params.frame() for params in groups(study)], ignore_index=True)


def params_sections(study: Study, context: Context) -> list[Section]:
    """Return the annex: a section a group, in the run's language."""
    intro = Say(
        "每个参数的数值、范围、单位、状态和来源。“预设”是我们的假设，“未查到”按未计处理，不猜。"
        "用户可用参数文件逐项改写。",
        "Value, range, unit, status and source of every parameter. A prior is our assumption; what"
        " was not found is not counted, never guessed. A file of parameters changes any of them.",
    )
    out: list[Section] = []
    for params in groups(study):
        name = _GROUP.get(params.group, Say(params.group, params.group))
        out.append(
            Section(
                f"params-{params.group}",
                Say(f"附：参数（{name.zh}）", f"Annex: parameters ({name.en})"),
                (intro,) if not out else (),
                table=_table(params, context),
            )
        )
    return out


def _table(params: Params, context: Context) -> pd.DataFrame:
    lang = context.lang
    rows = []
    for key, value in params.items():
        status = _STATUS.get(value.status, Say(value.status, value.status))
        source = NO_SOURCE.get(value.source, value.source)
        if lang == "en" and value.source in NO_SOURCE:
            source = value.source
        title = params.titles.get(key, Say(key, key))
        shown = [_figure(v) for v in (value.value, value.low, value.high)]
        unit = unit_in(value.unit, lang)
        rows.append([title.of(lang), *shown, unit, status.of(lang), source, key])
    heads = (
        Say("参数", "parameter"), Say("数值", "value"), Say("低", "low"), Say("高", "high"),
        Say("单位", "unit"), Say("状态", "status"), Say("来源", "source"), Say("键", "key"),
    )  # fmt: skip
    return pd.DataFrame(rows, columns=[head.of(lang) for head in heads])


def _figure(value: float | None) -> str:
    """Return a parameter with all its digits: a table of inputs is not rounded."""
    return "—" if value is None else f"{value:,.10g}"
