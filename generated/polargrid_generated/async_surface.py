# Made from openapi.yaml by `make generate`; change that, not this.
"""One async method an operation; the engine below them is the SDK's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from polargrid_generated import operations
from polargrid_generated.operations import File, Operation

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

Answer = TypeVar("Answer")
Chunk = TypeVar("Chunk")


class AsyncSurface(ABC):
    """The methods of the API. A client gives them `_send` and `_stream`."""

    @abstractmethod
    async def _send(
        self, operation: Operation[Answer, Any], request: Any = None, *, file: File | None = None, **parameters: Any
    ) -> Answer: ...

    @abstractmethod
    def _stream(
        self, operation: Operation[Any, Chunk], request: Any = None, *, file: File | None = None, **parameters: Any
    ) -> AsyncGenerator[Chunk, None]: ...

    async def chat_completion(self, request: ChatCompletionRequest | Mapping[str, Any]) -> ChatCompletionResponse:
        """Answer a conversation.

        Takes the messages so far and returns the model's next one. With `stream: true` the answer comes as
        server-sent events, a piece of the message each, closed by `[DONE]`.

        Args:
            request: A ChatCompletionRequest, or a mapping of its fields.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.CHAT_COMPLETION, request)

    def chat_completion_stream(
        self, request: ChatCompletionRequest | Mapping[str, Any]
    ) -> AsyncGenerator[ChatCompletionChunk, None]:
        """Answer a conversation. The answer comes in pieces, as it is made.

        Nothing is sent before the first piece is asked for. Closing the generator closes the connection.

        Args:
            request: A ChatCompletionRequest, or a mapping of its fields; `stream` is set.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind; also between two pieces.
        """
        return self._stream(operations.CHAT_COMPLETION, request)

    async def completion(self, request: CompletionRequest | Mapping[str, Any]) -> CompletionResponse:
        """Continue a text.

        Takes a prompt, or a list of prompts, and returns what the model writes next, without a chat template.
        With `stream: true` the text comes as server-sent events, closed by `[DONE]`.

        Args:
            request: A CompletionRequest, or a mapping of its fields.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.COMPLETION, request)

    def completion_stream(
        self, request: CompletionRequest | Mapping[str, Any]
    ) -> AsyncGenerator[CompletionChunk, None]:
        """Continue a text. The answer comes in pieces, as it is made.

        Nothing is sent before the first piece is asked for. Closing the generator closes the connection.

        Args:
            request: A CompletionRequest, or a mapping of its fields; `stream` is set.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind; also between two pieces.
        """
        return self._stream(operations.COMPLETION, request)

    async def text_to_speech(self, request: TextToSpeechRequest | Mapping[str, Any]) -> bytes:
        """Speak a text.

        Returns the audio of the text in the format asked for. With `stream: true` the audio leaves as it is
        made, sentence by sentence; `pcm` and `opus` can be played as they come.

        Args:
            request: A TextToSpeechRequest, or a mapping of its fields.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.TEXT_TO_SPEECH, request)

    def text_to_speech_stream(self, request: TextToSpeechRequest | Mapping[str, Any]) -> AsyncGenerator[bytes, None]:
        """Speak a text. The answer comes in pieces, as it is made.

        Nothing is sent before the first piece is asked for. Closing the generator closes the connection.

        Args:
            request: A TextToSpeechRequest, or a mapping of its fields; `stream` is set.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind; also between two pieces.
        """
        return self._stream(operations.TEXT_TO_SPEECH, request)

    async def transcribe(
        self, file: File, request: TranscriptionRequest | Mapping[str, Any]
    ) -> VerboseTranscriptionResponse | TranscriptionResponse | str:
        """Write down what is said in a recording.

        Takes an audio file in any common format and returns its words: as JSON, with times as `verbose_json`, as
        plain text, or as subtitles in SRT or WebVTT.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            request: A TranscriptionRequest, or a mapping of its fields.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.TRANSCRIBE, request, file=file)

    async def translate(
        self, file: File, request: TranslationRequest | Mapping[str, Any]
    ) -> VerboseTranscriptionResponse | TranslationResponse | str:
        """Write down in English what is said in a recording.

        Takes an audio file in any common format and any language of the model, and returns its words in English,
        in the same formats as a transcription.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            request: A TranslationRequest, or a mapping of its fields.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.TRANSLATE, request, file=file)

    async def list_models(self) -> ListModelsResponse:
        """List the models of the edge.

        Every model that can be asked for, whether it is in memory or not.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.LIST_MODELS)

    async def load_model(self, request: LoadModelRequest | Mapping[str, Any]) -> LoadModelResponse:
        """Load a model into GPU memory.

        Brings a model into memory, so that the first request need not wait for it. A model that is loaded stays as
        it is, unless `force_reload` is true.

        Args:
            request: A LoadModelRequest, or a mapping of its fields.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.LOAD_MODEL, request)

    async def unload_model(self, request: UnloadModelRequest | Mapping[str, Any]) -> UnloadModelResponse:
        """Unload a model.

        Takes a model out of memory once the requests it is serving have ended.

        Args:
            request: A UnloadModelRequest, or a mapping of its fields.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.UNLOAD_MODEL, request)

    async def unload_all_models(self) -> UnloadAllModelsResponse:
        """Unload all models.

        Takes every model out of memory once the requests it is serving have ended.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.UNLOAD_ALL_MODELS)

    async def get_model_status(self) -> ModelStatusResponse:
        """Tell which models are in memory.

        The models that are loaded, and the state of every model the edge knows.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.GET_MODEL_STATUS)

    async def get_gpu_status(self) -> GPUStatusResponse:
        """Tell what each GPU is doing.

        Memory, utilization, temperature and processes of each GPU; empty where there is none.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.GET_GPU_STATUS)

    async def get_gpu_memory(self) -> GPUMemoryResponse:
        """Tell how much GPU memory is used.

        Used and free memory of each GPU, in gigabytes and percent; empty where there is none.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.GET_GPU_MEMORY)

    async def purge_gpu(self, request: GPUPurgeRequest | Mapping[str, Any] | None = None) -> GPUPurgeResponse:
        """Clear GPU memory.

        Unloads the models that serve no request; with `force` all of them, once their requests have ended. Tells
        the memory before and after.

        Args:
            request: A GPUPurgeRequest, or a mapping of its fields.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.PURGE_GPU, request)

    async def health(self) -> HealthResponse:
        """Tell whether the edge is well.

        Answers quickly and loads nothing; clients use it to find the nearest healthy region.

        Raises:
            ValidationError: the request is malformed; nothing was sent.
            PolarGridError: whatever else failed, by its kind.
        """
        return await self._send(operations.HEALTH)
