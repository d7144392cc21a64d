"""A tour of the SDK with a local edge that the program starts: `make run`.

Chat, a stream, speech, transcription, translation, embeddings, models, GPUs, usage, an error.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import polargrid
from polargrid import PolarGridSync
from polargrid_cli.commands.pull import pull_models
from polargrid_edge.server import run_in_thread
from polargrid_edge.settings import EdgeSettings

CHAT = "qwen2.5-coder-0.5b"
EMBEDDINGS = "all-minilm-l6-v2"
SPANISH = Path(__file__).parent / "buenos-dias.ogg"  # synthetic speech about the sun and a garden
SENTENCE = "The quick brown fox jumps over the lazy dog near the frozen river."


def main() -> None:
    step("Model files (770 MB the first time, then from the cache)")
    pull_models([CHAT, "kokoro-82m", "whisper-base", EMBEDDINGS])
    with run_in_thread(EdgeSettings(port=0, chat_model=CHAT)) as edge, PolarGridSync(base_url=edge.url) as client:
        chat(client)
        with tempfile.TemporaryDirectory() as folder:
            show_audio(client, Path(folder) / "fox.mp3")
        show_embeddings(client)
        show_models(client)
        show_usage(client)
        show_error(client)
    print("\nDone; the local edge has stopped.")


def chat(client: PolarGridSync) -> None:
    step("Chat")
    question = {"role": "user", "content": "What is the capital of Canada? Answer in one short sentence."}
    response = client.chat_completion({"model": "llama-3.1-8b", "messages": [question], "temperature": 0})
    print(response.choices[0].message.content)
    print(f"({response.usage.completion_tokens} tokens, {response.choices[0].finish_reason})")

    step("Streamed chat")
    question = {"role": "user", "content": "Write a Python function that reverses a string. Code only."}
    for chunk in client.chat_completion_stream({"model": CHAT, "messages": [question], "max_tokens": 120}):
        if chunk.choices:
            print(chunk.choices[0].delta.content or "", end="", flush=True)
    print()


def show_audio(client: PolarGridSync, recording: Path) -> None:
    step("Speech")
    audio = client.text_to_speech({"model": "tts-1", "input": SENTENCE, "voice": "af_bella"})
    recording.write_bytes(audio)
    print(f"{recording.name}: {len(audio):,} bytes of MP3")

    step("Transcription")
    print(client.transcribe(recording, {"model": "whisper-1", "response_format": "text"}))

    step("Translation into English, also of a Spanish recording")
    print(client.translate(recording, {"model": "whisper-1", "response_format": "text"}))
    print(client.translate(SPANISH, {"model": "whisper-1", "response_format": "text"}))


def show_embeddings(client: PolarGridSync) -> None:
    step("Embeddings: how similar texts are to the first")
    texts = ["The food was delicious.", "The meal was great.", "A train left the station."]
    response = client.embeddings.create(model=EMBEDDINGS, input=texts)
    first, *others = (item.embedding for item in response.data)
    for text, vector in zip(texts[1:], others, strict=True):
        print(f"{sum(a * b for a, b in zip(first, vector, strict=True)):.2f}  {text}")


def show_models(client: PolarGridSync) -> None:
    step("Models")
    status = client.get_model_status()
    for model in client.list_models().data:
        if model.id == model.root:  # another id is a second name
            print(f"{model.id:<20} {model.pg_model_type:<16} {status.loading_status[model.id]}")

    step("GPUs")
    gpus = client.get_gpu_status()
    print("\n".join(gpu.name for gpu in gpus.gpus) or "none: the models run on the CPU")
    print(f"health: {client.health().status}")


def show_usage(client: PolarGridSync) -> None:
    step("Usage of the key")
    for model in client.usage.retrieve().usage.by_model:
        print(f"{model.model_id:<20} {model.requests} requests, {model.tokens} tokens")


def show_error(client: PolarGridSync) -> None:
    step("An error response")
    try:
        client.chat_completion({"model": "gpt-9", "messages": [{"role": "user", "content": "Hello"}]})
    except polargrid.NotFoundError as error:
        print(f"{type(error).__name__}: {error}")
    else:
        sys.exit("expected a NotFoundError for an unknown model")


def step(title: str) -> None:
    print(f"\n── {title}", flush=True)


if __name__ == "__main__":
    main()
