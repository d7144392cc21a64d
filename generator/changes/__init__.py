"""`make changes`: what changed in the API since a release, as a user of the Python package meets it.

`document` reads facts of openapi.yaml, `operations` and `models` compare them. `surface` reads the public names of the
packages with griffe, `names` compares them. Both yield `Change`s; `changelog` compares those with CHANGELOG.md. These
are pure, except for `surface`; `history` reads git, and `__main__` is the command.
"""
