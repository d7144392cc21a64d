# Generated from openapi.yaml by `make generate`; do not edit.
"""The objects of requests as mappings: what a dict literal may have, for editors and type checkers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

from polargrid_generated.models import (
    AudioFormat,
    STTModel,
    TimestampGranularity,
    TranscriptionFormat,
    TranscriptionInclude,
    TTSVoice,
)
from polargrid_runtime.objects import AnyObject


class AudioReferenceParam(TypedDict):
    """An earlier response in audio, by its id."""

    id: str
    """The id of the response in audio."""


class RefusalContentPartParam(TypedDict):
    """A part of a message of the assistant in which it refused; the model reads it as text."""

    type: Literal["refusal"]
    """Always `refusal`."""
    refusal: str
    """Why the assistant refused."""


class InputAudioParam(TypedDict):
    """A recording."""

    data: str
    """The file in base64."""
    format: Literal["wav", "mp3"]
    """The format of the file."""


class InputFileParam(TypedDict):
    """A file."""

    file_data: NotRequired[str | None]
    """The file in base64."""
    file_id: NotRequired[str | None]
    """The id of an uploaded file."""
    filename: NotRequired[str | None]
    """The name of the file."""


class TextContentPartParam(TypedDict):
    """A text part of a message."""

    type: Literal["text"]
    """Always `text`."""
    text: str
    """The text."""


class ImageUrlParam(TypedDict):
    """The location of an image."""

    url: str
    """An https URL, or a data URL that contains the image."""
    detail: NotRequired[Literal["auto", "low", "high", "original"] | None]
    """The level of detail at which the model processes the image."""


class FunctionDefinitionParam(TypedDict):
    """The description of a function for the model."""

    name: str
    """The name of the function."""
    description: NotRequired[str | None]
    """What the function does."""
    parameters: NotRequired[Mapping[str, Any] | None]
    """The arguments as a JSON Schema."""
    strict: NotRequired[bool | None]
    """Whether the arguments must match the schema."""


class ToolCallFunctionParam(TypedDict):
    """The function to call and its arguments."""

    name: str
    """The name of the function."""
    arguments: str
    """The arguments as JSON text; validate them before use."""


class NamedFunctionParam(TypedDict):
    """A function, by its name."""

    name: str
    """The name of the function."""


class VoiceReferenceParam(TypedDict):
    """A voice, by its id."""

    id: str
    """The id of the voice."""


class PredictionParam(TypedDict):
    """What the text will probably be, for a server that generates faster with it."""

    type: Literal["content"]
    """Always `content`."""
    content: str | Iterable[TextContentPartParam | AnyObject]
    """The expected text."""


class WebSearchOptionsParam(TypedDict):
    """How a server searches the web for a response."""

    search_context_size: NotRequired[Literal["low", "medium", "high"] | None]
    """How much of the context the results may take."""
    user_location: NotRequired[Mapping[str, Any] | None]
    """Where the user is."""


class PromptCacheOptionsParam(TypedDict):
    """How a server keeps the prompt in its cache."""

    mode: NotRequired[Literal["implicit", "explicit"] | None]
    """What is kept."""
    ttl: NotRequired[str | None]
    """How long it is kept."""


class StructuredOutputsParam(TypedDict):
    """What the text must be; one of the fields. vLLM's servers take it by this name."""

    json: NotRequired[Mapping[str, Any] | str | None]
    """A JSON Schema."""
    json_object: NotRequired[bool | None]
    """Whether the text is any JSON object."""
    regex: NotRequired[str | None]
    """A regular expression that the whole text matches."""
    choice: NotRequired[Sequence[str] | None]
    """The texts of which the text is one."""
    grammar: NotRequired[str | None]
    """A grammar in GBNF."""


class JsonSchemaFormatParam(TypedDict):
    """A named JSON Schema."""

    name: str
    """The name of the schema."""
    description: NotRequired[str | None]
    """What the schema is for; the model may read it."""
    schema: NotRequired[Mapping[str, Any] | None]
    """The JSON Schema."""
    strict: NotRequired[bool | None]
    """Whether the content must match the schema."""


