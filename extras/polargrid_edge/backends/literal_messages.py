"""Messages whose texts have the special tokens of the model, such as `<|im_end|>`.

llama.cpp reads them as tokens, so that the text of a user could end its message and begin one of the system. Here the
template gets a placeholder instead, and the prompt becomes tokens in parts: what was a placeholder is text.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from polargrid_edge.backends.server_calls import Calls, apply_template, tokenize

Json = dict[str, Any]

_CANDIDATE: Final = re.compile(r"<[^<>\s]{1,60}>")
_TEMPLATE_FIELDS: Final = ("messages", "tools", "tool_choice")
_CHAT_FIELDS: Final = (*_TEMPLATE_FIELDS, "logprobs", "top_logprobs", "response_format")


def complete_literally(request: Json) -> Calls[Json | None]:
    """A request for a completion that does the same; None if no text of the messages or tools has a special token."""
    texts = "\n".join(_iter_texts([request["messages"], request.get("tools")]))
    special = yield from _find_special(sorted(set(_CANDIDATE.findall(texts))))
    if not special:
        return None
    nonce = f"n{secrets.token_hex(8)}x"  # letters and digits, which no template escapes
    pattern = re.compile("|".join(map(re.escape, special)))
    fields = {name: request[name] for name in _TEMPLATE_FIELDS if name in request}
    template = _replace(fields, lambda text: pattern.sub(lambda match: f"{nonce}{special.index(match[0])}x", text))
    tokens: list[int] = []
    prompt = yield from apply_template(template)
    for number, part in enumerate(re.split(rf"{nonce}(\d+)x", prompt)):
        is_special = number % 2 == 1
        text = special[int(part)] if is_special else part
        if text:
            tokens += yield from tokenize(text, is_literal=is_special)
    return {name: value for name, value in request.items() if name not in _CHAT_FIELDS} | _converted(request, tokens)


def to_chat_event(event: Json) -> Json:
    """The event of a completion as that of a chat."""
    if "choices" not in event:
        return event
    return event | {"choices": [choice | {"delta": {"content": choice["text"]}} for choice in event["choices"]]}


def _converted(request: Mapping[str, Any], tokens: list[int]) -> Json:
    fields: Json = {"prompt": tokens}
    if request.get("logprobs"):
        fields["logprobs"] = request["top_logprobs"]
    if "response_format" in request:
        fields["json_schema"] = request["response_format"]["json_schema"]["schema"]
    return fields


def _find_special(candidates: Sequence[str]) -> Calls[list[str]]:
    """Those that are tokens by themselves; the number of calls grows with them, and little with the others."""
    if not candidates:
        return []
    text = "\n".join(candidates)
    if (yield from tokenize(text)) == (yield from tokenize(text, is_literal=True)):
        return []
    if len(candidates) == 1:
        return list(candidates)
    middle = len(candidates) // 2
    first = yield from _find_special(candidates[:middle])
    return first + (yield from _find_special(candidates[middle:]))


def _iter_texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _iter_texts(item)
        case dict():
            for name, item in value.items():
                yield from _iter_texts(name)
                yield from _iter_texts(item)


def _replace(value: Any, replace: Any) -> Any:
    match value:
        case str():
            return replace(value)
        case list():
            return [_replace(item, replace) for item in value]
        case dict():
            return {replace(name): _replace(item, replace) for name, item in cast("Json", value).items()}
        case _:
            return value
