"""The chat of the page in a real browser, with an edge with scripted backends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.edge.browser import Page, needs_browser, run_browser
from tests.edge.payloads import PAYLOADS
from tests.edge.scripted import CHAT_MODEL, ScriptedEdge, run_scripted_edge

# Records the length of the response whenever it changes, and how many elements are removed from it.
RECORD_CHANGES = """
window.lengths = [];
window.removed = 0;
const log = document.querySelector("#chat-log");
new MutationObserver((changes) => {
  lengths.push(log.querySelector(".assistant .content")?.textContent.length ?? 0);
  for (const {target, removedNodes} of changes) {
    if (target.parentElement?.closest(".content")) removed += removedNodes.length;
  }
}).observe(log, {childList: true, characterData: true, subtree: true});
"""
AXE = resources.files("axe_core_python").joinpath("axe.min.js")
# The rules that axe finds broken, with the elements; without a limit of levels, so its best practices are among them.
RUN_AXE = """
const [done] = arguments;
axe.run().then(({violations}) => done(violations.map(({id, nodes}) => [id, ...nodes.map(({html}) => html)])),
               (error) => done(String(error)));
"""
RESPONSE = "#chat-log .assistant .content"
NOTE = "#chat-log li:last-child .note"

pytestmark = needs_browser


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the browser saves files."""
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads: Path) -> Iterator[webdriver.Chrome]:
    with run_browser(downloads=downloads) as driver:
        yield driver


@pytest.fixture(scope="module")
def fake_edge() -> Iterator[ScriptedEdge]:
    with run_scripted_edge() as started:
        yield started


@pytest.fixture
def page(browser: webdriver.Chrome, fake_edge: ScriptedEdge) -> Iterator[Page]:
    """The open page. Every test leaves the console empty and sends no request to another host."""
    fake_edge.text.deltas.clear()
    fake_edge.text.bodies.clear()
    opened = Page(browser)
    opened.console_messages(), opened.pop_request_urls()  # discards those of the previous test
    opened.open(fake_edge.url)
    yield opened
    opened.forget()
    fake_edge.text.released.set()
    assert opened.console_messages() == []
    assert {urlsplit(url).netloc for url in opened.pop_request_urls()} <= {urlsplit(fake_edge.url).netloc}


def send(page: Page, text: str) -> None:
    page.find("#chat-prompt").send_keys(text, Keys.ENTER)


def wait_for_end(page: Page) -> None:
    page.wait_until(lambda: page.find("#chat-send").is_displayed())


def ask(page: Page, edge: ScriptedEdge, text: str, *deltas: dict[str, Any] | str, reason: str = "stop") -> None:
    """Send a message; the model responds with the deltas."""
    edge.text.deltas += [({"content": item} if isinstance(item, str) else item, reason) for item in deltas]
    send(page, text)
    wait_for_end(page)


def list_sent(edge: ScriptedEdge) -> list[tuple[str, Any]]:
    """The role and the content of each message of the newest request."""
    return [(message["role"], message.get("content")) for message in edge.text.bodies[-1]["messages"]]


def list_messages(page: Page) -> list[str]:
    return [item.text for item in page.find_all("#chat-log > li > .content")]


def set_field(page: Page, name: str, value: str) -> None:
    """Type into the field of a setting."""
    page.run("document.querySelector('#chat-settings').open = true")
    field = page.find(f"[aria-describedby=help-{name}]")
    field.send_keys(Keys.CONTROL, "a", Keys.NULL, value)


# Markdown


def test_a_response_streams_without_flicker(page: Page) -> None:
    """It only grows: no element of it is replaced."""
    page.run(RECORD_CHANGES)
    send(page, "Write a short story.")
    page.wait_until(lambda: "per second" in page.text("#chat-note"))
    page.wait_until(lambda: page.text(RESPONSE) == " ".join(["word"] * 150))
    assert page.run("return lengths") == sorted(page.run("return lengths"))
    assert page.run("return removed") == 0
    assert page.value("#chat-prompt") == ""


def test_markdown_is_shown(page: Page, fake_edge: ScriptedEdge) -> None:
    """A heading, emphasis, a list, a table; a message of the user is shown as it is."""
    ask(page, fake_edge, "*Hi*", "# A\n\n**b**\n\n1. c\n\n|d|e|\n|-|-:|\n|f|g|\n")
    page.wait_until(lambda: page.find_all(f"{RESPONSE} table"))
    shown = [page.text(f"{RESPONSE} {name}") for name in ("h3", "strong", "ol li", "th", "td[align=right]")]
    assert shown == ["A", "b", "c", "d", "g"]
    assert page.text("#chat-log .user .content") == "*Hi*"


