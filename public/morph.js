// SPDX-License-Identifier: AGPL-3.0-or-later
// Makes one part of a page like another by changing as little as possible: who is typing, or listens to a screen reader,
// notices nothing but what is new. What somebody typed is a property of the field, not an attribute: it stays.

/** @param {Element} now what is shown @param {Element} wanted the same as the server would show it */
export function morph(now, wanted) {
  for (const name of now.getAttributeNames())
    if (!wanted.hasAttribute(name) && !isTheirs(now, name)) now.removeAttribute(name);
  for (const { name, value } of wanted.attributes)
    if (now.getAttribute(name) !== value && !isTheirs(now, name)) now.setAttribute(name, value);
  morphChildren(now, wanted);
}

/** Whether a visitor opened it. */
const isTheirs = (element, name) => name === 'open' && element.nodeName === 'DETAILS';

/** What something is known by wherever it stands: an id, where a form leads, what a field is called. */
function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return null;
  if (node.id) return `#${node.id}`;
  const name = node.getAttribute(node.nodeName === 'FORM' ? 'action' : 'name');
  return name === null ? null : `${node.nodeName} ${name} ${node.getAttribute('value') ?? ''}`;
}

function morphChildren(now, wanted) {
  const kept = new Set(Array.from(wanted.children, keyOf));
  // Whoever left the list goes first, so that nobody else has to change places, and the focus stays on its row.
  for (const child of Array.from(now.children)) if (!kept.has(keyOf(child)) && keyOf(child)) child.remove();
  let place = now.firstChild;
  for (const next of wanted.childNodes) {
    const same = counterpart(place, next);
    if (same) place = bringTo(place, same);
    if (!same) now.insertBefore(document.importNode(next, true), place);
    else if (same.nodeType === Node.ELEMENT_NODE) morph(same, next);
    else if (same.nodeValue !== next.nodeValue) same.nodeValue = next.nodeValue;
  }
  while (place) place = withoutIt(place);
}

/** What stands for `next` already: known by the same, else in its place and of its kind. */
function counterpart(place, next) {
  const key = keyOf(next);
  if (!key) return place && !keyOf(place) && place.nodeName === next.nodeName ? place : null;
  for (let node = place; node; node = node.nextSibling)
    if (keyOf(node) === key && node.nodeName === next.nodeName) return node;
  return null;
}

/** Puts what is found further on in its place, moving it only when it must. @returns the next place */
function bringTo(place, same) {
  let at = place;
  while (at !== same && !keyOf(at)) at = withoutIt(at);
  if (at === same) return same.nextSibling;
  same.parentNode.insertBefore(same, at);
  return at;
}

/** @returns what followed it */
function withoutIt(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
