"""Results that show themselves: a few lines in a console, key figures and a chart in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from seedbed.base.lang import spoken

PRESENTER = "seedbed.show.results"
"""Who draws results: a floor above, found by its name when a notebook first asks."""


class Shown:
    """A result. What it says of itself is `about`: short texts and numbers by name, at most a dozen."""

    def about(self) -> Mapping[str, object]:
        """What the result is of, and its main numbers."""
        raise NotImplementedError

    def __repr__(self) -> str:
        said = {name: value for name, value in self.about().items() if value not in (None, "")}
        width = max((len(name) for name in said), default=0)
        lines = [f"  {name:<{width}}  {value}" for name, value in said.items()]
        return "\n".join([type(self).__name__, *lines])

    def _repr_html_(self) -> str:
        return import_module(PRESENTER).html(self, spoken())
