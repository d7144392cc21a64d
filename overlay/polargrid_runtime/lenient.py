"""Objects of a response, which a client accepts from servers that do not follow the document in every field."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any, ClassVar, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import core_schema

from polargrid_runtime.open_values import close_values, open_values
from polargrid_runtime.request import reject_null

#: Labels of the branches of a union, which are part of the location of an error.
_AS_DOCUMENTED, _ALTERNATIVE = "", "?"
_MAX_ENTRIES = 10_000
_OBJECT = core_schema.no_info_after_validator_function(json.dumps, core_schema.dict_schema())


class LenientModel(BaseModel, defer_build=True):
    """An object of a response.

    The fields in `lenient` may be missing or null, although their type says otherwise: the value is then the constant
    of the document, an empty list, an object without fields, or None. Values are open: bounds do not hold, an enum
    accepts others of its kind, a date-time needs no offset, a float is accepted for an integer, and a number for a
    string. If requests have such an object as well, what a caller passes follows the document, and so does everything
    with strict validation; null is no value of the fields in `not_null`, as in a RequestModel.
    """

    model_config = ConfigDict(coerce_numbers_to_str=True)
    _lenient: ClassVar[Collection[str]] = ()
    _in_requests: ClassVar[bool] = False
    _not_null: ClassVar[Collection[str]] = ()

    def __init_subclass__(
        cls, lenient: Collection[str] = (), *, in_requests: bool = False, not_null: Collection[str] = (), **options: Any
    ) -> None:
        super().__init_subclass__(**options)
        cls._lenient, cls._in_requests = (*cls._lenient, *lenient), in_requests or cls._in_requests
        cls._not_null = (*cls._not_null, *not_null)

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from polargrid_runtime.html import format_response

        return format_response(self)

    def to_dict(
        self,
        *,
        mode: Literal["json", "python"] = "python",
        use_api_names: bool = True,
        exclude_unset: bool = True,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        warnings: bool = True,
    ) -> dict[str, Any]:
        """Return the fields that the server sent, as Python values, or with `mode="json"` as values of JSON."""
        return self.model_dump(
            mode=mode,
            by_alias=use_api_names,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
            warnings=warnings,
        )

    def to_json(
        self,
        *,
        indent: int | None = 2,
        use_api_names: bool = True,
        exclude_unset: bool = True,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        warnings: bool = True,
    ) -> str:
        """Return the fields that the server sent, as JSON text."""
        return self.model_dump_json(
            indent=indent,
            by_alias=use_api_names,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
            warnings=warnings,
        )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        schema: Any = handler(source)
        for name, field in schema["schema"].get("fields", {}).items():
            has_default = field["schema"]["type"] == "default"  # also if it is built a second time
            documented = field["schema"]["schema"] if has_default else field["schema"]
            if documented["type"] == "chain":
                continue
            is_lenient = name in cls._lenient
            null = (cls.model_fields[name].annotation, name) if is_lenient else None
            lax = _accept(open_values(documented), null, is_json=name == "arguments")
            if cls._in_requests:
                strict = close_values(documented)
                is_optional = field.get("validation_alias", name) in cls._not_null and has_default
                own = reject_null(strict) if is_optional else strict
                of_caller = core_schema.lax_or_strict_schema(_accept(own, null, is_json=name == "arguments"), strict)
                either = core_schema.json_or_python_schema(core_schema.lax_or_strict_schema(lax, strict), of_caller)
                lax = core_schema.chain_schema([either, core_schema.any_schema()])  # any value can be dumped
            if has_default:
                field["schema"] = {**field["schema"], "schema": lax}
            elif is_lenient:
                field["schema"] = core_schema.with_default_schema(lax, default=None, validate_default=True)
            else:
                field["schema"] = lax
        return schema  # type: ignore[no-any-return]


def missing_value(annotation: Any, name: str) -> Any:
    """Return the value of a missing field of a LenientModel."""
    create = _default_of(annotation, name)
    return create() if create else None


def describe_mismatch(error: ValueError, redact: Callable[[str], str] = str) -> str:
    """The first field that does not match, what it should be, and what it is."""
    if not isinstance(error, ValidationError):
        return str(error)
    mismatches = error.errors(include_url=False)
    mismatch = next((item for item in mismatches if _ALTERNATIVE not in item["loc"]), mismatches[0])
    path = redact(".".join(str(item) for item in mismatch["loc"] if item != _AS_DOCUMENTED))
    if not path or mismatch["type"] == "missing":
        return f"{path}: {mismatch['msg']}" if path else mismatch["msg"]
    value = mismatch["input"]
    text = type(value).__name__ if isinstance(value, list | dict) else redact(repr(value))
    return f"{path}: {mismatch['msg']}, not {text[:50]}{'…' * (len(text) > 50)}"


def _accept(schema: Any, null: tuple[Any, str] | None, *, is_json: bool) -> Any:
    """Return a schema that accepts another type of number, JSON for text, and null if the field may be missing."""
    kind = schema["type"]
    if kind == "nullable":
        schema = {**schema, "schema": _accept(schema["schema"], None, is_json=is_json)}
    elif kind in ("list", "dict"):
        schema = _bound_errors(schema)
    elif kind == "int":
        bounds = {name: schema[name] for name in ("ge", "gt", "le", "lt") if name in schema}
        number = core_schema.float_schema(allow_inf_nan=False, **bounds)
        schema = _either(schema, core_schema.no_info_after_validator_function(int, number))
    elif is_json and kind == "str":
        schema = _either(schema, _OBJECT)
    return _accept_null(schema, *null) if null else schema


def _bound_errors(schema: Any) -> Any:
    """Return the schema of a value whose lists and dicts, at any depth, have few errors."""
    if schema["type"] == "nullable":
        return {**schema, "schema": _bound_errors(schema["schema"])}
    if schema["type"] == "list":  # of a million invalid items, an error names one
        items = schema.get("items_schema", core_schema.any_schema())
        return {**schema, "fail_fast": True, "items_schema": _bound_errors(items)}
    if schema["type"] == "dict":
        return core_schema.no_info_before_validator_function(_limit_entries, schema)
    return schema


def _limit_entries(value: Any) -> Any:
    """Bound the errors of a dict, of which Pydantic collects all."""
    if isinstance(value, dict) and len(value) > _MAX_ENTRIES:
        raise ValueError(f"more than {_MAX_ENTRIES} entries")
    return value


def _either(schema: Any, alternative: Any) -> Any:
    choices: list[Any] = [(schema, _AS_DOCUMENTED), (alternative, _ALTERNATIVE)]
    return core_schema.union_schema(choices, mode="left_to_right")  # one step more only for the alternative


def _accept_null(schema: Any, annotation: Any, name: str) -> Any:
    create = _default_of(annotation, name)
    if create is None:
        return core_schema.nullable_schema(schema)
    null = core_schema.no_info_after_validator_function(lambda _null: create(), core_schema.none_schema())
    return _either(schema, null)


def _default_of(annotation: Any, name: str) -> Any:
    """Return a function that returns the value of a missing field; None if that is None."""
    constants = [get_args(item) for item in (annotation, *get_args(annotation)) if get_origin(item) is Literal]
    if name == "arguments":
        return str
    if len(constants) == 1 and len(constants[0]) == 1:
        return lambda: constants[0][0]
    if get_origin(annotation) is list:
        return list
    is_empty_model = (
        isinstance(annotation, type)
        and issubclass(annotation, BaseModel)
        and not any(field.is_required() for field in annotation.model_fields.values())
    )
    return annotation if is_empty_model else None