def test_code_is_copied(page: Page, fake_edge: ScriptedEdge) -> None:
    """As it is, to where a user pastes it from."""
    ask(page, fake_edge, "Code?", "```python\nif a < b:\n    c()\n```")
    page.wait_until(lambda: page.text(f"{RESPONSE} .code-head span") == "python")
    permission = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    page.driver.execute_cdp_cmd("Browser.grantPermissions", permission)
    page.find(".copy-code").click()
    read = "const [done] = arguments; navigator.clipboard.readText().then(done, (error) => done(String(error)))"
    page.wait_until(lambda: page.driver.execute_async_script(read) == "if a < b:\n    c()\n")


def test_no_attack_runs(page: Page, fake_edge: ScriptedEdge) -> None:
    """A response, a message, a name of a tool and its arguments with every payload: neither script nor element."""
    attacks = "\n\n".join(PAYLOADS)
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "f<img src=x>", "arguments": attacks}}
    before = page.run("return document.querySelectorAll('script, style, link, iframe, form, img, base').length")
    fake_edge.text.deltas.append(({"content": attacks, "tool_calls": [call]}, "stop"))
    page.run("document.querySelector('#chat-prompt').value = arguments[0]", attacks)
    page.find("#chat-send").click()
    wait_for_end(page)
    page.wait_until(lambda: len(page.find_all(f"{RESPONSE} .block")) > len(PAYLOADS) / 2)
    page.reload()
    page.wait_until(lambda: len(page.find_all(f"{RESPONSE} .block")) > len(PAYLOADS) / 2)
    assert page.run("return document.querySelectorAll('script, style, link, iframe, form, img, base').length") == before
    assert page.run("return window.attacked") is None
    handlers = (
        "return [...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => /^on/.test(n))"
    )
    assert page.run(handlers) == []


def test_no_script_turns_text_into_elements(page: Page) -> None:
    """Only the policy of the page may, and it cannot be created again."""
    for attempt in ("document.body.innerHTML = '<b>x</b>'", "trustedTypes.createPolicy('markdown', {})"):
        assert page.run(f"try {{ {attempt} }} catch (error) {{ return error.name }}") == "TypeError"
    assert len(page.console_messages()) == 2  # Chromium logs each violation


def test_only_what_changes_is_rendered_again(page: Page, fake_edge: ScriptedEdge) -> None:
    """A response that is complete is rendered once."""
    ask(page, fake_edge, "a", "*A*")
    page.wait_until(lambda: page.find_all(f"{RESPONSE} em"))
    page.run("window.rendered = []")
    page.run("const real = fetch; window.fetch = (path, init) => { rendered.push(init.body); return real(path, init) }")
    ask(page, fake_edge, "b", "*B*")
    page.wait_until(lambda: len(page.find_all(f"{RESPONSE} em")) == 2)
    assert "*A*" not in page.run("return rendered")
    assert "*B*" in page.run("return rendered")


# Stop, continue, retry, edit


@pytest.mark.parametrize("by_key", [False, True])
def test_a_response_is_stopped(page: Page, fake_edge: ScriptedEdge, by_key: bool) -> None:
    """By a button or by Escape: its text remains, and the user can send another message."""
    fake_edge.text.hold()
    send(page, "Write a long story.")
    page.wait_until(lambda: page.text(RESPONSE) == "word")
    if by_key:
        page.find("#chat-prompt").send_keys(Keys.ESCAPE)
    else:
        page.find("#chat-stop").click()
    page.wait_until(lambda: page.text("#chat-note") == "Stopped.")
    assert fake_edge.text.cancelled.acquire(timeout=60)
    assert page.text(RESPONSE) == "word"
    assert page.find("#chat-send").is_displayed()


def test_a_response_at_its_limit_is_continued(page: Page, fake_edge: ScriptedEdge) -> None:
    """In the same message; the model is asked to go on."""
    ask(page, fake_edge, "Count.", "One, two, ", reason="length")
    assert page.text(NOTE) == "The response reached its limit of tokens."
    fake_edge.text.deltas.append(({"content": "three."}, "stop"))
    page.click("Continue")
    page.wait_until(lambda: page.text(RESPONSE) == "One, two, three.")
    assert list_sent(fake_edge)[:2] == [("user", "Count."), ("assistant", "One, two, ")]
    assert list_sent(fake_edge)[2][0] == "user"
    wait_for_end(page)
    assert page.text("#chat-log li:last-child .message-actions") == "Copy\nRetry"


