// SPDX-License-Identifier: AGPL-3.0-or-later
// Comfort only: every page does its work without this script.
'use strict';

/** Finds a service while one types. */
function search(box) {
  const input = box.querySelector('input');
  const status = box.querySelector('[data-found]');
  const items = [...document.querySelectorAll('#servizi > li')];
  const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  input.addEventListener('input', () => {
    const words = plain(input.value).split(/\s+/);
    for (const item of items) item.hidden = !words.every((word) => plain(item.textContent).includes(word));
    const found = items.filter((item) => !item.hidden).length;
    status.textContent = status.dataset.found.replace('{n}', String(found));
  });
  box.hidden = items.length < 6;
}

/** Brings the words of a countdown up to date by asking for the page again, once a minute while it is looked at. */
function countDown(sentence) {
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('[data-countdown]');
    if (fresh?.dataset.at === sentence.dataset.at) sentence.replaceChildren(...fresh.childNodes);
    else location.reload();
  }, 60_000);
}

/** A second press of a button that has just been pressed sends nothing. */
function sendOnce(form) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'yes';
  });
  addEventListener('pageshow', () => delete form.dataset.sent);
}

for (const box of document.querySelectorAll('[data-search]')) search(box);
for (const sentence of document.querySelectorAll('[data-countdown]')) countDown(sentence);
for (const form of document.querySelectorAll('form[method=post]')) sendOnce(form);
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}
document.querySelector('[autofocus]')?.focus();
