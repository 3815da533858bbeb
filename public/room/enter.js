// SPDX-License-Identifier: AGPL-3.0-or-later
// Begins the pages of a call: the check of camera and microphone, and the call. Parts are loaded under the address
// this script has itself, version and all, for they are kept by browsers for ever.

const { search } = new URL(import.meta.url);
const part = (name) => import(`./${name}.js${search}`);
const find = (name) => document.querySelector(`[data-${name}]`);

const PATIENCE_MS = 1_500;
const DEVICES = 'dispositivi';
const key = (name) => `${name} ${location.pathname}`;
const entered = ({ dataset }) => `entrato ${dataset.entered}`;

/** A page that can hold no call says so, and how else one is reached. */
function stop(why, say) {
  const note = find('obstacle');
  note.querySelector('p').textContent = say(`obstacle-${why}`);
  note.hidden = false;
}

async function begin() {
  const names = ['words', 'kept', 'trouble', 'media', 'switches', 'check'];
  const [{ say, knows }, kept, { troubleOf, obstacle }, { Media }, { furnish, troubles }, { Check }] =
    await Promise.all(names.map(part));
  const why = obstacle();
  if (why) return stop(why, say);
  const media = new Media(kept.recall(DEVICES, true), troubleOf);
  media.addEventListener('change', () => kept.remember(DEVICES, media.choices, true));
  furnish(document, media, say);
  const room = find('room');
  const enter = room && (() => void goIn(room, { media, say, knows, troubles, kept, check }));
  const check = new Check(find('check'), { media, say, knows, troubles, enter });
  // After a reload one is back in the call at once; staff check their devices before the first call.
  if (room && kept.recall(entered(room))) {
    // A browser that asks each time must not keep anybody out; most allow us to be heard only once they have asked.
    await Promise.race([media.open(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    enter();
  } else await check.open();
}

async function goIn(room, { check, kept, ...parts }) {
  const names = ['call', 'controls', 'line', 'peer', 'picture', 'chat', 'captions'];
  const [{ Call }, { Controls }, { Line }, { Peer }, { Tile, movable }, { Chat }, { canCaption, Captioner }] =
    await Promise.all(names.map(part));
  const { connect } = await import(`../live.js${search}`);
  const pressed = document.activeElement?.matches('[data-check-enter]');
  check.close();
  kept.remember(entered(room), true);
  const line = new Line();
  const onReplaced = () => {
    parts.media.close();
    room.hidden = true;
    find('replaced').hidden = false;
  };
  const { recall, remember } = kept;
  const made = { Controls, Peer, Tile, movable, Chat, canCaption, Captioner, line, recall, remember, key, onReplaced };
  const { client, ticket, other } = room.dataset;
  new Call(room, { ...parts, ...made, other }).open();
  // The button that was pressed is gone with the check: the keyboard goes on at the first one of the call.
  if (pressed) room.querySelector('.room-controls button').focus();
  await line.open(() => connect({ client, ticket }));
}

for (const opener of document.querySelectorAll('[data-opens]')) {
  opener.hidden = false;
  opener.addEventListener('click', () => document.getElementById(opener.dataset.opens).showModal());
}
for (const button of document.querySelectorAll('[data-reload]'))
  button.addEventListener('click', () => location.reload());
void begin();
