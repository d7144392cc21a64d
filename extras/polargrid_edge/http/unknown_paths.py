"""What to use instead of a path that PolarGrid does not have: the setting of the client that calls it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

_RESPONSES: Final = (
    "use /v1/chat/completions. OpenAI Agents SDK: set_default_openai_api('chat_completions') in Python, "
    "setOpenAIAPI('chat_completions') in JavaScript; AI SDK: provider.chat(model); LangChain: use_responses_api=False, "
    "useResponsesApi: false; OpenAI's SDK: client.chat.completions.create"
)
_STORED: Final = "no server stores conversations: send the messages with each request to /v1/chat/completions"
_FILES: Final = "send a text in the messages of /v1/chat/completions, or a recording to /v1/audio/transcriptions"
_MEDIA: Final = "its models read and write text, and hear and speak it (/v1/audio/transcriptions, /v1/audio/speech)"
_REALTIME: Final = (
    "a voice agent is a pipeline of /v1/audio/transcriptions, /v1/chat/completions and /v1/audio/speech, each of which "
    "streams: use the services for speech to text, model and text to speech of your framework, not its realtime model"
)
_OLLAMA: Final = (
    "this is not Ollama: select the client's provider for OpenAI-compatible servers, with the base URL {}/v1"
)
_AZURE: Final = "this is not Azure: use OpenAI(base_url=…) instead of AzureOpenAI, with the base URL {}/v1"

# By the beginning of the path; the longest one counts.
_INSTEAD: Final = {
    "/v1/responses": _RESPONSES,
    "/v1/conversations": _RESPONSES,
    "/v1/assistants": _STORED,
    "/v1/threads": _STORED,
    "/v1/chat/completions": _STORED,
    "/v1/chatkit": _STORED,
    "/v1/realtime": _REALTIME,
    "/v1/images": _MEDIA,
    "/v1/videos": _MEDIA,
    "/v1/audio/voices": "its voices are fixed; the 404 of an unknown voice names them",
    "/v1/audio/voice_consents": "its voices are fixed; the 404 of an unknown voice names them",
    "/v1/files": _FILES,
    "/v1/uploads": _FILES,
    "/v1/vector_stores": "search in your program, with the vectors of /v1/embeddings",
    "/v1/rerank": "compare the vectors of /v1/embeddings",
    "/v1/batches": "send the requests one by one, a few at a time",
    "/v1/moderations": "moderate in your program, or turn the moderation of the client off",
    "/v1/fine_tuning": "its models are fixed; GET /v1/models lists them",
    "/v1/engines": "name the model in the body of /v1/completions or /v1/embeddings",
    "/v1/edits": "use /v1/chat/completions",
    "/v1/messages": "this is Anthropic's API; use a client of OpenAI's API, and /v1/chat/completions",
    "/v1/complete": "this is Anthropic's API; use a client of OpenAI's API, and /v1/chat/completions",
    "/v1beta": "this is Google's API; use a client of OpenAI's API, with the base URL {}/v1",
    "/openai/deployments": _AZURE,
    "/openai/v1": _AZURE,
    "/api/chat": _OLLAMA,
    "/api/generate": _OLLAMA,
    "/api/embed": _OLLAMA,
    "/api/embeddings": _OLLAMA,
    "/api/tags": _OLLAMA,
    "/api/show": _OLLAMA,
}
_VERSION: Final = "/v1"
_MODELS: Final = "/v1/models/"


def unknown_path_message(path: str, base_url: str, paths: Collection[str]) -> str:
    """Say that a path is unknown, and what to use instead where that is known.

    `paths` are those of the API without templates, and `base_url` is the address of this server without a path.
    """
    if path.endswith("/") and path.rstrip("/") in paths:
        return f"unknown path {path}; remove the slash at its end"
    if path.startswith(_MODELS):
        return f"unknown path {path}; a slash in the name of a model is %2F in a path"
    family = max((name for name in _INSTEAD if _is_below(path, name)), key=len, default=None)
    if family is not None:
        return f"PolarGrid has no {family if family not in paths else path}; {_INSTEAD[family].format(base_url)}"
    is_misplaced = _VERSION + path in paths or (path.startswith(_VERSION) and path.removeprefix(_VERSION) in paths)
    advice = f"; the base URL for clients of OpenAI's API is {base_url}{_VERSION}" if is_misplaced else ""
    return f"unknown path {path}{advice}"


def _is_below(path: str, family: str) -> bool:
    return path == family or path.startswith(f"{family}/")