class StreamOptionsParam(TypedDict):
    """Options of a stream."""

    include_usage: NotRequired[bool | None]
    """Whether the last chunk has the token usage; its `choices` is empty."""
    include_obfuscation: NotRequired[bool | None]
    """Whether chunks have characters that hide their length; PolarGrid sends none."""


class CompletionRequestParam(TypedDict):
    """A request to continue one or more texts."""

    model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str
    """The id of the model."""
    prompt: str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]]
    """The prompt, or its token ids, or a list of prompts or of lists of token ids that are continued independently."""
    max_tokens: NotRequired[int | None]
    """The maximum number of tokens to generate for a choice; if the context of the model holds fewer, as many as it
    holds. Default: 100."""
    temperature: NotRequired[float | None]
    """The sampling temperature; 0 always selects the most likely token. Default: 0.7."""
    top_p: NotRequired[float | None]
    """Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9."""
    top_k: NotRequired[int | None]
    """Sample from this number of most likely tokens; 0 or -1 is no limit. Default: 50."""
    frequency_penalty: NotRequired[float | None]
    """Penalty on a token for each occurrence; negative values encourage repetition. Default: 0."""
    presence_penalty: NotRequired[float | None]
    """Penalty on every token that occurred; negative values encourage repetition. Default: 0."""
    stop: NotRequired[str | Sequence[str] | None]
    """Texts at which generation stops; the response does not include them."""
    n: NotRequired[int | None]
    """The number of choices to generate for each prompt. Default: 1."""
    best_of: NotRequired[int | None]
    """The number of texts of which the `n` with the highest log probability per token are returned; at least `n`."""
    echo: NotRequired[bool | None]
    """Whether a text begins with its prompt. Default: False."""
    suffix: NotRequired[str | None]
    """The text after the generated one, for models that are trained to fill a gap."""
    logprobs: NotRequired[int | None]
    """The number of most likely tokens to return with each token and its log probability."""
    logit_bias: NotRequired[Mapping[str, float] | None]
    """What is added to the logit of a token, by the id of the token in the model; -100 forbids it."""
    seed: NotRequired[int | None]
    """The seed of sampling; the same seed, request and model produce the same response."""
    stream: NotRequired[bool | None]
    """Whether the response is a stream of events. Default: False."""
    stream_options: NotRequired[StreamOptionsParam | AnyObject | None]
    """Options of the stream."""
    user: NotRequired[str | None]
    """An id of your end user."""


class EmbeddingRequestParam(TypedDict):
    """A request for the embeddings of one or more texts."""

    model: str
    """The id of the model."""
    input: str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]]
    """A text, or its token ids, or a list of texts or of lists of token ids, each with a vector in the response.
    Token ids are those of the tokenizer of the model."""
    encoding_format: NotRequired[Literal["float", "base64"] | None]
    """`float` returns each vector as a list of numbers, `base64` as the base64 of its 32-bit little-endian floats,
    which is a quarter of the size. Default: 'float'."""
    dimensions: NotRequired[int | None]
    """The length of the vectors, for models that support several lengths."""
    user: NotRequired[str | None]
    """An id of your end user."""


