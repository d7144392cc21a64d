"""Prints the faults as a table of Markdown: `python -m polargrid_testing.faults`."""

import sys

from polargrid_testing.faults import FAULTS


def render_table() -> str:
    """Return a table of all faults: names, options with their defaults, summaries."""
    lines = ["| Fault | Options | What happens |", "|---|---|---|"]
    for name, entry in sorted(FAULTS.items()):
        options = ", ".join(
            f"`{option}`" if field.is_required() else f"`{option}={field.default!r}`"
            for option, field in entry.options.model_fields.items()
        )
        lines.append(f"| `{name}` | {options} | {entry.summary} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(render_table() + "\n")
