# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio`, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polargrid.openai.types.audio.speech_create_params import SpeechCreateParams as SpeechCreateParams
    from polargrid.openai.types.audio.speech_model import SpeechModel as SpeechModel
    from polargrid.openai.types.audio.transcription import Transcription as Transcription
    from polargrid.openai.types.audio.transcription_create_params import (
        TranscriptionCreateParams as TranscriptionCreateParams,
        TranscriptionCreateParamsBase as TranscriptionCreateParamsBase,
        TranscriptionCreateParamsNonStreaming as TranscriptionCreateParamsNonStreaming,
        TranscriptionCreateParamsStreaming as TranscriptionCreateParamsStreaming,
    )
    from polargrid.openai.types.audio.transcription_create_response import (
        TranscriptionCreateResponse as TranscriptionCreateResponse,
    )
    from polargrid.openai.types.audio.transcription_include import TranscriptionInclude as TranscriptionInclude
    from polargrid.openai.types.audio.transcription_segment import TranscriptionSegment as TranscriptionSegment
    from polargrid.openai.types.audio.transcription_stream_event import (
        TranscriptionStreamEvent as TranscriptionStreamEvent,
    )
    from polargrid.openai.types.audio.transcription_text_delta_event import (
        TranscriptionTextDeltaEvent as TranscriptionTextDeltaEvent,
    )
    from polargrid.openai.types.audio.transcription_text_done_event import (
        TranscriptionTextDoneEvent as TranscriptionTextDoneEvent,
    )
    from polargrid.openai.types.audio.transcription_verbose import TranscriptionVerbose as TranscriptionVerbose
    from polargrid.openai.types.audio.transcription_word import TranscriptionWord as TranscriptionWord
    from polargrid.openai.types.audio.translation import Translation as Translation
    from polargrid.openai.types.audio.translation_create_params import (
        TranslationCreateParams as TranslationCreateParams,
    )
    from polargrid.openai.types.audio.translation_create_response import (
        TranslationCreateResponse as TranslationCreateResponse,
    )
    from polargrid.openai.types.audio.translation_verbose import TranslationVerbose as TranslationVerbose
else:
    from polargrid.openai._lazy import lazy_attributes

    _MODULES = {
        "SpeechCreateParams": "speech_create_params",
        "SpeechModel": "speech_model",
        "Transcription": "transcription",
        "TranscriptionCreateParams": "transcription_create_params",
        "TranscriptionCreateParamsBase": "transcription_create_params",
        "TranscriptionCreateParamsNonStreaming": "transcription_create_params",
        "TranscriptionCreateParamsStreaming": "transcription_create_params",
        "TranscriptionCreateResponse": "transcription_create_response",
        "TranscriptionInclude": "transcription_include",
        "TranscriptionSegment": "transcription_segment",
        "TranscriptionStreamEvent": "transcription_stream_event",
        "TranscriptionTextDeltaEvent": "transcription_text_delta_event",
        "TranscriptionTextDoneEvent": "transcription_text_done_event",
        "TranscriptionVerbose": "transcription_verbose",
        "TranscriptionWord": "transcription_word",
        "Translation": "translation",
        "TranslationCreateParams": "translation_create_params",
        "TranslationCreateResponse": "translation_create_response",
        "TranslationVerbose": "translation_verbose",
    }
    __getattr__, __dir__ = lazy_attributes(
        __name__,
        _MODULES,
        [
            "speech_create_params",
            "speech_model",
            "transcription",
            "transcription_create_params",
            "transcription_create_response",
            "transcription_include",
            "transcription_segment",
            "transcription_stream_event",
            "transcription_text_delta_event",
            "transcription_text_done_event",
            "transcription_verbose",
            "transcription_word",
            "translation",
            "translation_create_params",
            "translation_create_response",
            "translation_verbose",
        ],
    )

__all__ = [
    "SpeechCreateParams",
    "SpeechModel",
    "Transcription",
    "TranscriptionCreateParams",
    "TranscriptionCreateParamsBase",
    "TranscriptionCreateParamsNonStreaming",
    "TranscriptionCreateParamsStreaming",
    "TranscriptionCreateResponse",
    "TranscriptionInclude",
    "TranscriptionSegment",
    "TranscriptionStreamEvent",
    "TranscriptionTextDeltaEvent",
    "TranscriptionTextDoneEvent",
    "TranscriptionVerbose",
    "TranscriptionWord",
    "Translation",
    "TranslationCreateParams",
    "TranslationCreateResponse",
    "TranslationVerbose",
]
