"""Methods of resources: their overloads and signatures, with a keyword argument for each field; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from generator.arguments import Argument
from generator.inputs import CALL_OPTIONS, Inputs
from generator.operations import APIOperation
from generator.schemas import join_types, split_union


@dataclass(frozen=True)
class Overload:
    """The return type of a method for the given annotations of its arguments."""

    annotations: Mapping[str, str]
    returns: str
    is_stream: bool = False  # of the operation that serves stream=True
    is_merged: bool = False  # of both operations


@dataclass(frozen=True)
class Method:
    """An operation as a method with keyword arguments, and perhaps the one that serves it with stream=True."""

    name: str
    inputs: Inputs
    stream: Inputs | None = None

    @property
    def op(self) -> APIOperation:
        return self.inputs.op

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the method and of its siblings: `stream` and the helpers."""
        siblings = [
            *(["stream"] if self.has_stream_method else []),
            *([self.iter_name] if self.op.paged else []),
            *([self.poll_name] if self.op.polling else []),
        ]
        return (self.name, *siblings, *self.op.helpers)

    @property
    def iter_name(self) -> str:
        """The name of the method that iterates over the items of all pages."""
        return "iter" if self.name == "list" else f"{self.name}_iter"

    @property
    def poll_name(self) -> str:
        """The name of the method that polls the job that it starts."""
        return f"{self.name}_and_poll"

    @property
    def is_audio(self) -> bool:
        """Whether the response is audio that can be streamed."""
        return self.op.streams and self.op.events is None

    @property
    def has_stream_method(self) -> bool:
        """Whether there is a method `stream`: for audio, and for a text, which it accumulates."""
        return self.is_audio or (
            self.is_streamable and self.stream is None and bool(self.op.events and self.op.events.choices)
        )

    @property
    def is_streamable(self) -> bool:
        """Whether the argument `stream` selects the response."""
        return self.stream is not None or (self.op.streams and not self.op.only_streams)

    @property
    def fields(self) -> tuple[Argument, ...]:
        """The fields of the body; if two operations serve the method, of both."""
        if self.stream is None:
            return self.inputs.fields
        others = {item.name: item for item in self.stream.fields}
        own = {item.name: _merge(item, others.get(item.name)) for item in self.inputs.fields}
        return tuple((own | {name: _merge(item, None) for name, item in others.items() if name not in own}).values())

    def returns(self, is_async: bool) -> str:
        """Return the return type for any arguments."""
        if self.op.only_streams:
            return self._stream_type(is_async)
        types = [kind for overload in self.overloads(is_async) for kind in split_union(overload.returns)]
        return " | ".join(dict.fromkeys(types)) or self._unstreamed_type

    @property
    def _unstreamed_type(self) -> str:
        return "Audio" if self.is_audio else self.op.response_type

    def _stream_type(self, is_async: bool) -> str:
        prefix, op = "Async" if is_async else "", self.stream.op if self.stream else self.op
        return f"{prefix}AudioStream" if self.is_audio else f"{prefix}Stream[{op.chunk_type}]"

    @property
    def raw_annotations(self) -> Mapping[str, str]:
        """The annotation of `stream` if the response is not streamed."""
        return {"stream": f"Literal[False]{self._stream_null} | NotGiven = NOT_GIVEN"} if self.is_streamable else {}

    @property
    def _stream_null(self) -> str:
        """What the type of `stream` has for null, unless the field of the body is not null."""
        own = next((item.type for item in self.fields if item.name == "stream"), "None")
        return " | None" * ("None" in split_union(own))

    def overloads(self, is_async: bool) -> list[Overload]:
        """Return the overloads by `stream`, and by the argument that selects the response type."""
        overloads = self._select_overloads()
        if not self.is_streamable:
            return overloads
        overloads = overloads or [Overload({}, self._unstreamed_type)]
        overloads = [Overload({**item.annotations, **self.raw_annotations}, item.returns) for item in overloads]
        stream = self._stream_type(is_async)
        overloads.append(Overload({"stream": "Literal[True]"}, stream, is_stream=self.stream is not None))
        general = join_types([item.returns for item in overloads])
        return [*overloads, Overload({"stream": f"bool{self._stream_null} | NotGiven"}, general, is_merged=True)]

    def _select_overloads(self) -> list[Overload]:
        if self.op.response_selector is None:
            return []
        name, types = self.op.response_selector
        general = next(item.type for item in self.inputs.fields if item.name == name)
        overloads = [Overload({name: _literal(values)}, kind) for kind, values in types]
        return [*overloads, Overload({name: general}, self._unstreamed_type)]

    def overload_signature(self, overload: Overload) -> str:
        """Return the parameters of an overload."""
        if overload.is_merged:
            return self.signature(overload.annotations)
        inputs = self.stream if overload.is_stream and self.stream else self.inputs
        return Method(self.name, inputs).signature(overload.annotations)

    def signature(self, annotations: Mapping[str, str] | None = None, without: tuple[str, ...] = ()) -> str:
        """Return the parameters: path parameters, then keywords; `annotations` override those of the fields."""
        positional = [f"{item.name}: {item.type}" for item in self.inputs.parameters if item.required]
        keywords = {item.name: _annotation(item) for item in self.fields if item.name not in without}
        if self.inputs.body and not self.inputs.fields:
            keywords[self.inputs.body.name] = _with_none(self.inputs.body)
        if self.is_streamable and "stream" not in without:
            keywords.setdefault("stream", "bool | None | NotGiven = NOT_GIVEN")
        keywords |= annotations or {}
        keywords |= {item.name: _with_none(item) for item in self.inputs.files}
        keywords |= {item.name: _with_none(item) for item in self.inputs.parameters if not item.required}
        named = [f"{name}: {annotation}" for name, annotation in keywords.items()]
        required = [item for item in named if " = " not in item]
        optional = [item for item in named if " = " in item]
        return ", ".join(["self", *positional, *(["*"] if named else []), *required, *optional, CALL_OPTIONS])

    @property
    def parsed_annotations(self) -> Mapping[str, str]:
        """The annotation of `response_format` if the response is parsed: also a type of the caller."""
        field = next((item.type for item in self.fields if item.name == "response_format"), "")
        others = f" | {field}" if field else ""
        return {"response_format": f"type[Parsed]{others} | NotGiven = NOT_GIVEN"}

    def list_documented(self, without: Sequence[str] = ()) -> list[Argument]:
        """Return the arguments in the order of the docstring."""
        body = [self.inputs.body] if self.inputs.body and not self.inputs.fields else []
        fields = [item for item in self.fields if item.name not in without]
        if self.is_streamable and "stream" not in [*without, *(item.name for item in fields)]:
            fields.append(Argument("stream", "bool", required=False, description="Whether the response is streamed."))
        return [*self.inputs.parameters, *self.inputs.files, *body, *fields]

    def fields_expression(self, *without: str) -> str:
        """Return the expression for the fields that the caller provides."""
        names = [item.name for item in self.fields if item.name not in without]
        return f"provided_fields({', '.join(f'{name}={name}' for name in names)})"

    @property
    def argument_names(self) -> set[str]:
        """The names of the parameters and files."""
        return {item.name for item in (*self.inputs.parameters, *self.inputs.files)}

    @property
    def client_arguments(self) -> str:
        """The arguments of the client's method."""
        return self.inputs.client_arguments()

    @property
    def stream_arguments(self) -> str:
        """The arguments of the client's method that streams."""
        return (self.stream or self.inputs).client_arguments()


def _annotation(item: Argument) -> str:
    return item.type if item.required else f"{item.type} | NotGiven = NOT_GIVEN"


def _with_none(item: Argument) -> str:
    if item.required:
        return item.type
    return f"{item.type if 'None' in split_union(item.type) else f'{item.type} | None'} = None"


def _merge(item: Argument, other: Argument | None) -> Argument:
    """Return a field of two operations: required if it is for both, of either type."""
    if other is None:
        return replace(item, required=False)
    return replace(item, type=join_types([item.type, other.type]), required=item.required and other.required)


def _literal(values: tuple[str | None, ...]) -> str:
    literal = f"Literal[{', '.join(repr(value) for value in values if value is not None)}]"
    return f"{literal} | NotGiven = NOT_GIVEN" if None in values else literal