class TextToSpeechRequestParam(TypedDict):
    """A request to synthesize speech."""

    model: (
        Literal[
            "tts-1",
            "tts-1-hd",
            "gpt-4o-mini-tts",
            "kokoro-82m",
            "hexgrad/Kokoro-82M",
            "tada-3b-ml",
            "HumeAI/tada-3b-ml",
        ]
        | str
    )
    """The id of the speech model."""
    input: str
    """The text to speak."""
    voice: (
        TTSVoice
        | Literal[
            "alloy",
            "ash",
            "ballad",
            "cedar",
            "coral",
            "echo",
            "fable",
            "marin",
            "nova",
            "onyx",
            "sage",
            "shimmer",
            "verse",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str
        | VoiceReferenceParam
        | AnyObject
    )
    """The voice, by its name or as an object with its id."""
    response_format: NotRequired[AudioFormat | Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]]
    """An audio format: MP3, Ogg Opus, AAC, FLAC, WAV, or PCM (16-bit little-endian samples at 24 kHz without a
    header). Default: 'mp3'."""
    speed: NotRequired[float]
    """The speed, as a factor of normal speed. Default: 1."""
    stream: NotRequired[bool | None]
    """Whether the audio is sent while it is generated. Default: False."""
    stream_format: NotRequired[Literal["audio", "sse"] | None]
    """What the body is. PolarGrid sends the audio itself, also for `sse`, events with the audio. Default: 'audio'."""
    instructions: NotRequired[str | None]
    """How to speak. Ignored by models that cannot follow it."""


class TranscriptionRequestParam(TypedDict):
    """The options of a transcription."""

    model: (
        STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
        ]
        | str
    )
    """The id of the speech-to-text model."""
    language: NotRequired[str | None]
    """The language of the recording, as an ISO 639 code (`en`, or `en-CA`); detected if omitted or empty."""
    prompt: NotRequired[str | None]
    """Words or names that are likely to occur in the recording."""
    response_format: NotRequired[TranscriptionFormat | Literal["json", "text", "srt", "vtt", "verbose_json"]]
    """The format of a transcript. Default: 'json'."""
    temperature: NotRequired[float | None]
    """The sampling temperature."""
    timestamp_granularities: NotRequired[Sequence[TimestampGranularity | Literal["word", "segment"]] | None]
    """What `verbose_json` has the times of: `word` adds `words` to the `segments`, which it always has. The other
    formats of a response have no times."""
    keywords: NotRequired[Sequence[str] | None]
    """Words or names that are likely to occur, in addition to `prompt`."""
    languages: NotRequired[Sequence[str] | None]
    """The languages that may occur, if `language` is omitted; several are ignored by models that have one for a
    recording."""
    known_speaker_names: NotRequired[Sequence[str] | None]
    """The names of speakers. PolarGrid's transcripts have no speakers."""
    known_speaker_references: NotRequired[Sequence[str] | None]
    """A sound of each known speaker, as a data URL."""
    include: NotRequired[Sequence[TranscriptionInclude | Literal["logprobs"]] | None]
    """What else a transcript contains."""
    chunking_strategy: NotRequired[str | None]
    """How the recording is cut into parts: `auto`, or an object of settings as JSON. Servers cut it by themselves."""


class TranslationRequestParam(TypedDict):
    """The options of a translation."""

    model: (
        STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
        ]
        | str
    )
    """The id of the speech-to-text model."""
    prompt: NotRequired[str | None]
    """Words or names that are likely to occur in the translation, in English."""
    response_format: NotRequired[TranscriptionFormat | Literal["json", "text", "srt", "vtt", "verbose_json"]]
    """The format of a transcript. Default: 'json'."""
    temperature: NotRequired[float | None]
    """The sampling temperature."""


class TranscriptionStreamRequestParam(TypedDict):
    """The options of a transcription that is streamed."""

    model: (
        STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
        ]
        | str
    )
    """The id of the speech-to-text model."""
    language: NotRequired[str | None]
    """The language of the recording, as an ISO 639 code (`en`, or `en-CA`); detected if omitted or empty."""
    prompt: NotRequired[str | None]
    """Words or names that are likely to occur in the recording."""
    temperature: NotRequired[float | None]
    """The sampling temperature."""


class TranscriptionJobRequestParam(TypedDict):
    """The options of a transcription that is a job."""

    model: (
        STTModel
        | Literal[
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "whisper-1",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
        ]
        | str
    )
    """The id of the speech-to-text model."""
    language: NotRequired[str | None]
    """The language of the recording, as an ISO 639 code (`en`, or `en-CA`); detected if omitted or empty."""
    prompt: NotRequired[str | None]
    """Words or names that are likely to occur in the recording."""
    temperature: NotRequired[float | None]
    """The sampling temperature."""


