// Change elements into others by as few changes as possible, so that selections, focus and scrolling stay.

/** Make the children of an element equal to those of another one, which loses them. */
export function patchChildren(target, source) {
  const wanted = [...source.childNodes];
  wanted.forEach((node, index) => {
    const existing = target.childNodes[index];
    if (existing) patchNode(existing, node);
    else target.append(node);
  });
  while (target.childNodes.length > wanted.length) target.lastChild.remove();
}

function patchNode(existing, wanted) {
  if (existing.isEqualNode(wanted)) return;
  if (existing.nodeName !== wanted.nodeName) existing.replaceWith(wanted);
  else if (existing.nodeType === Node.TEXT_NODE) patchText(existing, wanted.data);
  else {
    patchAttributes(existing, wanted);
    patchChildren(existing, wanted);
  }
}

/** A text that grows keeps its beginning, and with it a selection in there. */
function patchText(node, data) {
  if (data.startsWith(node.data)) node.appendData(data.slice(node.data.length));
  else node.data = data;
}

function patchAttributes(existing, wanted) {
  for (const { name } of [...existing.attributes]) if (!wanted.hasAttribute(name)) existing.removeAttribute(name);
  for (const { name, value } of wanted.attributes) {
    if (existing.getAttribute(name) !== value) existing.setAttribute(name, value);
  }
}
