"""The changes of one function, attribute or class, from its two versions as griffe reads them; pure."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping

import griffe

from generator.changes.annotations import Union, parse_annotation
from generator.changes.change import Section
from generator.changes.fields import Direction, compare_types

Sentence = tuple[Section, tuple[str, ...], str]
Aliases = Mapping[str, str]
"""New names of types by old names that are still there: `Meta = ResponseMeta`."""
_SENT = Direction("argument", is_sent=True, is_received=False)
_RECEIVED = Direction("result", is_sent=False, is_received=True)
_KEYWORDS = griffe.ParameterKind.var_keyword
_INTERNAL = ("polargrid_codec.", "polargrid_generated.", "polargrid_runtime.", "polargrid_transport.")
_NO_BASES = {"Generic", "Protocol", "object", "TypedDict"}  # bases that callers do not rely on
_OMITTED = "NOT_GIVEN"


def compare_function(old: griffe.Function, new: griffe.Function, aliases: Aliases) -> Iterator[Sentence]:
    """Yield the changes of a signature."""
    if ("async" in old.labels) != ("async" in new.labels):
        yield Section.BREAKING, (), f"is {'' if 'async' in new.labels else 'no longer '}a coroutine"
    if _is_deprecated(old) != _is_deprecated(new):
        section = Section.DEPRECATED if _is_deprecated(new) else Section.CHANGED
        yield section, (), f"is {'' if _is_deprecated(new) else 'no longer '}deprecated"
    yield from _compare_parameters(old, new, aliases)
    before, after = _read_type(old, _find_result(old), aliases), _read_type(new, _find_result(new))
    yield from compare_types("the result", before, after, _RECEIVED)


def _find_result(function: griffe.Function) -> str | griffe.Expr | None:
    """Return the annotation of the result: that of the first overload, which is of a call without further arguments."""
    return function.overloads[0].returns if function.overloads else function.returns


def _is_deprecated(function: griffe.Function) -> bool:
    return any("deprecated" in str(decorator.value) for decorator in function.decorators)


def _compare_parameters(old: griffe.Function, new: griffe.Function, aliases: Aliases) -> Iterator[Sentence]:
    before = {parameter.name: parameter for parameter in old.parameters}
    after = {parameter.name: parameter for parameter in new.parameters}
    options = _read_options(new)
    for name, parameter in before.items():
        if name not in after and name not in options and (parameter.kind is _KEYWORDS or not _takes_anything(new)):
            yield Section.BREAKING, (name,), f"the argument `{name}` is removed"
    for name in sorted(
        _read_options(old) - options - after.keys() if _names_options(old) != _names_options(new) else ()
    ):
        yield Section.BREAKING, (name,), f"the argument `{name}` is removed"
    for name, parameter in after.items():
        if name not in before and (parameter.kind is _KEYWORDS or not parameter.required):
            yield Section.ADDED, (name,), f"the argument `{name}`"
    for breakage in _find_breakages(old, new):
        yield from _describe_breakage(breakage)
    for name in (name for name, parameter in after.items() if name in before and parameter.kind is not _KEYWORDS):
        types = _read_type(old, before[name].annotation, aliases), _read_type(new, after[name].annotation)
        for section, _, text in compare_types(f"the argument `{name}`", *types, _SENT):
            yield section, (name,), text


def _takes_anything(function: griffe.Function) -> bool:
    """Whether a function has `**keywords` without a TypedDict that lists them."""
    keywords = [parameter for parameter in function.parameters if parameter.kind is _KEYWORDS]
    return any("Unpack" not in str(parameter.annotation) for parameter in keywords)


def _names_options(function: griffe.Function) -> str:
    """Return the path of the TypedDict of `**options: Unpack[Options]`; nothing without one."""
    for parameter in function.parameters:
        if parameter.kind is _KEYWORDS and isinstance(parameter.annotation, griffe.ExprSubscript):
            inner = parameter.annotation.slice
            return inner.canonical_path if isinstance(inner, griffe.Expr) else inner
    return ""


def _read_options(function: griffe.Function) -> set[str]:
    """Return the keys of the TypedDict of `**options: Unpack[Options]`."""
    options = _find_object(function, _names_options(function))
    return set(options.all_members) if isinstance(options, griffe.Class) else set()


def _find_object(owner: griffe.Object, path: str) -> griffe.Object | None:
    try:
        target = owner.modules_collection[path] if path else None
        return target.final_target if isinstance(target, griffe.Alias) else target
    except (KeyError, griffe.AliasResolutionError):  # of another package
        return None


def _read_type(owner: griffe.Object, annotation: str | griffe.Expr | None, aliases: Aliases | None = None) -> Union:
    """Return an annotation. The names of type variables are no difference, nor are new names of types."""
    if not isinstance(annotation, griffe.Expr):
        return parse_annotation(annotation or "Any")
    parts = [_read_name(owner, part, aliases or {}) for part in annotation.iterate(flat=True)]
    return parse_annotation("".join(parts))


def _read_name(owner: griffe.Object, part: str | griffe.Expr, aliases: Aliases) -> str:
    if not isinstance(part, griffe.ExprName):
        return str(part)
    target = _find_object(owner, part.canonical_path)
    is_variable = isinstance(target, griffe.Attribute) and str(target.value).startswith("TypeVar(")
    return "TypeVariable" if is_variable else aliases.get(part.name, part.name)


def _find_breakages(old: griffe.Function, new: griffe.Function) -> Iterator[griffe.Breakage]:
    """Yield what griffe finds between two functions; it compares members, so they become the member of a module."""
    modules = []
    for function in (old, new):
        module = griffe.Module("module")
        module.members["function"] = function
        modules.append(module)
    yield from griffe.find_breaking_changes(*modules)


def _describe_breakage(breakage: griffe.Breakage) -> Iterator[Sentence]:
    old, new = breakage.old_value, breakage.new_value
    name = str(getattr(new, "name", None) or getattr(old, "name", ""))
    subject = f"the argument `{name}`"
    match breakage.kind:
        case griffe.BreakageKind.PARAMETER_MOVED:
            yield Section.BREAKING, (name,), f"{subject} has another position"
        case griffe.BreakageKind.PARAMETER_CHANGED_KIND:
            yield Section.BREAKING, (name,), f"{subject} is {new.kind.value}; it was {old.kind.value}"
        case griffe.BreakageKind.PARAMETER_CHANGED_REQUIRED:
            yield Section.BREAKING, (name,), f"{subject} is required now"
        case griffe.BreakageKind.PARAMETER_ADDED_REQUIRED:
            yield Section.BREAKING, (name,), f"the new argument `{name}` is required"
        case griffe.BreakageKind.PARAMETER_CHANGED_DEFAULT if _OMITTED not in (str(old.default), str(new.default)):
            yield Section.CHANGED, (name,), f"{subject} has the default `{new.default}`; it was `{old.default}`"
        case _:
            pass  # removed parameters and results are compared above


def compare_attribute(
    old: griffe.Attribute, new: griffe.Attribute, subject: str, direction: Direction, aliases: Aliases
) -> Iterator[Sentence]:
    """Yield the changes of the type of a field, an option or a constant."""
    before, after = _read_type(old, old.annotation, aliases), _read_type(new, new.annotation)
    yield from compare_types(subject, before, after, direction)


def compare_default(old: griffe.Attribute, new: griffe.Attribute, subject: str) -> Iterator[Sentence]:
    """Yield the change of the default of a field."""
    before, after = _read_default(old), _read_default(new)
    if after is None and before is not None:
        yield Section.BREAKING, (), f"{subject} is required now"
    elif before != after:
        yield Section.CHANGED, (), f"{subject} has the default `{after}`" + (f"; it was `{before}`" if before else "")


def _read_default(attribute: griffe.Attribute) -> str | None:
    """Return the default of a field: the value, or the `default` of `attrs.field(default=...)`; None without one."""
    if attribute.value is None:
        return None
    node = ast.parse(str(attribute.value), mode="eval").body
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2].lower() == "field":
        defaults = [item.value for item in node.keywords if item.arg in ("default", "factory", "default_factory")]
        return ast.unparse(defaults[0]) if defaults else ast.unparse(node.args[0]) if node.args else None
    return ast.unparse(node)


def compare_bases(old: griffe.Class, new: griffe.Class, public: Collection[str]) -> Iterator[Sentence]:
    """Yield the classes that a class no longer derives from: `except` and `isinstance` name them.

    `public` has the names of the public classes, wherever they are defined.
    """
    for name in sorted(_find_ancestors(old, public) - _find_ancestors(new, public)):
        yield Section.BREAKING, (name,), f"no longer derives from `{name}`"


def _find_ancestors(item: griffe.Class, public: Collection[str]) -> set[str]:
    bases = [base for ancestor in (item, *item.mro()) for base in ancestor.bases]
    paths = {base.canonical_path if isinstance(base, griffe.Expr) else base for base in bases}
    names = {path.rpartition(".")[2]: not path.startswith(_INTERNAL) and "._" not in path for path in paths}
    return {name for name, is_importable in names.items() if is_importable or name in public} - _NO_BASES
