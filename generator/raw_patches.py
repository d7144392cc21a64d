"""Corrections of the modules that openapi-python-client writes; pure."""

from __future__ import annotations

import re

from generator.raw_view import patch_requests


def patch(module: str, name: str) -> str:
    """Return a module of the raw client without defects of its templates, and with the name of its operation.

    - Its multipart boundary is a constant, so an uploaded file that contains it would be cut and could add form fields;
      httpx chooses a random boundary if no Content-Type is set.
    - It leaves dots in path arguments, so `..` would lead to the parent path.
    - The repr of a client shows its token and its headers.

    The extension `operation` of a request tells the transport of `client.raw` which operation it is.
    """
    module = re.sub(r'(?m)^ +headers\["Content-Type"\] = "multipart/form-data; boundary=\+\+\+"\n', "", module)
    module = re.sub(r"(quote\(str\(\w+\), safe=\"\"\))", r'\1.replace(".", "%2E")', module)
    module = patch_requests(module)
    if "class AuthenticatedClient:" in module:
        module = module.replace("    token: str\n", "    token: str = field(repr=False)\n")
        module = re.sub(r"(    _headers: .* = field\()", r"\1repr=False, ", module)
    arguments = "    _kwargs: dict[str, Any] = {\n"
    return module.replace(arguments, f'{arguments}        "extensions": {{"operation": "{name}"}},\n')
