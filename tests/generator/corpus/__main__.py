"""python -m tests.generator.corpus [NAME ...] [^NAME ...]: print what constructs send, without those after ^."""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path

from tests.generator.corpus.build import check_refused, run_corpus
from tests.generator.corpus.compare import find_differences
from tests.generator.corpus.entries import read_constructs
from tests.generator.corpus.program import CLIENTS


def main(names: list[str]) -> int:
    """Print each construct whose name contains one of `names`. Returns 1 if one differs."""
    left_out = [name.removeprefix("^") for name in names if name.startswith("^")]
    names = [name for name in names if not name.startswith("^")]
    constructs = [item for item in read_constructs() if not names or any(name in item.name for name in names)]
    constructs = [item for item in constructs if item.name not in left_out]
    accepted = [item for item in constructs if item.refused is None]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for construct in (item for item in constructs if item.refused is not None):
            refused = check_refused(construct, Path(folder))
            is_same = refused == construct.refused
            failed += not is_same
            print(f"{'ok  ' if is_same else 'FAIL'} {construct.name}: {refused}")
        run = run_corpus(accepted, Path(folder)) if accepted else None
    for construct in accepted if run else []:
        lines = [f"refused: {run.refusals[construct.name]}"] if construct.name in run.refusals else []
        lines += [f"types: {line}" for line in run.type_errors.get(construct.name, [])]
        for call in construct.calls:
            for client in CLIENTS:
                if outcome := run.outcomes.get(f"{client}_{call.function}"):
                    lines += [f"{client}: {line}" for line in find_differences(call, outcome)]
                    if names and client == "async":
                        print(*_describe(outcome), sep="\n")
        failed += bool(lines)
        print(f"{'FAIL' if lines else 'ok  '} {construct.name}", *(f"       {line}" for line in lines), sep="\n")
    print(f"{len(constructs)} constructs, {failed} differ")
    return bool(failed)


def _describe(outcome: dict[str, object]) -> list[str]:
    requests = outcome["requests"]
    lines = [
        f"     {item['method']} {item['target']} {base64.b64decode(item['body'])!r}"
        for item in (requests if isinstance(requests, list) else [])
    ]
    return [*lines, f"     -> {outcome.get('result', outcome.get('error'))}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
