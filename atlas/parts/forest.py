"""Forest chapter: stock by definition, the 4.5 m³/亩 target, carbon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from atlas.charts import chart_svg
from atlas.part import Context, Part, PartResult, Section, Tab
from atlas.parts import _forest_blocks as blocks
from atlas.parts import _forest_tables as tables
from atlas.parts._forest_map import forest_raster
from geo.errors import Say
from geo.passport import Passport
from sinks.forest.study import ForestStudy, Options, study
from sinks.forest.target import PLAN_TARGET

_TITLE: Final = Say("森林", "Forest")
_TARGET_ID: Final = "stock-2025"
_CHART: Final = (860, 360)


class ForestPart:
    """Part ``forest``: runs the forest study on the strata of the stack."""

    id = "forest"
    title = _TITLE
    depends_on: tuple[str, ...] = ()

    def run(self, context: Context, before: Mapping[str, PartResult]) -> PartResult:  # noqa: ARG002
        """Return stock, target answers and carbon; ``absent`` when there are no strata.

        Parameters
        ----------
        context
            The run; its stack may hold ``forest_strata``, its facts the published series.
        before
            Not used: the chapter stands alone.
        """
        strata = context.stack.get("forest_strata")
        if strata is None or not context.facts.forest_series:
            return _absent(strata is None)
        context.progress("森林蓄积与目标")
        done = study(
            strata,
            context.facts.forest_series,
            context.as_of,
            context.seed,
            options=Options(target=_target(context)),
        )
        warnings = _warnings(done)
        raster = forest_raster(context)
        return PartResult(
            self.id,
            _TITLE,
            tables.summary(done),
            done.passport,
            tabs=(_tab(done, context.lang, "" if raster is None else "forest"),),
            raster=raster,
            tables=tables.sheets(done),
            sections=(_section(done, context.lang),),
            warnings=warnings,
            extra={"study": done},
        )


def _absent(no_strata: bool) -> PartResult:
    reason = (
        Say("没有森林小班汇总图层，森林章未计算", "No forest strata: forest not computed")
        if no_strata
        else Say("没有公布的森林序列，森林章未计算", "No published forest series: not computed")
    )
    return PartResult("forest", _TITLE, {}, Passport(), absent=reason)


def _target(context: Context) -> float:
    """Return the target [m³/亩] of the facts, else the plan's."""
    for one in context.facts.targets:
        if one.id == _TARGET_ID and one.target.value is not None:
            return one.target.value
    return PLAN_TARGET


def sentence(done: ForestStudy) -> Say:
    """Return the answer on top of the page: each definition with its own status."""
    found = {a.definition.id: a for a in done.answers}
    target = f"{done.options.target:g}"
    zh, en = [], []
    one = found["D1"]
    if one.point is not None:
        reached = one.point.density >= done.options.target
        weak = "，单一来源 D 级" if one.point.grade == "D" else ""
        zh.append(
            f"D1 {one.point.year} 年 {one.point.density:.2f} m³/亩（三调森林面积{weak}"
            f"{tables.late(done, one.point.year).zh}），"
            f"{'已达' if reached else '未达'} {target}"
        )
        en.append(
            f"D1 {one.point.density:.2f} m³/mu in {one.point.year} (land-survey area"
            f"{', single grade-D source' if weak else ''}"
            f"{tables.late(done, one.point.year).en}): {target} "
            f"{'already met' if reached else 'not met'}"
        )
    two = found["D2"]
    later = max(tables.asked(done) + 1, 2030)
    if two.point is not None:
        chance = two.probability(later)
        reached = two.point.density >= done.options.target
        zh.append(
            f"D2 {two.point.year} 年 {two.point.density:.2f}（含特灌"
            f"{tables.late(done, two.point.year).zh}），"
            f"{'已达' if reached else '未达'}"
            + ("" if chance is None else f"，到 {later} 年达到的概率 {tables.percent(chance)}")
        )
        en.append(
            f"D2 {two.point.density:.2f} in {two.point.year} (incl. special shrub"
            f"{tables.late(done, two.point.year).en}): "
            f"{'met' if reached else 'not met'}"
            + ("" if chance is None else f", probability {tables.percent(chance)} by {later}")
        )
    if found["D3"].status == "missing":
        old = [p for p in done.of("D3") if p.year <= done.as_of.year]
        last = f"（最近公布 {old[-1].year} 年 {old[-1].density:.2f}）" if old else ""
        zh.append(f"D3 缺数据{last}")
        en.append(
            f"D3: no data since {old[-1].year} ({old[-1].density:.2f})" if old else "D3: no data"
        )
    mark = "（演示林分，参数未核验）" if done.passport.synthetic else "（参数未核验）"
    word = " (demo stands, parameters unverified)" if done.passport.synthetic else " (unverified)"
    return Say("亩均森林蓄积：" + "；".join(zh) + mark, "Forest stock: " + "; ".join(en) + word)