class LoadModelRequestParam(TypedDict):
    """A request to load a model."""

    model_name: str
    """The id of the model."""
    force_reload: NotRequired[bool]
    """Whether to load the model again if it is already loaded. Default: False."""


class UnloadModelRequestParam(TypedDict):
    """A request to unload a model."""

    model_name: str
    """The id of the model."""


class GPUPurgeRequestParam(TypedDict):
    """The options for freeing GPU memory."""

    force: NotRequired[bool]
    """Whether to unload models that are in use as well. Default: False."""


class InputAudioContentPartParam(TypedDict):
    """A recording in a message, for models that understand audio."""

    type: Literal["input_audio"]
    """Always `input_audio`."""
    input_audio: InputAudioParam | AnyObject
    """A recording."""


class FileContentPartParam(TypedDict):
    """A file in a message, for models that read files."""

    type: Literal["file"]
    """Always `file`."""
    file: InputFileParam | AnyObject
    """A file."""


class ImageUrlContentPartParam(TypedDict):
    """An image part of a message, for models with image input."""

    type: Literal["image_url"]
    """Always `image_url`."""
    image_url: ImageUrlParam | AnyObject
    """The location of an image."""


class ChatToolParam(TypedDict):
    """A function that the model may call."""

    type: Literal["function"]
    """Always `function`."""
    function: FunctionDefinitionParam | AnyObject
    """The description of a function for the model."""


class ToolCallParam(TypedDict):
    """A function call requested by the model."""

    id: str
    """The id of the call, for the `tool_call_id` of the message with its result."""
    type: NotRequired[Literal["function"]]
    """Always `function`; a request may omit it. Default: 'function'."""
    function: ToolCallFunctionParam | AnyObject
    """The function to call and its arguments."""


class NamedToolChoiceParam(TypedDict):
    """A function that the model must call."""

    type: Literal["function"]
    """Always `function`."""
    function: NamedFunctionParam | AnyObject
    """A function, by its name."""


class AllowedToolsParam(TypedDict):
    """Tools, by their names."""

    mode: Literal["auto", "required"]
    """`auto` lets the model decide, `required` requires at least one call."""
    tools: Iterable[NamedToolChoiceParam | AnyObject]
    """The tools; each is one of the `tools` of the request."""


class AudioOutputParam(TypedDict):
    """How a response in audio sounds."""

    voice: (
        TTSVoice
        | Literal[
            "alloy",
            "ash",
            "ballad",
            "cedar",
            "coral",
            "echo",
            "fable",
            "marin",
            "nova",
            "onyx",
            "sage",
            "shimmer",
            "verse",
            "af_bella",
            "af_sarah",
            "am_adam",
            "am_michael",
            "bf_emma",
            "bf_isabella",
            "bm_george",
            "bm_lewis",
        ]
        | str
        | VoiceReferenceParam
        | AnyObject
    )
    """The voice."""
    format: Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"]
    """The format of the audio."""


class ResponseFormatParam(TypedDict):
    """The format of the generated content."""

    type: Literal["text", "json_object", "json_schema"]
    """Plain text, a JSON object, or JSON that matches a schema."""
    json_schema: NotRequired[JsonSchemaFormatParam | AnyObject | None]
    """The schema; required for `json_schema`."""