def test_a_message_is_tried_again(page: Page, fake_edge: ScriptedEdge) -> None:
    """In place of the first response."""
    ask(page, fake_edge, "Count.", "One")
    fake_edge.text.deltas.append(({"content": "Two"}, "stop"))
    page.click("Retry")
    page.wait_until(lambda: list_messages(page) == ["Count.", "Two"])
    assert list_sent(fake_edge) == [("user", "Count.")]


def test_a_message_is_changed(page: Page, fake_edge: ScriptedEdge) -> None:
    """In a new conversation with what was before it; the old one is still there."""
    for question, answer in (("a", "A"), ("b", "B"), ("c", "C")):
        ask(page, fake_edge, question, answer)
    page.click("Edit", "#chat-log li:nth-child(3)")
    area = page.driver.switch_to.active_element
    area.clear()
    area.send_keys("x")
    fake_edge.text.deltas.append(({"content": "X"}, "stop"))
    page.click("Send changed message")
    page.wait_until(lambda: list_messages(page) == ["a", "A", "x", "X"])
    assert list_sent(fake_edge) == [("user", "a"), ("assistant", "A"), ("user", "x")]
    select = Select(page.find("#conversation"))
    assert len(select.options) == 2
    select.select_by_index(1)
    page.wait_until(lambda: list_messages(page) == ["a", "A", "b", "B", "c", "C"])


# Nothing is lost


def test_a_message_that_fails_is_kept(page: Page) -> None:
    """With the message of the edge and the id of the request, also over a reload."""
    page.run("document.querySelector('#chat-model').append(new Option('gpt-9', 'gpt-9', true, true))")
    send(page, "Do not lose me.")
    page.wait_until(lambda: "unknown model 'gpt-9'" in page.text(NOTE))
    assert "(req_" in page.text(NOTE)
    (message,) = page.console_messages()  # Chromium logs every error response
    assert "404" in message
    page.reload()
    page.wait_until(lambda: page.text("#chat-log .user .content") == "Do not lose me.")
    page.click("Retry")
    page.wait_until(lambda: page.text(RESPONSE).startswith("word"))


def test_what_is_typed_is_kept(page: Page, fake_edge: ScriptedEdge) -> None:
    """Each conversation has its own; so are settings and a changed language, over a reload."""
    ask(page, fake_edge, "First", "One")
    page.find("#chat-prompt").send_keys("half a thou")
    page.find("#conversation-new").click()
    page.find("#chat-prompt").send_keys("another")
    set_field(page, "temperature", "0.5")
    page.reload()
    assert page.value("#chat-prompt") == "another"
    assert page.value("[aria-describedby=help-temperature]") == "0.5"
    Select(page.find("#conversation")).select_by_visible_text("First")
    assert page.value("#chat-prompt") == "half a thou"
    page.wait_until(lambda: list_messages(page) == ["First", "One"])


def test_a_reload_keeps_half_a_response(page: Page, fake_edge: ScriptedEdge) -> None:
    """Which can be continued."""
    fake_edge.text.hold()
    send(page, "Write a long story.")
    page.wait_until(lambda: page.text(RESPONSE) == "word")
    page.reload()
    page.wait_until(lambda: page.text(RESPONSE) == "word")
    assert page.text(NOTE) == "Stopped before its end."
    assert fake_edge.text.cancelled.acquire(timeout=60)
    fake_edge.text.released.set()
    fake_edge.text.deltas.append(({"content": "end"}, "stop"))
    page.click("Continue")
    page.wait_until(lambda: page.text(RESPONSE) == "word end")


def test_an_edge_that_dies_keeps_the_text(browser: webdriver.Chrome) -> None:
    """Of the response so far, and of the message that is typed meanwhile, which cannot be sent."""
    page = Page(browser)
    with run_scripted_edge() as edge:
        page.open(edge.url)
        port = urlsplit(edge.url).port
        edge.text.hold()
        send(page, "Write a long story.")
        page.wait_until(lambda: page.text(RESPONSE) == "word")
        edge.edge.stop()
    page.wait_for_edge("dead")
    send(page, "Next")
    assert page.text("#chat-note") == "The edge does not respond. Your text is kept."
    assert page.value("#chat-prompt") == "Next"
    text = page.text(RESPONSE).strip()
    assert text.startswith("word")
    with run_scripted_edge(port=port) as edge:
        page.wait_for_edge("live")
        edge.text.deltas.append(({"content": "end"}, "stop"))
        page.click("Continue")
        page.wait_until(lambda: page.text(RESPONSE) == f"{text} end")
        assert page.find_all(f"{RESPONSE} .plain") == []
        browser.get("about:blank")


