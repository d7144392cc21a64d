# Generated from openapi.yaml by `make generate`; do not edit.
"""One method for each operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from polargrid_generated import operations
from polargrid_runtime._sync.client import SyncOperationClient
from polargrid_runtime.operation import CallOptions, File

if TYPE_CHECKING:
    from polargrid_generated.models import (
        ChatCompletionChunk,
        ChatCompletionRequest,
        ChatCompletionResponse,
        CompletionChunk,
        CompletionRequest,
        CompletionResponse,
        GPUMemoryResponse,
        GPUPurgeRequest,
        GPUPurgeResponse,
        GPUStatusResponse,
        HealthResponse,
        ListModelsResponse,
        LoadModelRequest,
        LoadModelResponse,
        ModelStatusResponse,
        TextToSpeechRequest,
        TranscriptionRequest,
        TranscriptionResponse,
        TranslationRequest,
        TranslationResponse,
        UnloadAllModelsResponse,
        UnloadModelRequest,
        UnloadModelResponse,
        VerboseTranscriptionResponse,
    )
    from polargrid_generated.sync_resources import (
        AudioResource,
        ChatResource,
        CompletionsResource,
        GpuResource,
        ModelsResource,
    )
    from polargrid_runtime._sync.stream import Stream


class SyncOperations(SyncOperationClient):
    """The methods of the API."""

    @property
    def chat(self) -> ChatResource:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        from polargrid_generated.sync_resources import ChatResource

        return ChatResource(self)

    @property
    def completions(self) -> CompletionsResource:
        """`completions.create`, `completions.stream`."""
        from polargrid_generated.sync_resources import CompletionsResource

        return CompletionsResource(self)

    @property
    def audio(self) -> AudioResource:
        """`audio.speech.create`, `audio.speech.stream`, `audio.transcriptions.create`, `audio.translations.create`."""
        from polargrid_generated.sync_resources import AudioResource

        return AudioResource(self)

    @property
    def models(self) -> ModelsResource:
        """`models.list`, `models.load`, `models.unload`, `models.unload_all`, `models.status`."""
        from polargrid_generated.sync_resources import ModelsResource

        return ModelsResource(self)

    @property
    def gpu(self) -> GpuResource:
        """`gpu.status`, `gpu.memory`, `gpu.purge`."""
        from polargrid_generated.sync_resources import GpuResource

        return GpuResource(self)

    def chat_completion(
        self, request: ChatCompletionRequest | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> ChatCompletionResponse:
        """Answer a conversation.

        Takes the messages so far and returns the model's next one. With `stream: true` the answer comes as
        server-sent events, a piece of the message each, closed by `[DONE]`.

        Args:
            request: A ChatCompletionRequest, or a mapping of its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.CHAT_COMPLETION, options, request)).parse()

    def chat_completion_stream(
        self, request: ChatCompletionRequest | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> Stream[ChatCompletionChunk]:
        """Answer a conversation. The response is streamed.

        The request is sent when iteration starts. Closing the stream closes the connection.

        Args:
            request: A ChatCompletionRequest, or a mapping of its fields; `stream` is set.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed, before or during the stream; the subclass says how.
        """
        return self._stream(operations.CHAT_COMPLETION, options, request)

    def completion(
        self, request: CompletionRequest | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> CompletionResponse:
        """Continue a text.

        Takes a prompt, or a list of prompts, and returns what the model writes next, without a chat template.
        With `stream: true` the text comes as server-sent events, closed by `[DONE]`.

        Args:
            request: A CompletionRequest, or a mapping of its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.COMPLETION, options, request)).parse()

    def completion_stream(
        self, request: CompletionRequest | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> Stream[CompletionChunk]:
        """Continue a text. The response is streamed.

        The request is sent when iteration starts. Closing the stream closes the connection.

        Args:
            request: A CompletionRequest, or a mapping of its fields; `stream` is set.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed, before or during the stream; the subclass says how.
        """
        return self._stream(operations.COMPLETION, options, request)

    def text_to_speech(self, request: TextToSpeechRequest | Mapping[str, Any], **options: Unpack[CallOptions]) -> bytes:
        """Speak a text.

        Returns the audio of the text in the format asked for. With `stream: true` the audio leaves as it is
        made, sentence by sentence; `pcm` and `opus` can be played as they come.

        Args:
            request: A TextToSpeechRequest, or a mapping of its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.TEXT_TO_SPEECH, options, request)).parse()

    def text_to_speech_stream(
        self, request: TextToSpeechRequest | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> Stream[bytes]:
        """Speak a text. The response is streamed.

        The request is sent when iteration starts. Closing the stream closes the connection.

        Args:
            request: A TextToSpeechRequest, or a mapping of its fields; `stream` is set.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed, before or during the stream; the subclass says how.
        """
        return self._stream(operations.TEXT_TO_SPEECH, options, request)

    def transcribe(
        self, file: File, request: TranscriptionRequest | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> VerboseTranscriptionResponse | TranscriptionResponse | str:
        """Write down what is said in a recording.

        Takes an audio file in any common format and returns its words: as JSON, with times as `verbose_json`, as
        plain text, or as subtitles in SRT or WebVTT.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            request: A TranscriptionRequest, or a mapping of its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.TRANSCRIBE, options, request, file=file)).parse()

    def translate(
        self, file: File, request: TranslationRequest | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> VerboseTranscriptionResponse | TranslationResponse | str:
        """Write down in English what is said in a recording.

        Takes an audio file in any common format and any language of the model, and returns its words in English,
        in the same formats as a transcription.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            request: A TranslationRequest, or a mapping of its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.TRANSLATE, options, request, file=file)).parse()

    def list_models(self, **options: Unpack[CallOptions]) -> ListModelsResponse:
        """List the models of the edge.

        Every model that can be asked for, whether it is in memory or not.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.LIST_MODELS, options)).parse()

    def load_model(
        self, request: LoadModelRequest | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> LoadModelResponse:
        """Load a model into GPU memory.

        Brings a model into memory, so that the first request need not wait for it. A model that is loaded stays as
        it is, unless `force_reload` is true.

        Args:
            request: A LoadModelRequest, or a mapping of its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.LOAD_MODEL, options, request)).parse()

    def unload_model(
        self, request: UnloadModelRequest | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> UnloadModelResponse:
        """Unload a model.

        Takes a model out of memory once the requests it is serving have ended.

        Args:
            request: A UnloadModelRequest, or a mapping of its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.UNLOAD_MODEL, options, request)).parse()

    def unload_all_models(self, **options: Unpack[CallOptions]) -> UnloadAllModelsResponse:
        """Unload all models.

        Takes every model out of memory once the requests it is serving have ended.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.UNLOAD_ALL_MODELS, options)).parse()

    def get_model_status(self, **options: Unpack[CallOptions]) -> ModelStatusResponse:
        """Tell which models are in memory.

        The models that are loaded, and the state of every model the edge knows.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.GET_MODEL_STATUS, options)).parse()

    def get_gpu_status(self, **options: Unpack[CallOptions]) -> GPUStatusResponse:
        """Tell what each GPU is doing.

        Memory, utilization, temperature and processes of each GPU; empty where there is none.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.GET_GPU_STATUS, options)).parse()

    def get_gpu_memory(self, **options: Unpack[CallOptions]) -> GPUMemoryResponse:
        """Tell how much GPU memory is used.

        Used and free memory of each GPU, in gigabytes and percent; empty where there is none.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.GET_GPU_MEMORY, options)).parse()

    def purge_gpu(
        self, request: GPUPurgeRequest | Mapping[str, Any] | None = None, **options: Unpack[CallOptions]
    ) -> GPUPurgeResponse:
        """Clear GPU memory.

        Unloads the models that serve no request; with `force` all of them, once their requests have ended. Tells
        the memory before and after.

        Args:
            request: A GPUPurgeRequest, or a mapping of its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.PURGE_GPU, options, request)).parse()

    def health(self, **options: Unpack[CallOptions]) -> HealthResponse:
        """Tell whether the edge is well.

        Answers quickly and loads nothing; clients use it to find the nearest healthy region.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass says how.
        """
        return (self._send(operations.HEALTH, options)).parse()
