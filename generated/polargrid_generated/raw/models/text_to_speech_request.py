# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.audio_format import AudioFormat
from ..models.text_to_speech_request_model_type_0 import TextToSpeechRequestModelType0
from ..models.text_to_speech_request_stream_format_type_1 import TextToSpeechRequestStreamFormatType1
from ..models.text_to_speech_request_stream_format_type_2_type_1 import TextToSpeechRequestStreamFormatType2Type1
from ..models.text_to_speech_request_stream_format_type_3_type_1 import TextToSpeechRequestStreamFormatType3Type1
from ..models.tts_voice import TTSVoice
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.voice_reference import VoiceReference


T = TypeVar("T", bound="TextToSpeechRequest")


@_attrs_define
class TextToSpeechRequest:
    """A request to synthesize speech."""

    model: str | TextToSpeechRequestModelType0
    """ The id of the speech model. """
    input_: str
    """ The text to speak. """
    voice: str | TTSVoice | VoiceReference
    """ The voice, by its name or as an object with its id. """
    response_format: AudioFormat | Unset = UNSET
    """ An audio format: MP3, Ogg Opus, AAC, FLAC, WAV, or PCM (16-bit little-endian samples at 24 kHz without a
    header).
     """
    speed: float | Unset = 1.0
    """ The speed, as a factor of normal speed. """
    stream: bool | None | Unset = False
    """ Whether the audio is sent while it is generated. """
    stream_format: (
        None
        | TextToSpeechRequestStreamFormatType1
        | TextToSpeechRequestStreamFormatType2Type1
        | TextToSpeechRequestStreamFormatType3Type1
        | Unset
    ) = TextToSpeechRequestStreamFormatType1.AUDIO
    """ What the body is. PolarGrid sends the audio itself, also for `sse`, events with the audio. """
    instructions: None | str | Unset = UNSET
    """ How to speak. Ignored by models that cannot follow it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.voice_reference import VoiceReference  # noqa: PLC0415

        model: str
        if isinstance(self.model, TextToSpeechRequestModelType0):
            model = self.model.value
        else:
            model = self.model

        input_ = self.input_

        voice: dict[str, Any] | str
        if isinstance(self.voice, TTSVoice):
            voice = self.voice.value
        elif isinstance(self.voice, VoiceReference):
            voice = self.voice.to_dict()
        else:
            voice = self.voice

        response_format: str | Unset = UNSET
        if not isinstance(self.response_format, Unset):
            response_format = self.response_format.value

        speed = self.speed

        stream: bool | None | Unset
        if isinstance(self.stream, Unset):
            stream = UNSET
        else:
            stream = self.stream

        stream_format: None | str | Unset
        if isinstance(self.stream_format, Unset):
            stream_format = UNSET
        elif isinstance(self.stream_format, TextToSpeechRequestStreamFormatType1):
            stream_format = self.stream_format.value
        elif isinstance(self.stream_format, TextToSpeechRequestStreamFormatType2Type1):
            stream_format = self.stream_format.value
        elif isinstance(self.stream_format, TextToSpeechRequestStreamFormatType3Type1):
            stream_format = self.stream_format.value
        else:
            stream_format = self.stream_format

        instructions: None | str | Unset
        if isinstance(self.instructions, Unset):
            instructions = UNSET
        else:
            instructions = self.instructions

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "model": model,
                "input": input_,
                "voice": voice,
            }
        )
        if response_format is not UNSET:
            field_dict["response_format"] = response_format
        if speed is not UNSET:
            field_dict["speed"] = speed
        if stream is not UNSET:
            field_dict["stream"] = stream
        if stream_format is not UNSET:
            field_dict["stream_format"] = stream_format
        if instructions is not UNSET:
            field_dict["instructions"] = instructions

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.voice_reference import VoiceReference  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_model(data: object) -> str | TextToSpeechRequestModelType0:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                model_type_0 = TextToSpeechRequestModelType0(data)

                return model_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(str | TextToSpeechRequestModelType0, data)

        model = _parse_model(d.pop("model"))

        input_ = d.pop("input")

        def _parse_voice(data: object) -> str | TTSVoice | VoiceReference:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                voice_type_0 = TTSVoice(data)

                return voice_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                voice_type_2 = VoiceReference.from_dict(data)

                return voice_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(str | TTSVoice | VoiceReference, data)

        voice = _parse_voice(d.pop("voice"))

        _response_format = d.pop("response_format", UNSET)
        response_format: AudioFormat | Unset
        if isinstance(_response_format, Unset):
            response_format = UNSET
        else:
            response_format = AudioFormat(_response_format)

        speed = d.pop("speed", UNSET)

        def _parse_stream(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        stream = _parse_stream(d.pop("stream", UNSET))

        def _parse_stream_format(
            data: object,
        ) -> (
            None
            | TextToSpeechRequestStreamFormatType1
            | TextToSpeechRequestStreamFormatType2Type1
            | TextToSpeechRequestStreamFormatType3Type1
            | Unset
        ):
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                stream_format_type_1 = TextToSpeechRequestStreamFormatType1(data)

                return stream_format_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                stream_format_type_2_type_1 = TextToSpeechRequestStreamFormatType2Type1(data)

                return stream_format_type_2_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                stream_format_type_3_type_1 = TextToSpeechRequestStreamFormatType3Type1(data)

                return stream_format_type_3_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(
                None
                | TextToSpeechRequestStreamFormatType1
                | TextToSpeechRequestStreamFormatType2Type1
                | TextToSpeechRequestStreamFormatType3Type1
                | Unset,
                data,
            )

        stream_format = _parse_stream_format(d.pop("stream_format", UNSET))

        def _parse_instructions(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        instructions = _parse_instructions(d.pop("instructions", UNSET))

        text_to_speech_request = cls(
            model=model,
            input_=input_,
            voice=voice,
            response_format=response_format,
            speed=speed,
            stream=stream,
            stream_format=stream_format,
            instructions=instructions,
        )

        text_to_speech_request.additional_properties = d
        return text_to_speech_request

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