class MessageParam(TypedDict):
    """A message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    """The role of the author; `function` is the older form of `tool`."""
    content: NotRequired[
        str
        | Iterable[
            ImageUrlContentPartParam
            | TextContentPartParam
            | RefusalContentPartParam
            | InputAudioContentPartParam
            | FileContentPartParam
            | AnyObject
        ]
        | None
    ]
    """The content: text, or a list of parts."""
    name: NotRequired[str | None]
    """The name of the author."""
    tool_calls: NotRequired[Iterable[ToolCallParam | AnyObject] | None]
    """The tool calls that the assistant requested."""
    tool_call_id: NotRequired[str | None]
    """For the role `tool`: the id of the tool call whose result this message contains."""
    refusal: NotRequired[str | None]
    """Why the assistant refused; the model reads it as its content."""
    function_call: NotRequired[ToolCallFunctionParam | AnyObject | None]
    """The older form of `tool_calls`, a single call; its result is a message of the role `function`."""
    audio: NotRequired[AudioReferenceParam | AnyObject | None]
    """An earlier response of the assistant in audio."""


class AllowedToolsChoiceParam(TypedDict):
    """The tools of a request that the model may call, or must call one of."""

    type: Literal["allowed_tools"]
    """Always `allowed_tools`."""
    allowed_tools: AllowedToolsParam | AnyObject
    """Tools, by their names."""


class ChatCompletionRequestParam(TypedDict):
    """A request for the next message of a conversation."""

    model: Literal["llama-3.1-8b", "qwen-3.5-27b"] | str
    """The id of the model."""
    messages: Iterable[MessageParam | AnyObject]
    """The messages of the conversation, oldest first."""
    max_tokens: NotRequired[int | None]
    """The maximum number of tokens to generate for a choice; without it, or if the context of the model holds fewer,
    as many as the context holds."""
    max_completion_tokens: NotRequired[int | None]
    """The newer name of `max_tokens`; takes precedence over it."""
    temperature: NotRequired[float | None]
    """The sampling temperature; 0 always selects the most likely token. Default: 0.7."""
    top_p: NotRequired[float | None]
    """Nucleus sampling: sample from the most likely tokens with this total probability. Default: 0.9."""
    top_k: NotRequired[int | None]
    """Sample from this number of most likely tokens; 0 or -1 is no limit."""
    min_p: NotRequired[float | None]
    """Exclude tokens with a probability below this share of that of the most likely token."""
    frequency_penalty: NotRequired[float | None]
    """Penalty on a token for each occurrence; negative values encourage repetition."""
    presence_penalty: NotRequired[float | None]
    """Penalty on every token that occurred; negative values encourage repetition."""
    repetition_penalty: NotRequired[float | None]
    """Divisor of the likelihood of tokens that occurred; 1 has no effect."""
    stop: NotRequired[str | Sequence[str] | None]
    """Texts at which generation stops; the response does not include them."""
    logit_bias: NotRequired[Mapping[str, float] | None]
    """What is added to the logit of a token, by the id of the token in the model; -100 forbids it."""
    n: NotRequired[int | None]
    """The number of choices to generate. Default: 1."""
    seed: NotRequired[int | None]
    """The seed of sampling; the same seed, request and model produce the same response."""
    logprobs: NotRequired[bool | None]
    """Whether the response has the log probability of each token."""
    top_logprobs: NotRequired[int | None]
    """The number of most likely tokens to return at each position; requires `logprobs`."""
    stream: NotRequired[bool | None]
    """Whether the response is a stream of events. Default: False."""
    stream_options: NotRequired[StreamOptionsParam | AnyObject | None]
    """Options of the stream."""
    tools: NotRequired[Iterable[ChatToolParam | AnyObject] | None]
    """The functions that the model may call."""
    tool_choice: NotRequired[
        Literal["none", "auto", "required"] | NamedToolChoiceParam | AllowedToolsChoiceParam | AnyObject | None
    ]
    """`none` forbids calls, `auto` lets the model decide, `required` requires at least one call; an object selects a
    function, or several that are allowed."""
    response_format: NotRequired[ResponseFormatParam | AnyObject | None]
    """The format of the generated content."""
    parallel_tool_calls: NotRequired[bool | None]
    """Whether a response may call several functions. Default: True."""
    functions: NotRequired[Iterable[FunctionDefinitionParam | AnyObject] | None]
    """The older form of `tools`."""
    function_call: NotRequired[Literal["none", "auto"] | NamedFunctionParam | AnyObject | None]
    """The older form of `tool_choice`."""
    enable_thinking: NotRequired[bool | None]
    """Whether to enable the reasoning of a model that supports it."""
    reasoning_effort: NotRequired[Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None]
    """How much a model reasons that supports it; others ignore it."""
    verbosity: NotRequired[Literal["low", "medium", "high"] | None]
    """How long the text should be. Ignored by models without it."""
    modalities: NotRequired[Sequence[Literal["text", "audio"]] | None]
    """What is generated; a model that generates text only rejects `audio`."""
    audio: NotRequired[AudioOutputParam | AnyObject | None]
    """How the audio sounds, if `modalities` has `audio`."""
    prediction: NotRequired[PredictionParam | AnyObject | None]
    """What the text will probably be. It makes a server faster that uses it."""
    web_search_options: NotRequired[WebSearchOptionsParam | AnyObject | None]
    """How the server searches the web. PolarGrid's servers do not search it."""
    service_tier: NotRequired[Literal["auto", "default", "flex", "scale", "priority", "fast"] | None]
    """The tier that serves the request. PolarGrid has one."""
    store: NotRequired[bool | None]
    """Whether the server stores the response. PolarGrid stores none."""
    metadata: NotRequired[Mapping[str, str] | None]
    """What a stored response is found by. PolarGrid stores none, and returns it in no response."""
    prompt_cache_key: NotRequired[str | None]
    """Requests with the same beginning, which a server may keep in its cache."""
    prompt_cache_retention: NotRequired[Literal["in_memory", "24h"] | None]
    """How long the server keeps the prompt in its cache."""
    prompt_cache_options: NotRequired[PromptCacheOptionsParam | AnyObject | None]
    """How the server keeps the prompt in its cache."""
    moderation: NotRequired[Mapping[str, Any] | None]
    """How the server moderates request and response. PolarGrid does not."""
    safety_identifier: NotRequired[str | None]
    """A stable id of your end user; the newer name of `user`."""
    guided_json: NotRequired[Mapping[str, Any] | str | None]
    """A JSON Schema of the text, as vLLM's servers take it; `response_format` is its standard form."""
    structured_outputs: NotRequired[StructuredOutputsParam | AnyObject | None]
    """What the text must be, as vLLM's servers take it; `response_format` is its standard form."""
    user: NotRequired[str | None]
    """An id of your end user."""


