"""Chat in the terminal: streams each response and sends the conversation with each question.

python examples/streaming_chat.py
"""

from __future__ import annotations

import sys

from polargrid import PolarGridError, PolarGridSync


def main() -> None:
    messages = [{"role": "system", "content": "You are a helpful assistant. Answer in one or two sentences."}]
    with PolarGridSync(region="local") as client:
        while question := read_question():
            messages.append({"role": "user", "content": question})
            try:
                messages.append({"role": "assistant", "content": stream_response(client, messages)})
            except PolarGridError as error:
                print(f"\n{error}", file=sys.stderr)
                messages.pop()  # the question can be repeated


def read_question() -> str:
    try:
        return input("you: ").strip()
    except EOFError:
        return ""


def stream_response(client: PolarGridSync, messages: list[dict[str, str]]) -> str:
    with client.chat.completions.stream(model="llama-3.1-8b", messages=messages, max_tokens=200) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)
        print(f"  ({stream.final.choices[0].finish_reason})")
        return stream.final.choices[0].message.content or ""


if __name__ == "__main__":
    main()
