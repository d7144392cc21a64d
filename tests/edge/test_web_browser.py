"""The page in a real browser, with a real edge: what a person does there works, and nothing leaves the edge.

Chromium is driven by Selenium and its own driver, both as the system has them.
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

from polargrid_edge.audio import decode, encode
from polargrid_edge.page import resident_memory
from polargrid_edge.server import Edge, running
from polargrid_edge.settings import EdgeSettings

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
DRIVER = shutil.which("chromedriver")
RECORDING = Path(__file__).parents[2] / "examples" / "buenos-dias.ogg"
HERTZ = 16_000
HEADERS = {"Authorization": "Bearer pg_local"}
# Where a length of the answer is kept whenever it changes.
WATCH_ANSWER = """
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
    """One tab, with waits that end as soon as what they wait for is so."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, url: str, *, state: str = "Running") -> None:
        self.driver.get(url)
        self.until(lambda: self.text("#edge-state") == state)

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return self.find(selector).text

    def run(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def until(self, is_so: Callable[[], object]) -> None:
        WebDriverWait(self.driver, 60, poll_frequency=0.05).until(lambda _: is_so())

    def state_of(self, model: str) -> str:
        row = self.driver.find_element(By.XPATH, f"//li[strong='{model}']")
        return row.get_attribute("data-state") or ""

    def complaints(self) -> list[str]:
        """What the console said, warnings too."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requested(self) -> set[str]:
        """The URLs that the tab asked for, beside those of what it holds itself."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        sent = (message["params"] for message in messages if message["method"] == "Network.requestWillBeSent")
        urls = {request["request"]["url"] for request in sent}
        return {url for url in urls if urlsplit(url).scheme not in ("blob", "data")}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Chromium without a screen, whose microphone hears the recording."""
    sound = tmp_path_factory.mktemp("microphone") / "sound.wav"
    with RECORDING.open("rb") as file:
        sound.write_bytes(b"".join(encode([decode(file, limit_seconds=60)], HERTZ, "wav")))
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    options.add_argument("--headless=new")
    options.add_argument("--window-size=1280,1000")
    options.add_argument("--use-fake-ui-for-media-stream")
    options.add_argument("--use-fake-device-for-media-stream")
    options.add_argument(f"--use-file-for-fake-audio-capture={sound}")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium does not start as root with one
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def served() -> Iterator[Edge]:
    """An edge that serves these tests alone."""
    with running(EdgeSettings(port=0, chat_model="smollm2-135m", max_output_tokens=200)) as edge:
        yield edge


@pytest.fixture
def page(browser: webdriver.Chrome, served: Edge) -> Iterator[Page]:
    """The open page. However it was used, the console stayed empty, and no request left the edge."""
    opened = Page(browser)
    opened.complaints(), opened.requested()  # what came before is not its own
    opened.open(served.url)
    yield opened
    assert opened.complaints() == []
    assert {urlsplit(url).netloc for url in opened.requested()} <= {urlsplit(served.url).netloc}


def test_what_is_loaded_is_shown(page: Page, served: Edge) -> None:
    """Whoever loaded it, without a reload of the page."""
    with httpx.Client(base_url=served.url, headers=HEADERS, timeout=60) as client:
        client.post("/v1/models/unload-all")
        page.until(lambda: page.state_of("smollm2-135m") == "unloaded")
        client.post("/v1/models/load", json={"model_name": "smollm2-135m"})
    page.until(lambda: page.state_of("smollm2-135m") == "loaded")
    assert page.state_of("qwen2.5-coder-0.5b") == "unloaded"


def test_a_button_loads_and_unloads(page: Page, served: Edge) -> None:
    """The edge agrees."""

    def loaded() -> bool:
        told = httpx.get(f"{served.url}/v1/models/status", headers=HEADERS).json()["loaded"]
        return "smollm2-135m" in told

    for action in ("Load", "Unload") if not loaded() else ("Unload", "Load"):
        page.find(f"[aria-label='{action} smollm2-135m']").click()
        page.until(lambda action=action: page.state_of("smollm2-135m") == f"{action.lower()}ed")
        assert loaded() is (action == "Load")


def test_an_answer_streams_in(page: Page) -> None:
    """It grows before one's eyes, and then it is said how fast it came."""
    page.run(WATCH_ANSWER)
    page.find("#chat-prompt").send_keys("Tell me a short story.", Keys.ENTER)
    page.until(lambda: "a second" in page.text("#chat-note"))
    lengths = page.run("return lengths")
    assert len(set(lengths)) > 5
    assert lengths == sorted(lengths)
    assert page.find("#chat-prompt").get_attribute("value") == ""


def test_an_answer_is_stopped(page: Page) -> None:
    """What was said by then stays, and one can go on."""
    page.find("#chat-prompt").send_keys("Tell me a long story.", Keys.ENTER)
    page.until(lambda: page.text("#chat-log .assistant p"))
    page.find("#chat-stop").click()
    page.until(lambda: page.text("#chat-note") == "Stopped.")
    assert page.text("#chat-log .assistant p")
    assert page.find("#chat-send").is_displayed()


def test_speech_is_heard(page: Page) -> None:
    """It plays, and has a length."""
    page.find("#speak-send").click()
    page.until(lambda: "of speech" in page.text("#speak-note"))
    assert page.run("return document.querySelector('#speak-audio').duration") > 1
    page.until(lambda: page.run("return document.querySelector('#speak-audio').currentTime") > 0)


