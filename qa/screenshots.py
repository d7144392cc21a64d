"""Takes the pictures of the web page in docs/guide/page.md. python -m qa.screenshots

The page is the real one in Chromium; the backends of the edge are the scripts of the tests, so that no picture depends
on the text of a model.
"""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import av.filter
from selenium.webdriver.common.keys import Keys

from tests.edge.browser import Page, run_browser
from tests.edge.scripted import ScriptedEdge, run_scripted_edge

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = ROOT / "docs" / "_static"
RECORDING: Final = ROOT / "examples" / "buenos-dias.ogg"
LARGEST: Final = 100_000
"""The limit of a picture in bytes: a clone of the repository has all of them."""
DESKTOP: Final = {"width": 1180, "height": 760, "deviceScaleFactor": 1, "mobile": False}
PHONE: Final = {"width": 390, "height": 760, "deviceScaleFactor": 1, "mobile": True}
ANSWER: Final = """Two cities, and how to greet them:

| City | Province | People |
|---|---|---:|
| Vancouver | British Columbia | 2.6 M |
| Montréal | Québec | 4.3 M |

```python
def greet(city: str) -> str:
    return f"Hello, {city}!"
```

Both have an **edge site** of PolarGrid.
"""
CALL: Final = {
    "index": 0,
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Vancouver"}'},
}


def main() -> None:
    with run_browser("--hide-scrollbars") as driver:
        page = Page(driver)
        with run_scripted_edge() as edge:
            take = Camera(page)
            page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", DESKTOP)
            page.open(edge.url)
            show_conversation(page, edge)
            take("chat")
            page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
            take("phone")
            page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", DESKTOP)
            show_tool_call(page, edge)
            page.run("document.documentElement.dataset.theme = 'dark'")
            take("dark")
            page.run("document.documentElement.dataset.theme = 'light'")
        page.wait_for_edge("dead")
        take("dead")


class Camera:
    """Writes what the tab shows as docs/_static/page-NAME.png. Raises `ValueError` for a picture that is too large."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def __call__(self, name: str) -> None:
        content = compress(self._page.driver.get_screenshot_as_png())
        if len(content) > LARGEST:
            raise ValueError(f"page-{name}.png: {len(content)} bytes; expected at most {LARGEST}")
        path = FOLDER / f"page-{name}.png"
        path.write_bytes(content)
        print(f"{path.relative_to(ROOT)}: {len(content) / 1000:.0f} kB")


def show_conversation(page: Page, edge: ScriptedEdge) -> None:
    ask(page, edge, "Two cities of Canada, please, and a greeting in Python.", {"content": ANSWER})
    page.wait_until(lambda: page.find_all("#chat-log pre code"))
    page.find("#transcribe-file").send_keys(str(RECORDING))
    page.wait_until(lambda: page.find_all("#transcribe-results button"))
    page.wait_until(lambda: page.find_all("#transcribe-wave .some"))


def show_tool_call(page: Page, edge: ScriptedEdge) -> None:
    ask(page, edge, "Is it raining in Vancouver?", {"tool_calls": [CALL]})
    page.wait_until(lambda: page.find_all(".call textarea"))


def ask(page: Page, edge: ScriptedEdge, text: str, delta: dict[str, Any]) -> None:
    edge.text.deltas.append((delta, "stop"))
    page.find("#chat-prompt").send_keys(text, Keys.ENTER)
    page.wait_until(lambda: page.find("#chat-send").is_displayed())


def compress(png: bytes) -> bytes:
    """Encode a PNG again with a palette of 256 colours, which is a third of the size."""
    with av.open(io.BytesIO(png)) as source:
        frame = next(source.decode(video=0)).reformat(format="rgb24")
    graph = av.filter.Graph()
    image = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1))
    split, palette = graph.add("split"), graph.add("palettegen")
    reduce, sink = graph.add("paletteuse", "dither=none"), graph.add("buffersink")
    image.link_to(split)
    split.link_to(palette, 0)
    split.link_to(reduce, 1)
    palette.link_to(reduce, 0, 1)
    reduce.link_to(sink)
    graph.configure()
    frame.pts = 0
    image.push(frame)
    image.push(None)
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "pal8"
    encoder.time_base = Fraction(1)
    encoder.options = {"compression_level": "9"}
    packets = [*encoder.encode(sink.pull()), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


if __name__ == "__main__":
    main()
