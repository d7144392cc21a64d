"""JSON of a request: fields of the API's models that are set, objects of the caller as they dump themselves; pure."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from functools import lru_cache, partial
from inspect import get_annotations
from typing import Any

from pydantic import BaseModel, RootModel
from pydantic_core import to_jsonable_python

from polargrid_runtime.errors import ValidationError

_MODELS = "polargrid_generated.models"
_SDK = frozenset({"polargrid", "polargrid_generated", "polargrid_runtime"})
_MASK = "*" * 10  # what Pydantic dumps for a secret
_MAX_PATH = 20  # names of a path in a message


class SecretValueError(TypeError):
    """A secret, which Pydantic would send as asterisks."""


def encode_json(value: Any, name: str) -> bytes:
    """Encode a request. Raises ValidationError, naming the field, for what JSON has no form for."""
    try:
        return _encode(value)
    except Exception as error:  # objects of the caller may raise anything
        path, reason = _find_invalid(value, error)
        if not path:  # an iterator is empty now
            path, reason = _find_invalid(
                value, error, json.JSONEncoder(default=partial(_reject_iterator, error)).encode
            )
        field = ".".join(path).encode("utf-8", "backslashreplace").decode()
        details = [{"field": field, "message": reason}]
        raise ValidationError(f"{field or name}: {reason}", param=field or None, details=details) from error


def to_jsonable(value: Any) -> Any:
    """Convert what is not plain JSON, one level of it. Raises TypeError or ValueError if JSON has no form for it."""
    kind = type(value)
    if kind.__module__ == _MODELS:
        return _collect_fields(value)
    if hasattr(kind, "get_secret_value"):
        raise SecretValueError("secrets are not sent; pass its get_secret_value()")
    if hasattr(kind, "__pydantic_serializer__"):
        return _dump_inherited(value) if isinstance(value, BaseModel) else dump_model(value)
    if dataclasses.is_dataclass(kind):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(kind)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Set | Sequence | Generator) and not isinstance(value, bytes | bytearray | memoryview):
        return list(value)
    return to_jsonable_python(value)


_encoder = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"), default=to_jsonable
)


def _encode(value: Any) -> bytes:
    return _encoder.encode(value).encode()


def is_of_api(kind: type[Any]) -> bool:
    """Whether a class is a model of the API, or derived from one."""
    return any(base.__module__ == _MODELS for base in kind.__mro__)


def is_derived_by_sdk(kind: type[Any]) -> bool:
    """Whether a class of the SDK adds fields to a model of the API: they are results, and not sent."""
    generic = getattr(kind, "__pydantic_generic_metadata__", {}).get("origin")  # `A[B]` is of the module that wrote it
    module = (generic or kind).__module__
    return module != _MODELS and module.partition(".")[0] in _SDK


def _collect_fields(model: BaseModel) -> Any:
    """The fields that are set, and unknown ones, by their names in JSON: defaults are up to the server."""
    if isinstance(model, RootModel):  # an item of a list, with bounds
        return model.root
    provided = model.__pydantic_fields_set__
    fields = {name: value for name, value in model.__dict__.items() if name in provided}
    if names := _json_names(type(model)):
        fields = {names.get(name, name): value for name, value in fields.items()}
    return {**fields, **extra} if (extra := model.__pydantic_extra__) else fields


@lru_cache(maxsize=256)  # a class of the caller may be local to a function
def _json_names(kind: type[BaseModel]) -> dict[str, str]:
    return {name: field.alias for name, field in kind.model_fields.items() if field.alias}


def _dump_inherited(model: BaseModel) -> Any:
    """Dump a model of the caller; of a subclass of the API's, unset fields that it does not declare are omitted."""
    kinds = type(model).__mro__
    own = next((kinds[:index] for index, kind in enumerate(kinds) if kind.__module__ == _MODELS), None)
    if own is None:
        return dump_model(model)
    names = {kind: get_annotations(kind).keys() for kind in own}
    results = {name for kind in own if is_derived_by_sdk(kind) for name in names[kind]}
    results -= vars(kinds[len(own)])["__pydantic_fields__"].keys()  # a field of the API with a narrower type
    declared = {name for kind in own if not is_derived_by_sdk(kind) for name in names[kind]} - results
    declared |= type(model).model_computed_fields.keys()
    inherited = {name: value for name, value in _collect_fields(model).items() if name not in declared | results}
    return {**inherited, **dump_model(model, include=declared)}


def dump_model(value: Any, **options: Any) -> Any:
    """Dump a model or a Pydantic dataclass of the caller; a secret in it stays one."""
    serializer = partial(value.__pydantic_serializer__.to_python, value)  # of a Pydantic dataclass
    dump = value.model_dump if isinstance(value, BaseModel) else serializer
    fields = dump(mode="json", **options)
    return _restore_secrets(fields, dump(**options)) if _MASK in repr(fields) else fields


def _restore_secrets(dumped: Any, source: Any) -> Any:
    """Replace asterisks by the secret behind them, which is then rejected."""
    if dumped == _MASK:
        return source if hasattr(source, "get_secret_value") else dumped
    if isinstance(dumped, dict) and isinstance(source, Mapping):
        items = zip(dumped.items(), source.values(), strict=False)
        return {name: _restore_secrets(item, original) for (name, item), original in items}
    if isinstance(dumped, list) and isinstance(source, Collection):
        return [_restore_secrets(*pair) for pair in zip(dumped, source, strict=False)]
    return dumped


def _reject_iterator(error: Exception, value: Any) -> Any:
    if isinstance(value, Iterator):
        raise error
    return to_jsonable(value)


def _find_invalid(
    value: Any, error: Exception, encode: Callable[[Any], object] = _encode, path: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], str]:
    """The path of the innermost value that cannot be encoded, and why."""
    items: Any = ()
    if len(path) < _MAX_PATH and not (path and isinstance(error, RecursionError)):
        with suppress(Exception):  # of an object of the caller
            plain = value if isinstance(value, dict | list | tuple | str) else to_jsonable(value)
            items = plain.items() if isinstance(plain, dict) else enumerate(() if isinstance(plain, str) else plain)
            items = list(items)
    for name, item in items:
        try:
            encode(item)
        except Exception as inner:  # noqa: BLE001 - as in encode_json
            return _find_invalid(item, inner, encode, (*path, str(name)))
    return path, _explain(value, error)


def _explain(value: Any, error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "text with a lone surrogate has no UTF-8 form"
    if isinstance(error, RecursionError):
        return "it is nested too deeply, or contains itself"
    if isinstance(error, SecretValueError):
        return str(error)
    if isinstance(value, float):
        return f"{value} has no JSON form"
    return f"{type(value).__name__} has no JSON form: {str(error).partition(chr(10))[0][:200]}"
