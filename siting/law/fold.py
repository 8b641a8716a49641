"""Rules of several components printed once: equal lines together, the gravest rule first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from geo.errors import Say
from siting.law.rules import Rule
from siting.law.terms import COMPONENT_ZH, Component, Effect, State

_GRAVITY: Final = {effect: rank for rank, effect in enumerate(Effect)}
_ORDER: Final = (State.HIT, State.EXEMPT, State.UNCOVERED, State.UNSCREENED, State.CLEAR)
#: Words of a verdict that a reader cannot guess, each explained once below the answer.
_WORDS: Final = {
    Effect.PENALTY: Say(
        "扣分＝法律不禁止，只在场址排序中减分", "penalty = not barred, only ranked lower"
    ),
    Effect.LIMITED_ACTIVITY: Say(
        "有限人为活动＝红线内允许的少数活动，须取得省级认定意见",
        "limited activity = one of the few allowed in the red line, the province certifies it",
    ),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule at one component: its lines, the first two being the rule and its clause."""

    rule: Rule
    state: State
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One component: what follows its name, the lines below it, and its rules."""

    component: Component
    verdict: str
    below: tuple[str, ...]
    entries: tuple[Entry, ...]


def name_of(component: Component, lang: str) -> str:
    """Return a component's name in ``lang``."""
    return COMPONENT_ZH[component] if lang == "zh" else component.value.replace("_", " ")


def folded(parts: Sequence[Part], lang: str) -> list[str]:
    """Return the verdict of every component, then every rule once with its components.

    Components of the same verdict share a line; a rule whose lines differ between
    components (another distance, another area) is printed for each.
    """
    heads: dict[tuple[str, ...], list[Component]] = {}
    rules: dict[tuple[str, ...], list[Component]] = {}
    first: dict[tuple[str, ...], Entry] = {}
    for part in parts:
        heads.setdefault((part.verdict, *part.below), []).append(part.component)
        for entry in part.entries:
            rules.setdefault(entry.lines, []).append(part.component)
            first.setdefault(entry.lines, entry)
    lines = [""]
    for (verdict, *below), of in heads.items():
        lines += [f"{_names(of, lang)}: {verdict}", *below]
    if rules:
        lines += ["", _title(len(parts), lang)]
    for entry in sorted(first.values(), key=lambda one: gravity(one.rule, one.state)):
        head, clause, *rest = entry.lines
        lines += [head, clause]
        if len(parts) > 1:
            lines.append(_whose(rules[entry.lines], len(parts), lang))
        lines += rest
    return [*lines, *_words(first.values(), lang)]


def gravity(rule: Rule, state: State) -> tuple[int, int, int]:
    """Return the rank of a rule at a place: hits first, law that decides, gravest effect."""
    return _ORDER.index(state), not (rule.decides or rule.technical), _GRAVITY[rule.effect]


def _names(of: Sequence[Component], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(name_of(one, lang) for one in of)


def _title(count: int, lang: str) -> str:
    several = Say(
        "规则（最严的在前，各部件相同的只列一次）", "rules (gravest first, equal ones once)"
    )
    return (several if count > 1 else Say("规则（最严的在前）", "rules (gravest first)")).of(lang)


def _whose(of: Sequence[Component], count: int, lang: str) -> str:
    every = len(of) == count
    word = Say("部件", "components").of(lang)
    return f"      {word}: {Say('全部', 'all').of(lang) if every else _names(of, lang)}"


def _words(entries: Iterable[Entry], lang: str) -> list[str]:
    """Return the words that need an explanation, where they were used."""
    used = {one.rule.effect for one in entries}
    said = [text.of(lang) for effect, text in _WORDS.items() if effect in used]
    if not said:
        return []
    return ["", Say("用词：", "words: ").of(lang) + ("；" if lang == "zh" else "; ").join(said)]
