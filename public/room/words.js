// SPDX-License-Identifier: AGPL-3.0-or-later
// What these scripts say is written in the page, in its language: <template id="parole">, a word each with data-word.

const book = document.querySelector('#parole')?.content;

/** The sentence under a key, `{name}` filled in; nothing for a key nobody wrote. */
export function say(key, values = {}) {
  const text = book?.querySelector(`[data-word="${key}"]`)?.textContent.trim() ?? '';
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

export const knows = (key) => Boolean(book?.querySelector(`[data-word="${key}"]`));
