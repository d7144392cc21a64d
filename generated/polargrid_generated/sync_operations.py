# Generated from openapi.yaml by `make generate`; do not edit.
"""One method for each operation."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal, Unpack

from polargrid_generated import operations
from polargrid_runtime._sync.client import SyncOperationClient
from polargrid_runtime.arguments import CallOptions, File

if TYPE_CHECKING:
    from datetime import date

    from polargrid_generated.models import (
        AsyncTranscriptionJobAccepted,
        Base64EmbeddingResponse,
        ChatCompletionChunk,
        ChatCompletionRequest,
        ChatCompletionResponse,
        CompletionChunk,
        CompletionRequest,
        CompletionResponse,
        EmbeddingRequest,
        EmbeddingResponse,
        GPUMemoryResponse,
        GPUPurgeRequest,
        GPUPurgeResponse,
        GPUStatusResponse,
        HealthResponse,
        ListModelsResponse,
        LoadModelRequest,
        LoadModelResponse,
        ModelInfo,
        ModelStatusResponse,
        RouteResponse,
        SystemStatus,
        TextToSpeechRequest,
        TranscriptionJobInfo,
        TranscriptionJobListResponse,
        TranscriptionJobRequest,
        TranscriptionJobResult,
        TranscriptionRequest,
        TranscriptionResponse,
        TranscriptionStreamEvent,
        TranscriptionStreamRequest,
        TranslationRequest,
        TranslationResponse,
        UnloadAllModelsResponse,
        UnloadModelRequest,
        UnloadModelResponse,
        UsageResponse,
        VerboseTranscriptionResponse,
    )
    from polargrid_generated.params import (
        ChatCompletionRequestParam,
        CompletionRequestParam,
        EmbeddingRequestParam,
        GPUPurgeRequestParam,
        LoadModelRequestParam,
        TextToSpeechRequestParam,
        TranscriptionJobRequestParam,
        TranscriptionRequestParam,
        TranscriptionStreamRequestParam,
        TranslationRequestParam,
        UnloadModelRequestParam,
    )
    from polargrid_generated.sync_resources import (
        AudioResource,
        BetaResource,
        ChatResource,
        ClientWithRawResponse,
        ClientWithStreamingResponse,
        CompletionsResource,
        EmbeddingsResource,
        GpuResource,
        ModelsResource,
        RouterResource,
        StatusResource,
        UsageResource,
    )
    from polargrid_runtime._sync.stream import Stream
    from polargrid_runtime.objects import AnyObject


class SyncOperations(SyncOperationClient):
    """The methods of the API."""

    @cached_property
    def chat(self) -> ChatResource:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        from polargrid_generated.sync_resources import ChatResource

        return ChatResource(self)

    @cached_property
    def completions(self) -> CompletionsResource:
        """`completions.create`, `completions.stream`."""
        from polargrid_generated.sync_resources import CompletionsResource

        return CompletionsResource(self)

    @cached_property
    def embeddings(self) -> EmbeddingsResource:
        """`embeddings.create`."""
        from polargrid_generated.sync_resources import EmbeddingsResource

        return EmbeddingsResource(self)

    @cached_property
    def audio(self) -> AudioResource:
        """`audio.speech.create`, `audio.speech.stream`, `audio.transcriptions.create`, `audio.transcriptions.jobs.list`, `audio.transcriptions.jobs.create`, `audio.transcriptions.jobs.create_and_poll`, `audio.transcriptions.jobs.retrieve`, `audio.translations.create`."""
        from polargrid_generated.sync_resources import AudioResource

        return AudioResource(self)

    @cached_property
    def models(self) -> ModelsResource:
        """`models.list`, `models.retrieve`, `models.load`, `models.unload`, `models.unload_all`, `models.status`."""
        from polargrid_generated.sync_resources import ModelsResource

        return ModelsResource(self)

    @cached_property
    def gpu(self) -> GpuResource:
        """`gpu.status`, `gpu.memory`, `gpu.purge`."""
        from polargrid_generated.sync_resources import GpuResource

        return GpuResource(self)

    @cached_property
    def status(self) -> StatusResource:
        """`status.retrieve`."""
        from polargrid_generated.sync_resources import StatusResource

        return StatusResource(self)

    @cached_property
    def router(self) -> RouterResource:
        """`router.route`."""
        from polargrid_generated.sync_resources import RouterResource

        return RouterResource(self)

    @cached_property
    def usage(self) -> UsageResource:
        """`usage.retrieve`."""
        from polargrid_generated.sync_resources import UsageResource

        return UsageResource(self)

    @cached_property
    def beta(self) -> BetaResource:
        """`chat.completions.create`, `chat.completions.stream`, `chat.completions.parse`, `chat.completions.run_tools`."""
        from polargrid_generated.sync_resources import BetaResource

        return BetaResource(self)

    @property
    def with_raw_response(self) -> ClientWithRawResponse:
        """The resources, whose methods return a RawResponse."""
        from polargrid_generated.sync_resources import ClientWithRawResponse

        return ClientWithRawResponse(self)

    @property
    def with_streaming_response(self) -> ClientWithStreamingResponse:
        """The resources, whose methods are context managers that read the response when it is needed."""
        from polargrid_generated.sync_resources import ClientWithStreamingResponse

        return ClientWithStreamingResponse(self)

    def chat_completion(
        self, request: ChatCompletionRequest | ChatCompletionRequestParam | AnyObject, **options: Unpack[CallOptions]
    ) -> ChatCompletionResponse:
        """Generate the next message of a conversation.

        Takes the messages of a conversation and returns the next message of the model. With `stream: true` the
        response is a stream of server-sent events, each with a chunk of the message; the last event is
        `[DONE]`.

        Args:
            request: A ChatCompletionRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.chat_completion(
                request={"model": "llama-3.1-8b",
                 "messages": [{"role": "user", "content": "Hello"}],
                 "max_tokens": 100},
            )
            print(response.text)
        """
        return self._send(operations.CHAT_COMPLETION, options, request)

    def chat_completion_stream(
        self, request: ChatCompletionRequest | ChatCompletionRequestParam | AnyObject, **options: Unpack[CallOptions]
    ) -> Stream[ChatCompletionChunk]:
        """Generate the next message of a conversation. The response is streamed.

        The request is sent when iteration starts. Closing the stream closes the connection.

        Args:
            request: A ChatCompletionRequest, or a mapping or another object with its fields. `stream` is set.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed, before or during the stream; the subclass names the reason.

        Example::

            for chunk in client.chat_completion_stream(
                request={"model": "llama-3.1-8b",
                 "messages": [{"role": "user", "content": "Hello"}],
                 "max_tokens": 100},
            ):
                print(chunk.text, end="")
        """
        return self._stream(operations.CHAT_COMPLETION, options, request)

    def completion(
        self, request: CompletionRequest | CompletionRequestParam | AnyObject, **options: Unpack[CallOptions]
    ) -> CompletionResponse:
        """Continue a text.

        Takes one or more prompts and returns the text that the model generates after each of them, without a
        chat template. With `stream: true` the response is a stream of server-sent events; the last event is
        `[DONE]`.

        Args:
            request: A CompletionRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.completion(
                request={"model": "llama-3.1-8b",
                 "prompt": "The capital of France is",
                 "max_tokens": 20},
            )
            print(response.text)
        """
        return self._send(operations.COMPLETION, options, request)

    def completion_stream(
        self, request: CompletionRequest | CompletionRequestParam | AnyObject, **options: Unpack[CallOptions]
    ) -> Stream[CompletionChunk]:
        """Continue a text. The response is streamed.

        The request is sent when iteration starts. Closing the stream closes the connection.

        Args:
            request: A CompletionRequest, or a mapping or another object with its fields. `stream` is set.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed, before or during the stream; the subclass names the reason.

        Example::

            for chunk in client.completion_stream(
                request={"model": "llama-3.1-8b",
                 "prompt": "The capital of France is",
                 "max_tokens": 20},
            ):
                print(chunk.text, end="")
        """
        return self._stream(operations.COMPLETION, options, request)

    def stream_completion(
        self, request: CompletionRequest | CompletionRequestParam | AnyObject, **options: Unpack[CallOptions]
    ) -> Stream[CompletionChunk]:
        """Continue a text as a stream.

        Takes a request of `/v1/completions` and always responds with a stream of server-sent events, whatever its field
        `stream`; the last event is `[DONE]`.

        The request is sent when iteration starts. Closing the stream closes the connection.

        Args:
            request: A CompletionRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed, before or during the stream; the subclass names the reason.

        Example::

            for chunk in client.stream_completion(
                request={"model": "llama-3.1-8b",
                 "prompt": "Once upon a time",
                 "max_tokens": 20,
                 "stream_options": {"include_usage": True}},
            ):
                print(chunk.text, end="")
        """
        return self._stream(operations.STREAM_COMPLETION, options, request)

    def create_embedding(
        self, request: EmbeddingRequest | EmbeddingRequestParam | AnyObject, **options: Unpack[CallOptions]
    ) -> EmbeddingResponse | Base64EmbeddingResponse:
        """Compute the embeddings of texts.

        Returns a vector for each input, in the order of the inputs. The vectors of texts with a similar meaning point in
        a similar direction, so that the cosine of their angle measures the similarity.

        Args:
            request: A EmbeddingRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.create_embedding(
                request={"model": "all-minilm-l6-v2", "input": "The food was delicious."},
            )
            print(response)
        """
        return self._send(operations.CREATE_EMBEDDING, options, request)

    def text_to_speech(
        self, request: TextToSpeechRequest | TextToSpeechRequestParam | AnyObject, **options: Unpack[CallOptions]
    ) -> bytes:
        """Synthesize speech from text.

        Returns audio in the requested format. With `stream: true` the audio is sent while it is generated,
        sentence by sentence; `pcm` and `opus` can be played before the response is complete.

        Args:
            request: A TextToSpeechRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            audio = client.text_to_speech(
                request={"model": "tts-1",
                 "input": "Hello from the edge.",
                 "voice": "af_bella",
                 "response_format": "mp3"},
            )
            print(len(audio), "bytes")
        """
        return self._send(operations.TEXT_TO_SPEECH, options, request)

    def text_to_speech_stream(
        self, request: TextToSpeechRequest | TextToSpeechRequestParam | AnyObject, **options: Unpack[CallOptions]
    ) -> Stream[bytes]:
        """Synthesize speech from text. The response is streamed.

        The request is sent when iteration starts. Closing the stream closes the connection.

        Args:
            request: A TextToSpeechRequest, or a mapping or another object with its fields. `stream` is set.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed, before or during the stream; the subclass names the reason.

        Example::

            for chunk in client.text_to_speech_stream(
                request={"model": "tts-1",
                 "input": "Hello from the edge.",
                 "voice": "af_bella",
                 "response_format": "mp3"},
            ):
                print(len(chunk), "bytes")
        """
        return self._stream(operations.TEXT_TO_SPEECH, options, request)

    def list_transcription_jobs(self, **options: Unpack[CallOptions]) -> TranscriptionJobListResponse:
        """List the transcription jobs of the API key.

        Returns the state of each job, the newest first.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.list_transcription_jobs()
            print(response)
        """
        return self._send(operations.LIST_TRANSCRIPTION_JOBS, options)

    def transcribe(
        self,
        file: File,
        request: TranscriptionRequest | TranscriptionRequestParam | AnyObject,
        **options: Unpack[CallOptions],
    ) -> VerboseTranscriptionResponse | TranscriptionResponse | str:
        """Transcribe a recording.

        Takes an audio file in a common format and returns the transcript: as JSON, as `verbose_json` with
        timestamps, as plain text, or as subtitles in SRT or WebVTT.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            request: A TranscriptionRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.transcribe(file="recording.mp3", request={"model": "whisper-1"})
            print(response)
        """
        return self._send(operations.TRANSCRIBE, options, request, files={"file": file})

    def stream_transcription(
        self,
        file: File,
        request: TranscriptionStreamRequest | TranscriptionStreamRequestParam | AnyObject,
        **options: Unpack[CallOptions],
    ) -> Stream[TranscriptionStreamEvent]:
        """Transcribe a recording as a stream.

        Takes an audio file and returns its transcript while it is made, as a stream of server-sent events: the text of
        each segment (`transcript.text.delta`), and at the end the whole text (`transcript.text.done`). An event of the
        type `error`, with the message in `error`, ends a stream that fails.

        The request is sent when iteration starts. Closing the stream closes the connection.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            request: A TranscriptionStreamRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed, before or during the stream; the subclass names the reason.

        Example::

            for chunk in client.stream_transcription(file="recording.mp3", request={"model": "whisper-1"}):
                print(chunk)
        """
        return self._stream(operations.STREAM_TRANSCRIPTION, options, request, files={"file": file})

    def create_transcription_job(
        self,
        file: File,
        request: TranscriptionJobRequest | TranscriptionJobRequestParam | AnyObject,
        **options: Unpack[CallOptions],
    ) -> AsyncTranscriptionJobAccepted:
        """Transcribe a recording as a job.

        Takes an audio file and returns a job at once; `get_transcription_job` returns its state, and the transcript when
        it is complete. A job belongs to the API key that created it.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            request: A TranscriptionJobRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.create_transcription_job(file="recording.mp3", request={"model": "whisper-1"})
            print(response)
        """
        return self._send(operations.CREATE_TRANSCRIPTION_JOB, options, request, files={"file": file})

    def create_transcription_job_and_poll(
        self,
        file: File,
        request: TranscriptionJobRequest | TranscriptionJobRequestParam | AnyObject,
        **options: Unpack[CallOptions],
    ) -> TranscriptionJobResult:
        """Transcribe a recording as a job. Waits for the job and returns its result.

        The deadline, an hour unless another is set, holds for the job and all polls.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            request: A TranscriptionJobRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed, or the job (JobFailedError); the subclass names the reason.

        Example::

            response = client.create_transcription_job_and_poll(file="recording.mp3", request={"model": "whisper-1"})
            print(response)
        """
        result: TranscriptionJobResult = self._send_and_poll(
            operations.CREATE_TRANSCRIPTION_JOB,
            operations.GET_TRANSCRIPTION_JOB,
            options,
            request,
            files={"file": file},
        )
        return result

    def get_transcription_job(
        self, job_id: str, **options: Unpack[CallOptions]
    ) -> TranscriptionJobResult | TranscriptionJobInfo:
        """Return the transcript of a job, or its state.

        Returns the transcript with status 200 when the job is complete, and until then, or if it failed, its state with
        status 202.

        Args:
            job_id: The id of the job.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.get_transcription_job(job_id="job_01HZX3V4")
            print(response)
        """
        return self._send(operations.GET_TRANSCRIPTION_JOB, options, parameters={"job_id": job_id})

    def translate(
        self,
        file: File,
        request: TranslationRequest | TranslationRequestParam | AnyObject,
        **options: Unpack[CallOptions],
    ) -> VerboseTranscriptionResponse | TranslationResponse | str:
        """Translate a recording into English text.

        Takes an audio file in a common format, in any language that the model supports, and returns the
        transcript in English, in the same formats as a transcription.

        Args:
            file: The upload: a path, bytes, a file opened in binary mode, or (name, file, media type).
            request: A TranslationRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.translate(file="enregistrement.mp3", request={"model": "whisper-1"})
            print(response)
        """
        return self._send(operations.TRANSLATE, options, request, files={"file": file})

    def list_models(self, **options: Unpack[CallOptions]) -> ListModelsResponse:
        """List the models of the server.

        Returns every available model, whether it is loaded or not. A name that stands for a model is an entry of its
        own, whose `root` is the id of that model.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.list_models()
            print(response)
        """
        return self._send(operations.LIST_MODELS, options)

    def retrieve_model(self, model: str, **options: Unpack[CallOptions]) -> ModelInfo:
        """Return a model of the server.

        Returns a model by its id or another of its names, which is the id in the response. The id is one segment of the
        path, so that a slash in it is percent-encoded: `/v1/models/hexgrad%2FKokoro-82M`.

        Args:
            model: The id of the model.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.retrieve_model(model="llama-3.1-8b")
            print(response)
        """
        return self._send(operations.RETRIEVE_MODEL, options, parameters={"model": model})

    def load_model(
        self, request: LoadModelRequest | LoadModelRequestParam | AnyObject, **options: Unpack[CallOptions]
    ) -> LoadModelResponse:
        """Load a model into memory.

        Loads a model so that its first request does not wait for it. A model that is already loaded is not
        loaded again unless `force_reload` is true.

        Args:
            request: A LoadModelRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.load_model(request={"model_name": "llama-3.1-8b"})
            print(response)
        """
        return self._send(operations.LOAD_MODEL, options, request)

    def unload_model(
        self, request: UnloadModelRequest | UnloadModelRequestParam | AnyObject, **options: Unpack[CallOptions]
    ) -> UnloadModelResponse:
        """Unload a model from memory.

        Removes a model from memory once its active requests have ended.

        Args:
            request: A UnloadModelRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.unload_model(request={"model_name": "llama-3.1-8b"})
            print(response)
        """
        return self._send(operations.UNLOAD_MODEL, options, request)

    def unload_all_models(self, **options: Unpack[CallOptions]) -> UnloadAllModelsResponse:
        """Unload all models from memory.

        Removes every model from memory once its active requests have ended.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.unload_all_models()
            print(response)
        """
        return self._send(operations.UNLOAD_ALL_MODELS, options)

    def get_model_status(self, **options: Unpack[CallOptions]) -> ModelStatusResponse:
        """Return the load state of every model.

        Returns the loaded models and the state of every available model.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.get_model_status()
            print(response)
        """
        return self._send(operations.GET_MODEL_STATUS, options)

    def get_gpu_status(self, **options: Unpack[CallOptions]) -> GPUStatusResponse:
        """Return the status of each GPU.

        Returns memory, utilization, temperature and processes of each GPU; empty lists without a GPU.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.get_gpu_status()
            print(response)
        """
        return self._send(operations.GET_GPU_STATUS, options)

    def get_gpu_memory(self, **options: Unpack[CallOptions]) -> GPUMemoryResponse:
        """Return the memory usage of each GPU.

        Returns used and free memory of each GPU, in GiB and in percent; an empty list without a GPU.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.get_gpu_memory()
            print(response)
        """
        return self._send(operations.GET_GPU_MEMORY, options)

    def purge_gpu(
        self, request: GPUPurgeRequest | GPUPurgeRequestParam | AnyObject | None = None, **options: Unpack[CallOptions]
    ) -> GPUPurgeResponse:
        """Free GPU memory.

        Unloads idle models; with `force` also models that are in use, once their active requests have ended.
        Returns the memory usage before and after.

        Args:
            request: A GPUPurgeRequest, or a mapping or another object with its fields.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.purge_gpu(request={"force": False})
            print(response)
        """
        return self._send(operations.PURGE_GPU, options, request)

    def health(self, **options: Unpack[CallOptions]) -> HealthResponse:
        """Return the health of the server.

        Responds quickly and loads no model; clients use it to find the nearest healthy region.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.health()
            print(response)
        """
        return self._send(operations.HEALTH, options)

    def get_status(self, **options: Unpack[CallOptions]) -> SystemStatus:
        """Return the status of every region.

        Returns the state of each region and of its models. Loads no model.

        Args:
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.get_status()
            print(response)
        """
        return self._send(operations.GET_STATUS, options)

    def get_route(
        self,
        scope: Literal["country", "global"] | None = None,
        model: str | None = None,
        **options: Unpack[CallOptions],
    ) -> RouteResponse:
        """Return the nearest region.

        The autorouter selects a region by the address of the client. It needs no API key. A server that is one region,
        such as the local edge, returns itself.

        Args:
            scope: Whether the region must be in the country of the client: `country`, or `global` for any region.
            model: A model that the region must serve.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.get_route(scope="global", model="llama-3.1-8b")
            print(response)
        """
        return self._send(operations.GET_ROUTE, options, parameters={"scope": scope, "model": model})

    def get_usage(
        self, start_date: date | str | None = None, end_date: date | str | None = None, **options: Unpack[CallOptions]
    ) -> UsageResponse:
        """Return the usage of the API key.

        Returns requests, tokens and cost of the API key of the request, in total, by model and by region. The days are
        those of UTC, and both dates belong to the period. Without `end_date` it ends today, without `start_date` it has
        30 days.

        Args:
            start_date: The first day.
            end_date: The last day.
            options: timeout, idle_timeout, deadline, max_retries, on_meta, extra_headers, extra_query, extra_body.

        Raises:
            ValidationError: The request is invalid and was not sent.
            PolarGridError: The call failed; the subclass names the reason.

        Example::

            response = client.get_usage(start_date="2026-11-01", end_date="2026-11-30")
            print(response)
        """
        return self._send(operations.GET_USAGE, options, parameters={"start_date": start_date, "end_date": end_date})