def test_an_uploaded_recording_is_transcribed(page: Page) -> None:
    """In its own language, or in English."""
    page.find("#hear-file").send_keys(str(RECORDING))
    page.until(lambda: "Spanish" in page.text("#hear-note"))
    assert page.text("#hear-text").startswith("Buenos días")
    Select(page.find("#hear-task")).select_by_value("translations")
    page.until(lambda: "heard in" in page.text("#hear-note"))
    assert page.text("#hear-text").startswith("Good")


def test_the_microphone_is_transcribed(page: Page) -> None:
    """Here it hears the recording from its beginning."""
    page.find("#hear-record").click()
    page.until(lambda: page.text("#hear-clock") == "3 s")
    page.find("#hear-record").click()
    page.until(lambda: "heard in" in page.text("#hear-note"))
    assert "Buenos" in page.text("#hear-text")
    assert page.find("#hear-record").get_attribute("aria-pressed") == "false"


def test_the_numbers_move(page: Page, served: Edge) -> None:
    """With what others ask, too."""

    def number(name: str) -> int:
        return int(page.text(f"#{name}").replace(",", ""))

    page.until(lambda: ("GiB" in page.text("#memory-now")) is (resident_memory() is not None))
    body = {"model": "smollm2-135m", "prompt": "One, two,", "max_tokens": 8}
    httpx.post(f"{served.url}/v1/completions", json=body, headers=HEADERS, timeout=60)
    page.until(lambda: "completion" in page.text("#operations"))
    assert number("requests-sum") >= 1
    assert number("tokens-sum") >= 8
    assert page.find("#tokens-bars .some").is_displayed()


def test_a_refusal_is_told(page: Page, browser: webdriver.Chrome) -> None:
    """In the edge's words, where one was at work, with the id of the request."""
    page.run("document.querySelector('#chat-model').append(new Option('gpt-9', 'gpt-9', true, true))")
    page.find("#chat-prompt").send_keys("Hello", Keys.ENTER)
    page.until(lambda: "There is no model 'gpt-9'" in page.text("#chat-note"))
    assert "(req_" in page.text("#chat-note")
    (complaint,) = page.complaints()  # Chromium's own, of each answer that is an error
    assert "404" in complaint


def test_no_script_reaches_another_host(page: Page, served: Edge) -> None:
    """The browser forbids it, by the policy that came with the page."""
    fetch = "const [done] = arguments; fetch('http://localhost:9/').then(() => done('asked'), () => done('forbidden'))"
    assert page.driver.execute_async_script(fetch) == "forbidden"
    assert "Content Security Policy" in page.complaints()[0]
    assert {urlsplit(url).netloc for url in page.requested()} == {urlsplit(served.url).netloc}


def test_each_control_has_a_name(page: Page) -> None:
    """A screen reader can say what it is for."""
    page.until(lambda: page.find("#models-list button"))
    controls = page.driver.find_elements(By.CSS_SELECTOR, "button, select, textarea, input, audio, table")
    assert [control.get_attribute("outerHTML") for control in controls if not named(control)] == []


def named(control: WebElement) -> bool:
    return not control.is_displayed() or bool(control.accessible_name)


def test_the_keyboard_gets_to_the_chat_at_once(page: Page) -> None:
    """The first stop of the tab key leads there."""
    page.find("body").send_keys(Keys.TAB, Keys.ENTER)
    page.until(lambda: page.driver.switch_to.active_element.get_attribute("id") == "chat-prompt")


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_nothing_is_cut_off(page: Page, width: int) -> None:
    """Nobody scrolls sideways, on the smallest phone neither."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    assert page.run("return document.documentElement.scrollWidth") <= width
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_dark_and_light_are_the_systems(page: Page) -> None:
    """Each has a ground of its own."""

    def ground(scheme: str) -> str:
        feature = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", feature)
        return page.find("body").value_of_css_property("background-color")

    assert ground("light") != ground("dark")


def test_an_edge_with_keys_of_its_own_asks_for_one(browser: webdriver.Chrome) -> None:
    """It is kept for the tab alone."""
    page = Page(browser)
    with running(EdgeSettings(port=0, keys=frozenset({"secret"}), chat_model="smollm2-135m")) as edge:
        page.open(edge.url, state="Connecting")
        page.until(lambda: page.find("#key-dialog").is_displayed())
        page.find("#key-input").send_keys("secret", Keys.ENTER)
        page.until(lambda: page.text("#edge-state") == "Running")
        kept = page.run("return [{...sessionStorage}, {...localStorage}, document.cookie]")
        browser.get("about:blank")
    assert kept == [{"polargrid-key": "secret"}, {}, ""]


def test_who_gives_no_key_may_do_so_later(browser: webdriver.Chrome) -> None:
    """The page says what is missing, and does not ask again by itself."""
    page = Page(browser)
    with running(EdgeSettings(port=0, keys=frozenset({"secret"}), chat_model="smollm2-135m")) as edge:
        page.open(edge.url, state="Connecting")
        page.until(lambda: page.find("#key-dialog").is_displayed())
        page.find("#key-cancel").click()
        page.until(lambda: page.text("#edge-state") == "No API key")
        page.find("#enter-key").click()
        page.until(lambda: page.find("#key-dialog").is_displayed())
        page.find("#key-input").send_keys("secret", Keys.ENTER)
        page.until(lambda: page.text("#edge-state") == "Running")
        browser.get("about:blank")


def test_an_edge_that_stops_is_noticed(browser: webdriver.Chrome) -> None:
    """By an open page."""
    page = Page(browser)
    with running(EdgeSettings(port=0, chat_model="smollm2-135m")) as edge:
        page.open(edge.url)
    page.until(lambda: page.find("#edge-state").get_attribute("data-state") == "lost")
    browser.get("about:blank")