def _warnings(done: ForestStudy) -> tuple[Say, ...]:
    own = [
        Say(
            f"规划未说明 {done.options.target:g} m³/亩用哪一口径：四个口径并列，互不换算",
            "The plan does not say which definition its target uses: all four are shown",
        ),
        Say(
            "湖北没有核实过的林分蓄积生长曲线；默认曲线为先验（参数未核验），以本单位小班表替换",
            "No verified local volume curve: the default is a prior; replace it by your own data",
        ),
    ]
    return (*own, *done.notes)


def _tab(done: ForestStudy, lang: str, view: str) -> Tab:
    charts = [blocks.chart(done, a.definition.id, lang) for a in done.answers]
    return Tab(
        "forest",
        _TITLE,
        sentence(done),
        (
            blocks.stats(done, lang),
            *(one for one in (*charts, blocks.history(done, lang)) if one is not None),
            blocks.answers(done, lang),
            blocks.carbon(done, lang),
            blocks.sweep(done, lang),
            *blocks.notes(done, lang),
        ),
        view=view,
        order=40,
    )


def _section(done: ForestStudy, lang: str) -> Section:
    """Return the report page of the chapter with the charts as one inline SVG each."""
    drawn: list[Mapping[str, Any]] = [
        one
        for one in (
            *(blocks.chart(done, name, lang) for name in ("D1", "D2", "D3", "D4")),
            blocks.history(done, lang),
        )
        if one is not None
    ]
    svg = "".join(chart_svg(one, *_CHART, lang) for one in drawn)
    target = f"{done.options.target:g}"
    paragraphs = (
        sentence(done),
        Say(
            f"基准年 {done.reference}，截至 {done.as_of}。{done.reference} 年以前为桥接（现状林分按"
            f"先验曲线倒推、过去增速高出曲线的部分为抽取，面积固定为 {done.reference} 年；"
            "D3 为同口径公布点之间的直线），"
            f"不是实测，不计预测技巧；{tables.asked(done)} 年及以前不给概率。"
            f"{tables.deadline(done).zh}。",
            f"Reference year {done.reference}, as of {done.as_of}. Years before it are a bridge "
            "(today's stands run back along the prior curve and a drawn faster growth, "
            "on a fixed area; D3: a straight line between its own points), not measured and no "
            "skill; up to "
            f"{tables.asked(done)} no probability is given; {tables.deadline(done).en}.",
        ),
        Say(
            f"P(≥{target}) 为 {done.options.draws} 次抽样中到该年已达到的份额；抽样含生长、采伐、"
            "灾害、造林与初始蓄积误差。带为 P5–P95。",
            f"P(>= {target}) is the share of {done.options.draws} draws that reached it by then; "
            "drawn: growth, felling, disturbance, planting, initial stock. Bands are P5-P95.",
        ),
        _credit(done),
    )
    return Section(
        "forest",
        Say("森林蓄积与 4.5 m³/亩", "Forest stock and the target"),
        paragraphs,
        svg,
        tables.answers_frame(done, lang),
    )


def _credit(done: ForestStudy) -> Say:
    """Say sign and scope of the sink, and how little of it is afforestation (truth.md 30)."""
    planted = done.model.parameters["planting"]
    restored = done.model.parameters["restored"]
    return Say(
        "净排放 = −ΔC×44/12，负为净吸收；范围仅活生物量（乔木）。CCER-14-001 只认造林：2023 年"
        f"造林 {planted.value} 万亩，退化林修复 {restored.value} 万亩（{planted.source}），"
        "可入市的份额很小。",
        "Net emission = -dC x 44/12, negative is a removal; scope: live tree biomass only. "
        f"CCER-14-001 takes afforestation alone (2023: {planted.value} x 10⁴ mu planted against "
        f"{restored.value} restored, {planted.source}): little of the sink is eligible.",
    )


PART: Final[Part] = ForestPart()
