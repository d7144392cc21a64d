"""Objects of a request that are not the API's, as mappings with the fields that the request has; pure.

So what a response contains can be sent, like the message of a choice, and so can the objects of other SDKs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError

from polargrid_codec.jsonable import dump_model, is_derived_by_sdk, is_of_api
from polargrid_runtime.unions import UnknownObject

_SCALARS = frozenset({str, bytes, bytearray, memoryview, bool, int, float, type(None)})
_TEXT = (str, bytes, bytearray, memoryview)  # also of a subclass: an enum of texts, or markup


class Shape(NamedTuple):
    """The objects that a type has: those of its values, of the items of its lists, and of the values of its maps.

    `values` of a map without objects is empty; of what is no map, None.
    """

    models: tuple[type[BaseModel], ...] = ()
    items: Shape | None = None
    values: Shape | None = None


def adapt(value: Any, shape: Shape | None) -> Any:
    """Return a value whose objects are of the models of the shape, or mappings.

    Of an object of another class, like a message of a response, a mapping has the fields that the model of the request
    has, and those that the class does not declare, as it may come from a server that knows more. None stays only in a
    required field. A mapping of the caller keeps its fields; integers as names of a map become text, as in JSON.
    """
    kind = type(value)
    if shape is None or kind in _SCALARS or kind in shape.models or isinstance(value, _TEXT):
        return value
    if kind is dict or isinstance(value, Mapping):
        has_names = shape.values is not None
        return {
            str(name) if has_names and type(name) is int else name: adapt(item, _field_shape(shape, str(name)))
            for name, item in value.items()
        }
    if isinstance(value, RootModel):
        return adapt(value.root, shape)
    if isinstance(value, BaseModel) or (dataclasses.is_dataclass(value) and not isinstance(value, type)):
        return _select_fields(value, shape.models)
    if shape.items and isinstance(value, Iterable):
        return [adapt(item, shape.items) for item in value]
    return value


@lru_cache(maxsize=256)
def model_shape(kind: type[BaseModel]) -> Shape:
    """Return the shape of a model."""
    return Shape((kind,))


def find_shape(annotation: Any) -> Shape | None:
    """Return the shape of a type; None if no object of the API is in it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return find_shape(arguments[0])
    if origin in (Union, UnionType):
        return _join([find_shape(argument) for argument in arguments])
    if origin is list:
        items = find_shape(arguments[0])
        return Shape(items=items) if items else None
    if origin is dict:
        return Shape(values=find_shape(arguments[1]) or Shape())
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return Shape((annotation,)) if is_model and annotation is not UnknownObject else None


def _join(shapes: Iterable[Shape | None]) -> Shape | None:
    known_shapes = [shape for shape in shapes if shape]
    if len(known_shapes) < 2:
        return known_shapes[0] if known_shapes else None
    models = tuple(dict.fromkeys(model for shape in known_shapes for model in shape.models))
    return Shape(models, _join(shape.items for shape in known_shapes), _join(shape.values for shape in known_shapes))


class _Field(NamedTuple):
    shape: Shape | None
    is_required: bool = False


_UNKNOWN = _Field(None)


def _field_shape(shape: Shape, name: str) -> Shape | None:
    return _join([*(_list_fields(model).get(name, _UNKNOWN).shape for model in shape.models), shape.values])


@lru_cache(maxsize=256)
def _list_fields(kind: type[BaseModel]) -> dict[str, _Field]:
    """Return the fields of a model, by their names in Python and in JSON."""
    fields: dict[str, _Field] = {}
    for name, field in kind.model_fields.items():
        fields[name] = _Field(find_shape(field.annotation), field.is_required())
        fields.setdefault(field.alias or name, fields[name])
    return fields


def _select_fields(value: Any, models: tuple[type[BaseModel], ...]) -> Any:
    """Return the fields of an object that one of the models has; the object itself if it is of one of them."""
    if not models or (isinstance(value, models) and not is_derived_by_sdk(type(value))):
        return value
    mappings = [_to_mapping(value, model) for model in models]
    for model, mapping in zip(models, mappings, strict=True) if len(models) > 1 else ():
        try:
            model.model_validate(mapping)
        except ValidationError:
            continue
        return mapping
    return mappings[0]


def _to_mapping(value: Any, model: type[BaseModel]) -> dict[str, Any]:
    targets, fields = _list_fields(model), _read_fields(value)
    names = {name: next((key for key in keys if key in targets), None) for name, (keys, _) in fields.items()}
    simple = {name for name, key in names.items() if key is not None and targets[key].shape is None}
    dumped = dump_model(value, include=simple) if simple and isinstance(value, BaseModel) else {}
    mapping: dict[str, Any] = {}
    for name, (_, item) in fields.items():
        if (key := names[name]) is not None:
            adapted = dumped.get(name, item) if name in simple else adapt(item, targets[key].shape)
            mapping |= {key: adapted} if adapted is not None or targets[key].is_required else {}
    extra = (value.__pydantic_extra__ or {}) if isinstance(value, BaseModel) else {}
    is_open = model.model_config.get("extra") != "forbid"
    return mapping | {name: item for name, item in extra.items() if is_open or name in targets}


def _read_fields(value: Any) -> dict[str, tuple[tuple[str, ...], Any]]:
    """Return the names of each field of an object and its value; of an object of the API, if the field is set."""
    if not isinstance(value, BaseModel):
        return {field.name: ((field.name,), getattr(value, field.name)) for field in dataclasses.fields(value)}
    kind = type(value)
    names = value.__pydantic_fields_set__ if is_of_api(kind) else kind.model_fields
    fields: dict[str, tuple[tuple[str, ...], Any]] = {
        name: ((name, field.serialization_alias or field.alias or name), value.__dict__[name])
        for name, field in kind.model_fields.items()
        if name in names and name in value.__dict__
    }
    for name, computed in kind.model_computed_fields.items():
        fields[name] = ((name, computed.alias or name), getattr(value, name))
    return fields
