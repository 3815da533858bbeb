// SPDX-License-Identifier: AGPL-3.0-or-later
// Beside live.js on the page of a meeting: who sees their turn come is brought into the call, and the tab says so.
const GO_AFTER_MS = 3_000;

const page = document.querySelector('[data-stage]');
const site = document.title.slice(page.dataset.title.length);
let stage = page.dataset.stage;
let going;

function tell() {
  const note = page.querySelector('[data-going]');
  if (note) note.hidden = false;
}

/** Once somebody looks at the page, and not out of a line half written: the button is there meanwhile. */
function go() {
  if (!page.dataset.go || document.visibilityState !== 'visible' || document.activeElement.value) return;
  tell();
  going ??= setTimeout(() => {
    going = undefined;
    if (page.dataset.go) location.assign(page.dataset.go);
  }, GO_AFTER_MS);
}

/** A telephone that goes to sleep is gone for the office after half a minute: the screen of who waits stays on. */
function stayAwake() {
  if (page.dataset.live !== undefined && document.visibilityState === 'visible')
    navigator.wakeLock?.request('screen').catch(() => null); // a battery that is low, or a browser that does not
}

stayAwake();
document.addEventListener('visibilitychange', stayAwake);

page.addEventListener('live:refreshed', () => {
  if (going) tell(); // made anew from the server's page, where it is hidden
  if (page.dataset.stage === stage) return;
  stage = page.dataset.stage;
  document.title = page.dataset.title + site;
  // Whoever came out of the call and finds this page again is not sent back in: only who saw the door open.
  if (stage !== 'called') return;
  document.addEventListener('visibilitychange', go);
  go();
});
