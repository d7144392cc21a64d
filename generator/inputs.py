"""What a method takes: parameters, files, and a body, as a whole or as its fields; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from generator.arguments import Argument, ModelArguments
from generator.operations import APIOperation
from generator.spec import SpecError

CALL_OPTIONS = "**options: Unpack[CallOptions]"
_FILE = "a path, bytes, a file opened in binary mode, or (name, file, media type)."


@dataclass(frozen=True)
class Inputs:
    """The arguments of an operation's methods."""

    op: APIOperation
    parameters: tuple[Argument, ...]
    files: tuple[Argument, ...]
    body: Argument | None
    """The body as a whole."""
    fields: tuple[Argument, ...]
    """The fields of the body; empty if it has none."""

    @property
    def documented(self) -> list[Argument]:
        """The arguments of the method that takes the body as a whole, in the order of the docstring."""
        return [*self.files, *self.parameters, *([self.body] if self.body else [])]

    def signature(self) -> str:
        """Return the parameters of the method that takes the body as a whole: required ones first."""
        body = [self.body] if self.body else []
        arguments = [*self.parameters, *self.files, *body]
        optional = [*body, *self.files, *self.parameters]
        required = [f"{item.name}: {item.type}" for item in arguments if item.required]
        others = [f"{item.name}: {_optional(item.type)} = None" for item in optional if not item.required]
        return ", ".join(["self", *required, *others, CALL_OPTIONS])

    @property
    def poll_arguments(self) -> str:
        """The arguments of a call of the client that polls the job of the operation."""
        operation, rest = self.client_arguments().split(", ", 1)
        return f"{operation}, operations.{self.op.polling.job.poll.upper() if self.op.polling else ''}, {rest}"

    def client_arguments(self, *, has_request: bool = True) -> str:
        """Return the arguments of a call of the client: operation, options, request, files and parameters."""
        arguments = [f"operations.{self.op.constant}", "options"]
        if self.body and has_request:
            arguments.append("request" if self.fields else self.body.name)
        for name, items in (("files", self.files), ("parameters", self.parameters)):
            if items:
                pairs = ", ".join(f"{item.name!r}: {item.name}" for item in items)
                arguments.append(f"{name}={{{pairs}}}")
        return ", ".join(arguments)


def build_inputs(op: APIOperation, models: ModelArguments) -> Inputs:
    """Return the arguments of an operation. Raises SpecError if two of them have the same name."""
    declared = models.classes[op.parameters_type] if op.parameters_type else []
    by_name = {item.alias or item.name: item for item in declared}
    parameters = tuple(
        replace(by_name[item.argument], name=item.argument, required=item.required, alias="") for item in op.parameters
    )
    inputs = Inputs(op, parameters, _file_arguments(op), _body_argument(op, models), _fields(op, models))
    names = [item.name for item in inputs.documented]
    duplicate = next((name for name in names if names.count(name) > 1), None)
    if duplicate is not None:
        message = f"{op.method.upper()} {op.key}: two arguments have the name {duplicate!r}; rename one of them"
        raise SpecError(message, location=("paths", op.key, op.method))
    return inputs


def _file_arguments(op: APIOperation) -> tuple[Argument, ...]:
    files = op.body.files if op.body else ()
    is_required = op.body is not None and op.body.required
    return tuple(
        Argument(
            item.argument,
            "Sequence[File]" if item.is_list else "File",
            item.required and is_required,
            f"The uploads, each {_FILE}" if item.is_list else f"The upload: {_FILE}",
        )
        for item in files
    )


def _body_argument(op: APIOperation, models: ModelArguments) -> Argument | None:
    if op.body is None or op.body.type is None:
        return None
    if op.body.type == "str":
        return Argument("text", "str", op.body.required, "The text to send.")
    if op.body.type in models.aliases:
        return Argument("request", models.aliases[op.body.type], op.body.required, "The body of the request.")
    description = f"A {op.body.type}, or a mapping or another object with its fields."
    fields = models.classes[op.body.type]
    is_required = op.body.required and (not op.body.files or any(item.required for item in fields))
    return Argument("request", f"{op.body.type} | {models.objects[op.body.type]}", is_required, description)


def _fields(op: APIOperation, models: ModelArguments) -> tuple[Argument, ...]:
    fields = models.classes.get(op.body.type or "", ()) if op.body else ()
    return tuple(item for item in fields if (item.alias or item.name) not in op.read_only)


def _optional(annotation: str) -> str:
    return annotation if "None" in annotation.split(" | ") else f"{annotation} | None"