def test_a_conversation_goes_on_while_another_is_shown(page: Page, fake_edge: ScriptedEdge) -> None:
    """Its response is there when the user comes back."""
    fake_edge.text.hold()
    send(page, "First")
    page.wait_until(lambda: page.text(RESPONSE) == "word")
    page.find("#conversation-new").click()
    assert list_messages(page) == []
    fake_edge.text.released.set()
    wait_for_end(page)
    assert list_messages(page) == []
    Select(page.find("#conversation")).select_by_visible_text("First")
    page.wait_until(lambda: page.text(RESPONSE).count("word") == 150)


# Settings and tools


def test_settings_are_sent(page: Page, fake_edge: ScriptedEdge) -> None:
    """With the types of the API; a setting without a value is not sent."""
    schema = {"type": "json_object"}
    page.run("document.querySelector('#chat-settings').open = true")
    page.find("#system-prompt").send_keys("Be brief.")
    values = {"temperature": "0.25", "max_tokens": "3", "seed": "7", "stop": f"a{Keys.SHIFT}{Keys.ENTER}{Keys.NULL}b"}
    for name, value in (values | {"response_format": json.dumps(schema), "top_p": "0.5"}).items():
        set_field(page, name, value)
    set_field(page, "top_p", Keys.BACKSPACE)
    assert page.text("#settings-count") == "(6 set)"
    page.run("document.querySelector('#chat-settings').open = false")
    ask(page, fake_edge, "Hi", "{}")
    body = fake_edge.text.bodies[-1]
    assert list_sent(fake_edge) == [("system", "Be brief."), ("user", "Hi")]
    expected = {"model": CHAT_MODEL, "temperature": 0.25, "max_tokens": 3, "seed": 7, "stop": ["a", "b"]}
    assert {name: body[name] for name in expected} == expected
    assert body["top_p"] == 0.9  # the default of the API


def test_an_invalid_setting_is_shown(page: Page, fake_edge: ScriptedEdge) -> None:
    """And nothing is sent; the message is kept."""
    set_field(page, "response_format", "{not json")
    page.run("document.querySelector('#chat-settings').open = false")
    send(page, "Hi")
    page.wait_until(lambda: page.find("#chat-settings").get_attribute("open"))
    assert fake_edge.text.bodies == []
    assert page.value("#chat-prompt") == "Hi"


