// SPDX-License-Identifier: AGPL-3.0-or-later
// Comfort only: the form does its work without this script.
'use strict';

/** Keeps the time while the form is open, and says before saving what has come in between. */
function keep(form) {
  // No longer than a time is held: a desk that somebody walked away from must not stay signed in.
  let left = 30;
  const timer = setInterval(async () => {
    if (--left < 0) return clearInterval(timer);
    if (document.hidden) return;
    const answer = await fetch(form.dataset.keep, { method: 'POST' }).catch(() => null);
    if (!answer?.ok || form.dataset.sent) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('[data-time]');
    const shown = form.querySelector('[data-time]');
    if (fresh && !shown.contains(document.activeElement)) shown.replaceChildren(...fresh.childNodes);
    // From now on somebody is deciding there: what they write stays.
    if (form.querySelector('#conflitto')) clearInterval(timer);
  }, 60_000);
}

for (const form of document.querySelectorAll('form[data-keep]')) if (!form.querySelector('#conflitto')) keep(form);
