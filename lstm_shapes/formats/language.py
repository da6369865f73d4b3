"""The languages in which people write a setting: a hint says it as the author of the file has to type it."""

from __future__ import annotations

import json
import re
from typing import Literal

Language = Literal["yaml", "json", "python", ""]
"""That of a spec, of a JSON file, of a script; none where a file is no text, and the code that builds it is meant."""
_SETTING = re.compile(r"`(\w+): ([^`{}]+)`")
_WORDS = {
    "json": {"true": "true", "false": "false", "null": "null"},
    "python": {"true": "True", "false": "False", "null": "None"},
}


def spelled(hint: str, language: Language) -> str:
    """A hint whose settings, `key: value` in backquotes, are written in another language than YAML.

    >>> spelled("set `return_sequences: true` on lstm_1", "python")
    'set `return_sequences=True` on lstm_1'
    >>> spelled("set `activation: tanh` on lstm_1", "json")
    'set `"activation": "tanh"` on lstm_1'
    """
    if language == "yaml" or "`" not in hint:
        return hint
    if language == "json":
        return _SETTING.sub(lambda match: f'`"{match[1]}": {_value(match[2], "json")}`', hint)
    return _SETTING.sub(lambda match: f"`{match[1]}={_value(match[2], 'python')}`", hint)


def _value(text: str, language: str) -> str:
    """A scalar of YAML, or a list of them in brackets, in another language."""
    if text.startswith("[") and text.endswith("]"):
        return f"[{', '.join(_value(item.strip(), language) for item in text[1:-1].split(','))}]"
    if text in _WORDS[language]:
        return _WORDS[language][text]
    if re.fullmatch(r"[-+]?[0-9][0-9.e+-]*", text):
        return text
    return json.dumps(text) if language == "json" else repr(text)
