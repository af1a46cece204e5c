"""Results as plain data: what JSON can hold, and nothing that is not a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from typing import Any, cast

import numpy as np
from pydantic import BaseModel

from seedbed.base.datafile import is_dict


def plain(value: Any) -> Any:
    """Dataclasses, models, arrays and tuples as JSON-ready data; NaN becomes None."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return plain(vars(value) if hasattr(value, "__dict__") else asdict(value))
    if is_dict(value):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple) and hasattr(cast(Any, value), "_asdict"):  # a named tuple
        return plain(value._asdict())  # type: ignore[attr-defined]
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in cast(Iterable[Any], value)]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value
