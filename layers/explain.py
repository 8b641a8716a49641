"""Say what is wrong with a YAML file: file, line, key, and the nearest key that is known."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    StrictFloat,
    StrictInt,
    ValidationError,
)

from geo.errors import CatalogError, Say
from layers.yaml_safe import Document, Where

#: Parts the Chinese from the English sentence inside a validator's message.
_BOTH: Final = " || "
#: Chinese for the commonest faults of pydantic, by type.
_FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "string_type": "应为文本",
        "bool_type": "应为 true 或 false",
        "int_type": "应为整数",
        "float_type": "应为数字",
        "dict_type": "应为键值表",
        "model_type": "应为键值表",
        "list_type": "应为列表",
        "tuple_type": "应为列表",
        "too_short": "项数不足",
        "too_long": "项数过多",
        "string_too_short": "不得为空",
        "string_pattern_mismatch": "格式不对",
        "date_type": "应为日期 YYYY-MM-DD",
        "date_parsing": "应为日期 YYYY-MM-DD",
        "date_from_datetime_parsing": "应为日期 YYYY-MM-DD",
        "greater_than": "应大于 0",
        "greater_than_equal": "不得为负",
    }
)

#: Faults of the branches of :data:`Number`.
_NUMBERS: Final = frozenset({"int_type", "float_type"})
#: Faults that list what could have been written.
_CHOICES: Final = frozenset({"literal_error", "enum"})


class Strict(BaseModel):
    """Base of every schema: no unknown keys, no silent conversion, frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def fault(zh: str, en: str) -> ValueError:
    """Return a fault of a validator that carries both languages to the reader."""
    return ValueError(f"{zh}{_BOTH}{en}")


def finite(value: float) -> float:
    """Refuse infinity and NaN; for fields that hold a number."""
    if not math.isfinite(value):
        raise fault("应为有限的数", "should be a finite number")
    return value


#: A number that is neither text nor infinite.
Number = Annotated[StrictInt | StrictFloat, AfterValidator(finite)]


def validate(model: type[Strict], document: Document, where: Where = (), data: Any = None) -> Any:
    """Validate (a part of) a document and say where it is wrong.

    Parameters
    ----------
    where
        Position of ``data`` in the document; empty for the whole document.

    Raises
    ------
    CatalogError
        Names file, line, key, what was wrong, and for a typo the nearest known key.
    """
    try:
        return model.model_validate(document.data if data is None else data)
    except ValidationError as error:
        first = error.errors()[0]
        raise _explain(model, document, where, first) from error


def _explain(
    model: type[Strict], document: Document, where: Where, first: Mapping[str, Any]
) -> CatalogError:
    loc: Where = tuple(part for part in first["loc"] if isinstance(part, (str, int)))
    if first["type"] in _NUMBERS and loc and loc[-1] in {"int", "float"}:
        # one branch of "whole or broken number" is not what the reader is to be told
        loc, first = loc[:-1], {**first, "type": "float_type", "msg": "should be a number"}
    place = (*where, *loc)
    subject = document.place(place)
    key = ".".join(str(part) for part in place) or "(top)"
    if first["type"] == "extra_forbidden":
        known = _known_keys(model, loc[:-1])
        hint = nearest(str(loc[-1]), known)
        return CatalogError(
            subject,
            Say(f"未知的键 {key}", f"has the unknown key {key}"),
            Say(f"是否想写 {hint}", f"did you mean {hint}"),
        )
    if first["type"] == "missing":
        return CatalogError(
            subject,
            Say(f"缺少键 {key}", f"lacks the key {key}"),
            Say("补上该键", "add it"),
        )
    given = first.get("input")
    shown = "" if isinstance(given, (dict, BaseModel)) else f" = {given!r}"
    what = _message(first)
    return CatalogError(
        subject,
        Say(f"键 {key}{shown} 不合格：{what.zh}", f"has a bad value, {key}{shown}: {what.en}"),
        _cure(first),
    )


def _message(first: Mapping[str, Any]) -> Say:
    message = str(first["msg"]).removeprefix("Value error, ")
    if _BOTH in message:
        zh, _, en = message.partition(_BOTH)
        return Say(zh, en)
    if first["type"] in _CHOICES:
        return Say(f"应为 {first['ctx']['expected']} 之一".replace(" or ", ", "), message)
    return Say(_FAULTS.get(str(first["type"]), message), message)


def _cure(first: Mapping[str, Any]) -> Say:
    if first["type"] == "string_type":
        return Say("给该值加引号，如 '1.0'", "quote the value, such as '1.0'")
    if first["type"] in _CHOICES:
        words = [
            word.strip(" '") for word in first["ctx"]["expected"].replace(" or ", ",").split(",")
        ]
        hint = nearest(str(first.get("input")), words)
        return Say(f"是否想写 {hint}", f"did you mean {hint}")
    return Say("改正该值", "correct the value")


def _known_keys(model: type[Strict], loc: Where) -> list[str]:
    """Return the keys that the schema knows at ``loc``."""
    here: type[BaseModel] = model
    for part in loc:
        info = here.model_fields.get(str(part))
        inner = _model_in(info.annotation) if info else None
        if inner is not None:
            here = inner
    return list(here.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _model_in(part)
        if found is not None:
            return found
    return None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word nearest to ``word``, or the whole list when none is near."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return close[0] if close else ", ".join(names)
