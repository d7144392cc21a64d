"""The page in a real browser, with an edge with scripted backends: all but the chat, and no request to another host."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from polargrid_edge.backends.transcription import Segment
from polargrid_edge.media.audio import decode, encode
from polargrid_edge.media.subtitles import to_srt, to_vtt
from polargrid_edge.models.voices import KOKORO_NAMES
from polargrid_edge.web.state_stream import resident_memory
from tests.edge.browser import Page, needs_browser, run_browser
from tests.edge.scripted import HEADERS, SEGMENT, ScriptedEdge, run_scripted_edge

RECORDING = Path(__file__).parents[2] / "examples" / "buenos-dias.ogg"
HERTZ = 16_000

pytestmark = needs_browser


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the browser saves files."""
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, downloads: Path) -> Iterator[webdriver.Chrome]:
    """A browser whose microphone plays the recording."""
    audio = tmp_path_factory.mktemp("microphone") / "audio.wav"
    with RECORDING.open("rb") as file:
        audio.write_bytes(b"".join(encode([decode(file, limit_seconds=60)], HERTZ, "wav")))
    arguments = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={audio}",
    ]
    with run_browser(*arguments, downloads=downloads) as driver:
        yield driver


@pytest.fixture(scope="module")
def fake_edge() -> Iterator[ScriptedEdge]:
    """An edge for the tests of this module."""
    with run_scripted_edge() as started:
        yield started


@pytest.fixture
def page(browser: webdriver.Chrome, fake_edge: ScriptedEdge) -> Iterator[Page]:
    """The open page. Every test leaves the console empty and sends no request to another host."""
    opened = Page(browser)
    opened.console_messages(), opened.pop_request_urls()  # discards those of the previous test
    opened.open(fake_edge.url)
    yield opened
    opened.forget()
    assert opened.console_messages() == []
    assert {urlsplit(url).netloc for url in opened.pop_request_urls()} <= {urlsplit(fake_edge.url).netloc}


def test_the_state_of_a_model_is_shown(page: Page, fake_edge: ScriptedEdge) -> None:
    """Without a reload of the page, when another client changes it."""
    with httpx.Client(base_url=fake_edge.url, headers=HEADERS, timeout=60) as client:
        client.post("/v1/models/unload-all")
        page.wait_until(lambda: page.state_of("smollm2-135m") == "unloaded")
        client.post("/v1/models/load", json={"model_name": "smollm2-135m"})
    page.wait_until(lambda: page.state_of("smollm2-135m") == "loaded")
    assert page.state_of("qwen2.5-coder-0.5b") == "unloaded"


def test_a_button_loads_and_unloads_a_model(page: Page, fake_edge: ScriptedEdge) -> None:
    """The status of the edge is the same."""

    def is_loaded() -> bool:
        models = httpx.get(f"{fake_edge.url}/v1/models/status", headers=HEADERS).json()["loaded"]
        return "smollm2-135m" in models

    for action in ("Load", "Unload") if not is_loaded() else ("Unload", "Load"):
        page.find(f"[aria-label='{action} smollm2-135m']").click()
        page.wait_until(lambda action=action: page.state_of("smollm2-135m") == f"{action.lower()}ed")
        assert is_loaded() is (action == "Load")


def test_speech_is_played(page: Page) -> None:
    """It has a length."""
    page.find("#speech-send").click()
    page.wait_until(lambda: "of speech" in page.text("#speech-note"))
    assert page.run("return document.querySelector('#speech-audio').duration") > 0
    page.wait_until(lambda: page.run("return document.querySelector('#speech-audio').currentTime") > 0)


def test_all_voices_are_in_the_list(page: Page) -> None:
    """By language and gender; a choice is sent with the format and the speed, and the audio can be saved."""
    voices = Select(page.find("#speech-voice"))
    assert {option.get_attribute("value") for option in voices.options} == set(KOKORO_NAMES)
    groups = [group.get_attribute("label") for group in page.find_all("#speech-voice optgroup")]
    assert groups[0] == "American English, female"
    voices.select_by_value("bm_lewis")
    Select(page.find("#speech-format")).select_by_visible_text("flac")
    page.find("#speech-send").click()
    page.wait_until(lambda: page.find("#speech-save").is_displayed())
    assert page.find("#speech-save").get_attribute("download") == "speech.flac"


def test_a_text_to_speak_is_kept(page: Page) -> None:
    """Over a reload."""
    page.find("#speech-text").clear()
    page.find("#speech-text").send_keys("Do not lose me.")
    page.reload()
    assert page.value("#speech-text") == "Do not lose me."


