"""Text in both languages, the only shape of a user-visible label in data files; and the base of their schemas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from seedbed.base.lang import Lang as Lang


class Model(BaseModel):
    """Base of every data-file schema: unknown keys are errors and values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Whole(Model):
    """What a whole file says: equal to itself only, so that what is made from it can be kept by it."""

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


_WIDE = r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f“”‘’]"
_FOLD = re.compile(rf"(?<={_WIDE})\s+(?={_WIDE})")


def _unfold(text: str) -> str:
    """YAML folds a line break into a space; Chinese is written without it."""
    return _FOLD.sub("", text)


class Text(Model):
    """One text in Chinese and English; plain text stands for both (a name that is not translated)."""

    zh: Annotated[str, AfterValidator(_unfold)] = Field(min_length=1)
    en: str = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, raw: Any) -> Any:
        return {"zh": raw, "en": raw} if isinstance(raw, str) else raw

    def __getitem__(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


class Message(NamedTuple):
    """What a floor has to say that knows no words: a key of show's words, and what fills its fields.

    A field is text, a number as written, a `Text`, or a tuple of such that is read as a list.
    """

    key: str
    fields: Mapping[str, object] = {}
