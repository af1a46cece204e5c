"""Text in both languages; the only shape a user-visible label has in data files."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Lang = Literal["zh", "en"]


class Model(BaseModel):
    """Base of every data-file schema: unknown keys are errors and values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Model):
    """One text in Chinese and English."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def __getitem__(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en
