"""Corrections of the modules that openapi-python-client writes; pure."""

from __future__ import annotations

import re

from polargrid_runtime.operation import split_path


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
    module = _patch_request(module)
    if "class AuthenticatedClient:" in module:
        module = module.replace("    token: str\n", "    token: str = field(repr=False)\n")
        module = re.sub(r"(    _headers: .* = field\()", r"\1repr=False, ", module)
    arguments = "    _kwargs: dict[str, Any] = {\n"
    return module.replace(arguments, f'{arguments}        "extensions": {{"operation": "{name}"}},\n')


def _patch_request(module: str) -> str:
    """Return a module of the raw client whose requests have the query of a path's key, and cookies without a warning.

    httpx drops the query of a URL that has `params` as well, and has deprecated cookies of single requests.
    """
    url = re.search(r'"url": "([^"?]*)\?([^"]*)"', module)
    if url is not None and '"params": params,' in module:
        _, query = split_path(f"?{url[2]}")
        values = {name: value[1:-1] if value.startswith("{") else repr(value) for name, value in query}
        fixed = ", ".join(f"{name!r}: {value}" for name, value in values.items())
        module = module.replace(url[0], f'"url": "{url[1]}"')
        module = module.replace('"params": params,', f'"params": {{{fixed}, **params}},')
    if '"cookies": cookies,' in module:
        cookie = '"; ".join(name + "=" + quote(str(value), safe="") for name, value in cookies.items())'
        headers = f'{{**_kwargs.get("headers", {{}}), "Cookie": {cookie}}}'
        module = module.replace('        "cookies": cookies,\n', "")
        module = module.replace(
            "    return _kwargs\n", f'    if cookies:\n        _kwargs["headers"] = {headers}\n    return _kwargs\n'
        )
    return module
