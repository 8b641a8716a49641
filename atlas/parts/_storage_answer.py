"""The table of named storage projects that the command prints: published figures, no verdict."""

from __future__ import annotations

from collections.abc import Sequence

from atlas.parts import _storage_words as words
from geo.errors import Say
from layers.facts import STATUS
from siting.pumped.named import Assessment

_HEADS = (
    Say("点名工程", "named project"), Say("编号", "id"), Say("规划点名", "in the plan"),
    Say("状态", "state"), Say("公布装机 MW", "published MW"), Say("额定水头 m", "rated head m"),
    Say("结论", "verdict"), Say("未筛查原因", "why"),
)  # fmt: skip


def table(storage: Sequence[Assessment], lang: str) -> tuple[list[list[str]], tuple[bool, ...]]:
    """Return the table, heads first, and which columns stand at the right."""
    rows = [[head.of(lang) for head in _HEADS], *(_row(one, lang) for one in storage)]
    return rows, (False, False, False, False, True, True, False, False)


def _row(one: Assessment, lang: str) -> list[str]:
    site = one.site
    name = site.name.of(lang)
    if one.design:
        name += Say(f"（方案 {one.design}）", f" (design {one.design})").of(lang)
    named = Say("是", "yes") if site.in_plan else Say("否", "no")
    if site.in_plan and not site.mw_counted:
        named = Say("是，不重复计", "yes, not counted twice")
    power = words.published(site.capacity_mw, lang).replace("\u2009MW", "")
    head = words.published(one.figure("rated_head_m", "m"), lang).replace("\u2009m", "")
    return [
        name, site.id, named.of(lang), STATUS[site.status].of(lang), power, head,
        Say("未筛查", "not screened").of(lang), one.reason.of(lang),
    ]  # fmt: skip
