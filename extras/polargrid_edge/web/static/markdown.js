// Show Markdown while it grows. The edge renders it to sanitized HTML, block by block: only the last block changes, so
// only its text is sent again.

import { request } from "./api.js";
import { create } from "./elements.js";
import { patchChildren } from "./patch.js";
import { text } from "./strings.js";

const MAX_CHARACTERS = 65_536; // of one request; a longer block is shown as it is written
const PAUSE = 60; // milliseconds between two requests

// The only place where a text becomes elements; the Content-Security-Policy allows no other policy than this one.
const policy = window.trustedTypes?.createPolicy("markdown", { createHTML: (html) => html });

/** Return a function that shows a text in the element; its second argument says whether the text is complete. */
export function createMarkdown(element) {
  let wanted = null; // the newest text that is not yet shown
  let newest = null; // the newest text, shown or not
  let isRunning = false;
  let openLine = 0; // where the last block starts, which may still change
  let openBlock = 0;

  async function showNewest() {
    while (wanted !== null) {
      const { content, isComplete } = wanted;
      wanted = null;
      // A complete text is rendered as a whole: a definition at its end may change a link at its beginning.
      if (isComplete && content.length <= MAX_CHARACTERS) openLine = openBlock = 0;
      const tail = content.split("\n").slice(openLine).join("\n");
      const blocks = await renderBlocks(tail).catch(() => {
        const again = () => showText(content, isComplete);
        document.addEventListener("edgealive", () => wanted === null && again(), { once: true });
        return showPlain(tail);
      });
      showBlocks(element, openBlock, blocks);
      openBlock += Math.max(blocks.length - 1, 0);
      openLine += blocks.at(-1)?.line ?? 0;
      if (!isComplete) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  function showText(content, isComplete) {
    wanted = { content: content.replaceAll("\r\n", "\n"), isComplete };
    if (isRunning) return;
    isRunning = true;
    showNewest().finally(() => (isRunning = false));
  }

  return (content, isComplete) => {
    const key = `${isComplete} ${content}`;
    if (key !== newest) showText(content, isComplete);
    newest = key;
  };
}

async function renderBlocks(content) {
  if (!content.trim()) return [];
  if (content.length > MAX_CHARACTERS) return showPlain(content);
  const headers = { "content-type": "text/plain" };
  const blocks = await (await request("/_page/markdown", { body: content, headers })).json();
  return blocks.map(({ line, html }) => ({ line, source: decorate(parse(html)) }));
}

/** A text as it is written, until an edge renders it. */
const showPlain = (content) => [{ line: 0, source: create("div", {}, create("p", { class: "plain" }, content)) }];

function parse(html) {
  return new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html").body;
}

function showBlocks(element, first, blocks) {
  blocks.forEach(({ source }, index) => {
    if (!element.children[first + index]) element.append(create("div", { class: "block" }));
    patchChildren(element.children[first + index], source);
  });
  while (element.children.length > first + blocks.length) element.lastChild.remove();
}

/** Give code its language and a button that copies it; code and tables scroll by themselves, also by the keyboard. */
function decorate(body) {
  for (const pre of body.querySelectorAll("pre")) {
    const language = pre.firstElementChild?.className.replace("language-", "") ?? "";
    const button = create("button", { type: "button", class: "quiet copy-code" }, text("copy"));
    const head = create("div", { class: "code-head" }, create("span", {}, language), button);
    const figure = create("div", { class: "code" }, head);
    pre.replaceWith(figure);
    makeScrollable(pre, text("code"));
    figure.append(pre);
  }
  for (const table of body.querySelectorAll("table")) {
    const frame = create("div", { class: "table" });
    table.replaceWith(frame);
    makeScrollable(frame, text("table"));
    frame.append(table);
  }
  return body;
}

function makeScrollable(element, label) {
  element.tabIndex = 0;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", label);
}