def test_a_file_is_transcribed(page: Page, fake_edge: ScriptedEdge) -> None:
    """In its language, or translated into English; its wave is drawn."""
    page.find("#transcribe-file").send_keys(str(RECORDING))
    page.wait_until(lambda: "transcribed in" in page.text("#transcribe-note"))
    assert page.text("#transcribe-note").startswith("English, ")
    assert page.text("#transcribe-text") == "Hello, edge."
    page.wait_until(lambda: len(page.find_all("#transcribe-wave .some")) > 50)
    assert fake_edge.transcription.calls[-1]["task"] == "transcribe"
    Select(page.find("#transcribe-task")).select_by_value("translations")
    page.wait_until(lambda: fake_edge.transcription.calls[-1]["task"] == "translate")
    page.wait_until(lambda: page.text("#transcribe-text") == "Hello, edge.")


def test_a_transcript_is_saved(page: Page, fake_edge: ScriptedEdge, downloads: Path) -> None:
    """As text, and as subtitles, which are those of the edge."""
    odd = Segment(1, 150, 3599.9996, 3599.9996, " <i>a</i> & b --> c\r\n\n d\u2028e ", [1], 0.0, -0.25, 1.1, 0.01)
    fake_edge.transcription.segments = [SEGMENT, odd]
    try:
        page.find("#transcribe-file").send_keys(str(RECORDING))
        for name in ("Text", "SRT", "VTT"):
            page.click(name, "#transcribe-results")
    finally:
        fake_edge.transcription.segments = [SEGMENT]
    saved = {suffix: downloads / f"buenos-dias.{suffix}" for suffix in ("txt", "srt", "vtt")}
    page.wait_until(lambda: all(path.exists() and path.stat().st_size for path in saved.values()))
    assert saved["srt"].read_bytes().decode() == to_srt([SEGMENT, odd])
    assert saved["vtt"].read_bytes().decode() == to_vtt([SEGMENT, odd])
    assert saved["txt"].read_text("utf-8").startswith("Hello, edge.")


def test_the_microphone_is_transcribed(page: Page, downloads: Path) -> None:
    """The recording stops at a click, and can be saved as a wave file."""
    page.find("#transcribe-record").click()
    page.wait_until(lambda: page.text("#transcribe-clock"))
    page.wait_until(lambda: page.find_all("#transcribe-wave .some"))
    page.find("#transcribe-record").click()
    page.wait_until(lambda: "transcribed in" in page.text("#transcribe-note"))
    assert page.text("#transcribe-text") == "Hello, edge."
    assert page.find("#transcribe-record").get_attribute("aria-pressed") == "false"
    page.click("Save recording as WAV")
    path = downloads / "recording.wav"
    page.wait_until(path.exists)
    with wave.open(str(path)) as recording:
        assert (recording.getnchannels(), recording.getsampwidth(), recording.getframerate()) == (1, 2, HERTZ)
        assert recording.getnframes() > HERTZ / 2
        assert any(recording.readframes(recording.getnframes()))


def test_the_metrics_are_updated(page: Page, fake_edge: ScriptedEdge) -> None:
    """By the requests of other clients too."""

    page.wait_until(lambda: ("GiB" in page.text("#memory-now")) is (resident_memory() is not None))
    body = {"model": "smollm2-135m", "prompt": "One, two,", "max_tokens": 8}
    httpx.post(f"{fake_edge.url}/v1/completions", json=body, headers=HEADERS, timeout=60)
    page.wait_until(lambda: "completion" in page.text("#operations"))
    assert int(page.text("#requests-sum")) >= 1
    assert int(page.text("#tokens-sum").split()[0]) >= 8
    assert page.find("#tokens-bars .some").is_displayed()


def test_no_script_reaches_another_host(page: Page, fake_edge: ScriptedEdge) -> None:
    """The policy of the page forbids it."""
    fetch = "const [done] = arguments; fetch('http://localhost:9/').then(() => done('sent'), () => done('forbidden'))"
    assert page.driver.execute_async_script(fetch) == "forbidden"
    assert "Content Security Policy" in page.console_messages()[0]
    assert {urlsplit(url).netloc for url in page.pop_request_urls()} == {urlsplit(fake_edge.url).netloc}


def test_every_control_has_a_name(page: Page) -> None:
    """For screen readers."""
    page.wait_until(lambda: page.find("#models-list button"))
    controls = page.find_all("button, select, textarea, input, audio, table")
    assert [control.get_attribute("outerHTML") for control in controls if not has_name(control)] == []


def has_name(control: WebElement) -> bool:
    return not control.is_displayed() or bool(control.accessible_name)