def test_a_tool_is_called(page: Page, fake_edge: ScriptedEdge) -> None:
    """Its name and arguments are shown; the result that the user enters goes to the model."""
    function = {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
    set_field(page, "tools", json.dumps([{"type": "function", "function": function}]))
    page.run("document.querySelector('#chat-settings').open = false")
    call = {"index": 0, "id": "call_1", "type": "function"}
    delta = {"tool_calls": [call | {"function": {"name": "get_weather", "arguments": '{"city":"Vancouver"}'}}]}
    ask(page, fake_edge, "Weather?", delta, reason="tool_calls")
    assert page.text(".call summary") == "Call of get_weather"
    assert page.text(".call pre") == '{\n  "city": "Vancouver"\n}'
    page.find(".call textarea").send_keys("rain")
    page.reload()
    page.wait_until(lambda: page.value(".call textarea") == "rain")
    fake_edge.text.deltas.append(({"content": "It rains."}, "stop"))
    page.click("Send results")
    page.wait_until(lambda: list_messages(page) == ["Weather?", "", "rain", "It rains."])
    messages = fake_edge.text.bodies[-1]["messages"]
    assert messages[1]["tool_calls"][0]["function"]["name"] == "get_weather"
    assert (messages[2]["role"], messages[2]["tool_call_id"], messages[2]["content"]) == ("tool", "call_1", "rain")


# Conversations


def test_a_conversation_is_exported(page: Page, fake_edge: ScriptedEdge, downloads: Path) -> None:
    """As the body of a request, and as a document."""
    ask(page, fake_edge, "How much is 1 + 1?", "**Two.**")
    for name in ("Export as JSON", "Export as Markdown"):
        page.find(".menu summary").click()
        page.click(name)
        assert page.find(".menu").get_attribute("open") is None
    body, document = downloads / "how-much-is-1-1.json", downloads / "how-much-is-1-1.md"
    page.wait_until(lambda: body.exists() and document.exists())
    messages = [{"role": "user", "content": "How much is 1 + 1?"}, {"role": "assistant", "content": "**Two.**"}]
    assert json.loads(body.read_text("utf-8")) == {"model": CHAT_MODEL, "messages": messages}
    assert document.read_text("utf-8") == f"## You\n\nHow much is 1 + 1?\n\n## {CHAT_MODEL}\n\n**Two.**\n"


def test_a_conversation_is_deleted(page: Page, fake_edge: ScriptedEdge) -> None:
    """After a question; the other one is shown."""
    ask(page, fake_edge, "First", "One")
    page.find("body").send_keys(Keys.ALT, "n")
    ask(page, fake_edge, "Second", "Two")
    page.find(".menu summary").click()
    page.find("#conversation-delete").click()
    page.driver.switch_to.alert.accept()
    page.wait_until(lambda: list_messages(page) == ["First", "One"])
    page.reload()
    page.wait_until(lambda: list_messages(page) == ["First", "One"])
    assert [option.text for option in Select(page.find("#conversation")).options] == ["First"]


def test_the_shortcuts_are_said(page: Page) -> None:
    """In a dialog with a shortcut of its own."""
    page.find("#chat-prompt").send_keys(Keys.ALT, "h")
    page.wait_until(lambda: page.find("#help-dialog").is_displayed())
    assert "Stop the response" in page.text("#help-list")
    page.find("#help-close").click()
    page.find("body").send_keys(Keys.ALT, "m")
    assert page.driver.switch_to.active_element.get_attribute("id") == "chat-prompt"


# Accessibility


def test_axe_finds_nothing(page: Page, fake_edge: ScriptedEdge) -> None:
    """In a conversation with Markdown and a tool call, light and dark, with open settings and the list of shortcuts."""
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    content = "# A\n\n[b](https://x.example)\n\n> c\n\n1. d\n\n|e|f|\n|-|-|\n|g|h|\n\n```python\ni\n```\n`j`"
    ask(page, fake_edge, "Hi", {"content": content, "tool_calls": [call]}, reason="length")
    page.wait_until(lambda: page.find_all(f"{RESPONSE} pre"))
    page.run(AXE.read_text("utf-8"))
    for theme in ("light", "dark"):
        Select(page.find("#theme")).select_by_value(theme)
        assert page.driver.execute_async_script(RUN_AXE) == []
    page.run("document.querySelector('#chat-settings').open = document.querySelector('.menu').open = true")
    assert page.driver.execute_async_script(RUN_AXE) == []
    page.run("document.querySelector('.menu').open = false")
    page.find("#help-open").click()
    assert page.driver.execute_async_script(RUN_AXE) == []


def test_the_keyboard_reaches_every_control(page: Page, fake_edge: ScriptedEdge) -> None:
    """By the tab key, also what scrolls."""
    ask(page, fake_edge, "Hi", "```\na\n```")
    page.wait_until(lambda: page.find_all(".copy-code"))
    page.run("window.reached = new Set(); addEventListener('focusin', ({target}) => reached.add(target))")
    ActionChains(page.driver).send_keys(Keys.TAB * 80).perform()
    missed = """
    const controls = document.querySelectorAll("a[href], button, select, input, textarea, summary, pre, #chat-log");
    return [...controls].filter((e) => e.checkVisibility() && !reached.has(e)).map((e) => e.outerHTML);
    """
    assert page.run(missed) == []
    assert page.run("return reached.size") > 20


def test_a_full_storage_is_said(page: Page, fake_edge: ScriptedEdge) -> None:
    """Until what is typed is stored again; the chat goes on."""
    page.run("window.real = Storage.prototype.setItem")
    page.run("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }")
    ask(page, fake_edge, "Hi", "Hello")
    page.wait_until(lambda: "Export the conversation" in page.text("#storage-note"))
    page.run("Storage.prototype.setItem = real")
    page.find("#chat-prompt").send_keys("x")
    page.wait_until(lambda: not page.text("#storage-note"))
    page.reload()
    page.wait_until(lambda: list_messages(page) == ["Hi", "Hello"])
