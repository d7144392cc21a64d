# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.audio_format import AudioFormat
from ..models.tts_voice import TTSVoice
from ..types import UNSET, Unset

T = TypeVar("T", bound="TextToSpeechRequest")


@_attrs_define
class TextToSpeechRequest:
    """A request to synthesize speech."""

    model: str
    """ The id of the speech model: `tts-1` or `kokoro-82m`. """
    input_: str
    """ The text to speak. """
    voice: str | TTSVoice
    """ The voice. """
    response_format: AudioFormat | Unset = UNSET
    """ An audio format: MP3, Ogg Opus, AAC, FLAC, WAV, or PCM (16-bit little-endian samples at 24 kHz without a
    header).
     """
    speed: float | Unset = 1.0
    """ The speed, as a factor of normal speed. """
    stream: bool | None | Unset = False
    """ Whether the audio is sent while it is generated. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        model = self.model

        input_ = self.input_

        voice: str
        if isinstance(self.voice, TTSVoice):
            voice = self.voice.value
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

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        model = d.pop("model")

        input_ = d.pop("input")

        def _parse_voice(data: object) -> str | TTSVoice:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                voice_type_0 = TTSVoice(data)

                return voice_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(str | TTSVoice, data)

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

        text_to_speech_request = cls(
            model=model,
            input_=input_,
            voice=voice,
            response_format=response_format,
            speed=speed,
            stream=stream,
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