def test_the_keyboard_skips_to_the_chat(page: Page) -> None:
    """By the first stop of the tab key."""
    page.find("body").send_keys(Keys.TAB, Keys.ENTER)
    page.wait_until(lambda: page.driver.switch_to.active_element.get_attribute("id") == "chat-prompt")


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_the_page_fits_its_width(page: Page, width: int) -> None:
    """On the smallest phone too."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    assert page.run("return document.documentElement.scrollWidth") <= width
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_colour_scheme_is_the_system_s(page: Page) -> None:
    """Dark and light differ in the background."""

    def read_background(scheme: str) -> str:
        feature = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", feature)
        return page.find("body").value_of_css_property("background-color")

    assert read_background("light") != read_background("dark")


def test_an_edge_with_its_own_keys_prompts_for_a_key(browser: webdriver.Chrome) -> None:
    """The key is stored for the tab only."""
    page = Page(browser)
    with run_scripted_edge(keys=frozenset({"secret"})) as edge:
        page.open(edge.url, state="waiting")
        page.wait_until(lambda: page.find("#key-dialog").is_displayed())
        page.find("#key-input").send_keys("secret", Keys.ENTER)
        page.wait_for_edge("live")
        storage = page.run("return [{...sessionStorage}, {...localStorage}, document.cookie]")
        browser.get("about:blank")
    assert storage[0].pop("polargrid-key") == "secret"
    assert all(name.startswith("polargrid-conversation") for name in storage[0])
    assert storage[1:] == [{}, ""]


def test_a_key_can_be_entered_later(browser: webdriver.Chrome) -> None:
    """The page shows that the key is missing, and does not prompt again by itself."""
    page = Page(browser)
    with run_scripted_edge(keys=frozenset({"secret"})) as edge:
        page.open(edge.url, state="waiting")
        page.wait_until(lambda: page.find("#key-dialog").is_displayed())
        page.find("#key-cancel").click()
        page.wait_until(lambda: page.find("body").get_attribute("data-edge") == "locked")
        page.find("#enter-key").click()
        page.wait_until(lambda: page.find("#key-dialog").is_displayed())
        page.find("#key-input").send_keys("secret", Keys.ENTER)
        page.wait_for_edge("live")
        browser.get("about:blank")


def test_a_dead_edge_looks_dead(browser: webdriver.Chrome) -> None:
    """Grey, with its buttons off; an edge that starts again at the same address ends that."""
    page = Page(browser)
    with run_scripted_edge() as edge:
        page.open(edge.url)
        port = urlsplit(edge.url).port
        assert page.find("main").value_of_css_property("filter") == "none"
    page.wait_for_edge("dead")
    assert page.find("main").value_of_css_property("filter") == "grayscale(1)"
    buttons = ("#chat-send", "#speech-send", "#transcribe-record", "#transcribe-file", "#models-list button")
    assert not any(page.find(selector).is_enabled() for selector in buttons)
    assert page.find("#chat-prompt").is_enabled()
    with run_scripted_edge(port=port):
        page.wait_for_edge("live")
        assert all(page.find(selector).is_enabled() for selector in buttons)
        browser.get("about:blank")


def test_the_page_does_not_poll(page: Page) -> None:
    """All that it shows comes in one stream."""
    page.wait_until(lambda: page.find("#models-list button"))
    paths = {urlsplit(url).path for url in page.pop_request_urls()}
    assert {path for path in paths if not path.startswith("/_page/")} <= {"/"}


def test_the_language_can_be_switched(page: Page) -> None:
    """From that of the browser to another one."""
    assert page.text("#chat-send") == "Send"
    Select(page.find("#language")).select_by_value("fr")
    page.wait_until(lambda: page.find_all("html[lang=fr]"))
    page.wait_until(lambda: page.text("#chat-send") == "Envoyer")
    page.wait_for_edge("live")
    assert page.text("#edge-state") == "En service"
    assert page.find_all("[data-text]:empty:not(option)") == []


def test_the_colours_can_be_chosen(page: Page) -> None:
    """The choice is kept."""
    Select(page.find("#theme")).select_by_value("dark")
    dark = page.find("body").value_of_css_property("background-color")
    page.reload()
    assert page.find("body").value_of_css_property("background-color") == dark
    Select(page.find("#theme")).select_by_value("light")
    assert page.find("body").value_of_css_property("background-color") != dark


def test_the_chat_is_first_on_a_phone(page: Page) -> None:
    """With the field for a message in view."""
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    bottom = page.run("return document.querySelector('#chat-form').getBoundingClientRect().bottom")
    tops = page.run("return [...document.querySelectorAll('main > section')].map(s => s.getBoundingClientRect().top)")
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert bottom <= 844
    assert page.find("main > section").get_attribute("id") == "chat"
    assert tops == sorted(tops)
