"""The page in a real browser, with an edge with scripted backends: its functions, and no request to another host.

Selenium controls the system's Chromium by the system's driver.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from polargrid_edge.media.audio import decode, encode
from polargrid_edge.web.routes import resident_memory
from tests.edge.scripted import HEADERS, ScriptedEdge, run_scripted_edge

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
DRIVER = shutil.which("chromedriver")
RECORDING = Path(__file__).parents[2] / "examples" / "buenos-dias.ogg"
HERTZ = 16_000
# Records the length of the response whenever it changes.
RECORD_LENGTHS = """
window.lengths = [];
const log = document.querySelector("#chat-log");
new MutationObserver(() => lengths.push(log.querySelector(".assistant p")?.textContent.length ?? 0))
  .observe(log, {childList: true, characterData: true, subtree: true});
"""

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="needs Chromium and its driver; on Debian: apt-get install chromium chromium-driver",
)


class Page:
    """A tab, with waits that end as soon as their condition is true."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, url: str, *, state: str = "Running") -> None:
        self.driver.get(url)
        self.wait_until(lambda: self.text("#edge-state") == state)

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return self.find(selector).text

    def run(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def wait_until(self, condition: Callable[[], object]) -> None:
        WebDriverWait(self.driver, 60, poll_frequency=0.05).until(lambda _: condition())

    def state_of(self, model: str) -> str:
        row = self.driver.find_element(By.XPATH, f"//li[strong='{model}']")
        return row.get_attribute("data-state") or ""

    def console_messages(self) -> list[str]:
        """The errors and warnings of the console since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def pop_request_urls(self) -> set[str]:
        """The URLs of the tab's requests since the last call, without data in memory."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        requests = (message["params"] for message in messages if message["method"] == "Network.requestWillBeSent")
        urls = {request["request"]["url"] for request in requests}
        return {url for url in urls if urlsplit(url).scheme not in ("blob", "data")}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Chromium without a screen, whose microphone plays the recording."""
    audio = tmp_path_factory.mktemp("microphone") / "audio.wav"
    with RECORDING.open("rb") as file:
        audio.write_bytes(b"".join(encode([decode(file, limit_seconds=60)], HERTZ, "wav")))
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    options.add_argument("--headless=new")
    options.add_argument("--window-size=1280,1000")
    options.add_argument("--use-fake-ui-for-media-stream")
    options.add_argument("--use-fake-device-for-media-stream")
    options.add_argument(f"--use-file-for-fake-audio-capture={audio}")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # as root Chromium does not start with a sandbox
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, Service(DRIVER))
    yield driver
    driver.quit()


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


def test_a_response_streams_into_the_page(page: Page) -> None:
    """Then the note has its speed."""
    page.run(RECORD_LENGTHS)
    page.find("#chat-prompt").send_keys("Write a short story.", Keys.ENTER)
    page.wait_until(lambda: "per second" in page.text("#chat-note"))
    lengths = page.run("return lengths")
    assert len(set(lengths)) > 5
    assert lengths == sorted(lengths)
    assert page.find("#chat-prompt").get_attribute("value") == ""


def test_a_response_is_stopped(page: Page, fake_edge: ScriptedEdge) -> None:
    """Its text remains, and the user can send another message."""
    fake_edge.text.hold()
    page.find("#chat-prompt").send_keys("Write a long story.", Keys.ENTER)
    page.wait_until(lambda: page.text("#chat-log .assistant p"))
    page.find("#chat-stop").click()
    page.wait_until(lambda: page.text("#chat-note") == "Stopped.")
    assert page.text("#chat-log .assistant p")
    assert page.find("#chat-send").is_displayed()
    fake_edge.text.released.set()


def test_speech_is_played(page: Page) -> None:
    """It has a length."""
    page.find("#speech-send").click()
    page.wait_until(lambda: "of speech" in page.text("#speech-note"))
    assert page.run("return document.querySelector('#speech-audio').duration") > 0
    page.wait_until(lambda: page.run("return document.querySelector('#speech-audio').currentTime") > 0)


def test_a_file_is_transcribed(page: Page, fake_edge: ScriptedEdge) -> None:
    """In its language, or translated into English."""
    page.find("#transcribe-file").send_keys(str(RECORDING))
    page.wait_until(lambda: "transcribed in" in page.text("#transcribe-note"))
    assert page.text("#transcribe-note").startswith("English, ")
    assert page.text("#transcribe-text") == "Hello, edge."
    assert fake_edge.transcription.calls[-1]["task"] == "transcribe"
    Select(page.find("#transcribe-task")).select_by_value("translations")
    page.wait_until(lambda: fake_edge.transcription.calls[-1]["task"] == "translate")
    page.wait_until(lambda: page.text("#transcribe-text") == "Hello, edge.")


def test_the_microphone_is_transcribed(page: Page) -> None:
    """The recording stops at a click."""
    page.find("#transcribe-record").click()
    page.wait_until(lambda: page.text("#transcribe-clock") == "3 s")
    page.find("#transcribe-record").click()
    page.wait_until(lambda: "transcribed in" in page.text("#transcribe-note"))
    assert page.text("#transcribe-text") == "Hello, edge."
    assert page.find("#transcribe-record").get_attribute("aria-pressed") == "false"


def test_the_metrics_are_updated(page: Page, fake_edge: ScriptedEdge) -> None:
    """By the requests of other clients too."""

    def read_number(name: str) -> int:
        return int(page.text(f"#{name}").replace(",", ""))

    page.wait_until(lambda: ("GiB" in page.text("#memory-now")) is (resident_memory() is not None))
    body = {"model": "smollm2-135m", "prompt": "One, two,", "max_tokens": 8}
    httpx.post(f"{fake_edge.url}/v1/completions", json=body, headers=HEADERS, timeout=60)
    page.wait_until(lambda: "completion" in page.text("#operations"))
    assert read_number("requests-sum") >= 1
    assert read_number("tokens-sum") >= 8
    assert page.find("#tokens-bars .some").is_displayed()


def test_an_error_is_shown(page: Page) -> None:
    """With the message of the edge and the id of the request."""
    page.run("document.querySelector('#chat-model').append(new Option('gpt-9', 'gpt-9', true, true))")
    page.find("#chat-prompt").send_keys("Hello", Keys.ENTER)
    page.wait_until(lambda: "unknown model 'gpt-9'" in page.text("#chat-note"))
    assert "(req_" in page.text("#chat-note")
    (message,) = page.console_messages()  # Chromium logs every error response
    assert "404" in message


def test_no_script_reaches_another_host(page: Page, fake_edge: ScriptedEdge) -> None:
    """The policy of the page forbids it."""
    fetch = "const [done] = arguments; fetch('http://localhost:9/').then(() => done('sent'), () => done('forbidden'))"
    assert page.driver.execute_async_script(fetch) == "forbidden"
    assert "Content Security Policy" in page.console_messages()[0]
    assert {urlsplit(url).netloc for url in page.pop_request_urls()} == {urlsplit(fake_edge.url).netloc}


def test_every_control_has_a_name(page: Page) -> None:
    """For screen readers."""
    page.wait_until(lambda: page.find("#models-list button"))
    controls = page.driver.find_elements(By.CSS_SELECTOR, "button, select, textarea, input, audio, table")
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
        page.open(edge.url, state="Connecting")
        page.wait_until(lambda: page.find("#key-dialog").is_displayed())
        page.find("#key-input").send_keys("secret", Keys.ENTER)
        page.wait_until(lambda: page.text("#edge-state") == "Running")
        storage = page.run("return [{...sessionStorage}, {...localStorage}, document.cookie]")
        browser.get("about:blank")
    assert storage == [{"polargrid-key": "secret"}, {}, ""]


def test_a_key_can_be_entered_later(browser: webdriver.Chrome) -> None:
    """The page shows that the key is missing, and does not prompt again by itself."""
    page = Page(browser)
    with run_scripted_edge(keys=frozenset({"secret"})) as edge:
        page.open(edge.url, state="Connecting")
        page.wait_until(lambda: page.find("#key-dialog").is_displayed())
        page.find("#key-cancel").click()
        page.wait_until(lambda: page.text("#edge-state") == "No API key")
        page.find("#enter-key").click()
        page.wait_until(lambda: page.find("#key-dialog").is_displayed())
        page.find("#key-input").send_keys("secret", Keys.ENTER)
        page.wait_until(lambda: page.text("#edge-state") == "Running")
        browser.get("about:blank")


def test_a_stopped_edge_is_shown(browser: webdriver.Chrome) -> None:
    """On an open page."""
    page = Page(browser)
    with run_scripted_edge() as edge:
        page.open(edge.url)
    page.wait_until(lambda: page.find("#edge-state").get_attribute("data-state") == "lost")
    browser.get("about:blank")
