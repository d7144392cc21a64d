"""The page in a real browser: Selenium controls the system's Chromium by the system's driver."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
DRIVER = shutil.which("chromedriver")

needs_browser = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="needs Chromium and its driver; on Debian: apt-get install chromium chromium-driver",
)


class Page:
    """A tab, with waits that end as soon as their condition is true."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, url: str, *, state: str = "live") -> None:
        self.driver.get(url)
        self.wait_for_edge(state)

    def forget(self) -> None:
        """Remove what the tab has stored of the page, for the next test."""
        self.run("sessionStorage.clear(); localStorage.clear()")

    def reload(self, *, state: str = "live") -> None:
        self.driver.refresh()
        self.wait_for_edge(state)

    def wait_for_edge(self, state: str) -> None:
        self.wait_until(lambda: self.find("body").get_attribute("data-edge") == state)

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return self.find(selector).text

    def value(self, selector: str) -> str:
        return self.find(selector).get_property("value")

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def click(self, name: str, within: str = "body") -> None:
        """Click the last visible button of the name; it is scrolled into view."""
        self.wait_until(lambda: self._buttons(name, within))
        self.run("arguments[0].click()", self._buttons(name, within)[-1])

    def _buttons(self, name: str, within: str) -> list[WebElement]:
        return [button for button in self.find_all(f"{within} button") if button.text == name]

    def wait_until(self, condition: Callable[[], object]) -> None:
        ignored = [NoSuchElementException, StaleElementReferenceException]  # while the page loads or changes
        WebDriverWait(self.driver, 60, poll_frequency=0.05, ignored_exceptions=ignored).until(lambda _: condition())

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


@contextmanager
def run_browser(*arguments: str, downloads: Path | None = None) -> Iterator[webdriver.Chrome]:
    """Run Chromium without a screen, in English; it saves files in the folder `downloads`."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in ("--headless=new", "--window-size=1280,1000", "--lang=en", *arguments):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # as root Chromium does not start with a sandbox
    options.add_experimental_option("prefs", {"intl.accept_languages": "en-US,en"})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, Service(DRIVER))
    try:
        if downloads is not None:
            settings = {"behavior": "allow", "downloadPath": str(downloads)}
            driver.execute_cdp_cmd("Browser.setDownloadBehavior", settings)
        yield driver
    finally:
        driver.quit()