ContentPartParam: TypeAlias = (
    ImageUrlContentPartParam
    | TextContentPartParam
    | RefusalContentPartParam
    | InputAudioContentPartParam
    | FileContentPartParam
    | AnyObject
)
"""A part of the content of a message."""

__all__ = [
    "AudioReferenceParam",
    "RefusalContentPartParam",
    "InputAudioParam",
    "InputFileParam",
    "TextContentPartParam",
    "ImageUrlParam",
    "FunctionDefinitionParam",
    "ToolCallFunctionParam",
    "NamedFunctionParam",
    "VoiceReferenceParam",
    "PredictionParam",
    "WebSearchOptionsParam",
    "PromptCacheOptionsParam",
    "StructuredOutputsParam",
    "JsonSchemaFormatParam",
    "StreamOptionsParam",
    "CompletionRequestParam",
    "EmbeddingRequestParam",
    "TextToSpeechRequestParam",
    "TranscriptionRequestParam",
    "TranslationRequestParam",
    "TranscriptionStreamRequestParam",
    "TranscriptionJobRequestParam",
    "LoadModelRequestParam",
    "UnloadModelRequestParam",
    "GPUPurgeRequestParam",
    "InputAudioContentPartParam",
    "FileContentPartParam",
    "ImageUrlContentPartParam",
    "ChatToolParam",
    "ToolCallParam",
    "NamedToolChoiceParam",
    "AllowedToolsParam",
    "AudioOutputParam",
    "ResponseFormatParam",
    "MessageParam",
    "AllowedToolsChoiceParam",
    "ChatCompletionRequestParam",
    "ContentPartParam",
]
