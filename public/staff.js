// SPDX-License-Identifier: AGPL-3.0-or-later
// Comfort only: every page of staff does its work without this script.
'use strict';

const KEYS_OFF = 'sportello-tasti-spenti';
const REFRESH_MS = 60_000;
/** A desk somebody walked away from asks no more, so that its session ends as it should. */
const IDLE_MS = 30 * 60_000;

const help = document.querySelector('#tasti');
let touchedAt = Date.now();

const isWriting = ({ target }) => target.closest('input, select, textarea, [contenteditable]') !== null;
const bookings = () => [...document.querySelectorAll('[data-booking]')].filter((link) => link.checkVisibility());

/** From one appointment to the next, down each column and then to the next one. */
function step(by) {
  const links = bookings();
  const here = links.indexOf(document.activeElement);
  const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by;
  links[Math.min(Math.max(next, 0), links.length - 1)]?.focus();
}

function search() {
  const box = document.querySelector('#q');
  box?.focus();
  box?.select();
}

const DO = {
  '/': search,
  ArrowDown: () => step(1),
  j: () => step(1),
  ArrowUp: () => step(-1),
  k: () => step(-1),
  '?': () => help?.showModal(),
};

/** A key of a link follows it: `t` today, `n` a new appointment, the arrows another day. */
function onKey(event) {
  touchedAt = Date.now();
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event) || help?.open) return;
  if (localStorage.getItem(KEYS_OFF) && event.key !== '?') return;
  const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const act = DO[event.key] ?? (link && (() => link.click()));
  if (!act) return;
  event.preventDefault();
  act();
}

/** Single keys can be switched off: whoever speaks to the computer would press them by speaking (WCAG 2.1.4). */
function switchKeys(box) {
  box.checked = !localStorage.getItem(KEYS_OFF);
  box.addEventListener('change', () =>
    box.checked ? localStorage.removeItem(KEYS_OFF) : localStorage.setItem(KEYS_OFF, '1'),
  );
}

/** What the agenda shows now, in place of what it showed; who stood on a link still stands on it. */
async function refresh(agenda) {
  if (document.hidden || help?.open || Date.now() - touchedAt > IDLE_MS) return;
  const answer = await fetch(location.href).catch(() => null);
  // Signed out: what is on the screen is not for whoever stands before it now.
  if (answer?.redirected) location.reload();
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.querySelector('#agenda');
  if (!fresh) return;
  const focused = agenda.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  const left = agenda.querySelector('.agenda-scroll')?.scrollLeft ?? 0;
  agenda.replaceChildren(...fresh.childNodes);
  furnish(agenda);
  agenda.querySelector('.agenda-scroll')?.scrollTo({ left });
  if (focused) agenda.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** Buttons that only work with this script appear with it. */
function furnish(part) {
  const acts = { 'data-print': () => print(), 'data-keys': () => help.showModal() };
  for (const [name, act] of Object.entries(acts))
    for (const button of part.querySelectorAll(`[${name}]`)) {
      button.hidden = false;
      button.addEventListener('click', act);
    }
}

furnish(document);
addEventListener('pointerdown', () => (touchedAt = Date.now()));
for (const box of document.querySelectorAll('[data-keys-on]')) switchKeys(box);
if (help) document.addEventListener('keydown', onKey);
const agenda = document.querySelector('#agenda');
if (agenda) setInterval(() => refresh(agenda), REFRESH_MS);
