"""Labels from data files, in both languages, as tables hold them and with their fields filled in."""

from __future__ import annotations

from seedbed.base.text import Text


def filled(template: Text, **fields: str | Text) -> Text:
    """`template` with its `{fields}` filled in; a field that is a label itself is taken in each language."""
    zh, en = ({name: field if isinstance(field, str) else field[lang] for name, field in fields.items()}
              for lang in ("zh", "en"))
    return Text(zh=template.zh.format(**zh), en=template.en.format(**en))


def name_columns(label: Text) -> dict[str, str]:
    """The columns `name_zh` and `name_en` of a label."""
    return {"name_zh": label.zh, "name_en": label.en}
