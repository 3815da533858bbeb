// SPDX-License-Identifier: AGPL-3.0-or-later
// Buttons and lists for the camera and the microphone, wherever the page has some: they all show the same state.

const KINDS = ['camera', 'microphone'];

/** @param root where they stand */
export function furnish(root, media, say) {
  const buttons = [...root.querySelectorAll('[data-turn]')];
  const lists = [...root.querySelectorAll('select[data-device]')];
  for (const button of buttons)
    button.addEventListener('click', () =>
      media.turn(button.dataset.turn, button.getAttribute('aria-pressed') !== 'true'),
    );
  for (const list of lists) list.addEventListener('change', () => media.choose(list.dataset.device, list.value));
  const show = () => {
    for (const button of buttons) showButton(button, media[button.dataset.turn], say);
    void fill(lists, media, say);
  };
  media.addEventListener('change', show);
  navigator.mediaDevices?.addEventListener?.('devicechange', show);
  show();
}

function showButton(button, { on, track }, say) {
  const isOn = on && track !== null;
  const kind = button.dataset.turn;
  button.setAttribute('aria-pressed', String(isOn));
  const use = button.querySelector('use');
  use.setAttribute('href', use.getAttribute('href').replace(/#.*/, `#${kind}${isOn ? '' : '-off'}`));
  button.querySelector('[data-on]').textContent = say(`${kind}-${isOn ? 'on' : 'off'}`);
}

/** A list with nothing to choose from is not shown. */
async function fill(lists, media, say) {
  const found = await media.list();
  for (const list of lists) {
    const kind = list.dataset.device;
    const devices = found[kind];
    list.closest('[data-device-field]').hidden = devices.length < 2;
    const current = media[kind].track?.getSettings().deviceId ?? media[kind].id;
    const options = devices.map(({ deviceId, label }, i) => {
      const name = label || say(`${kind}-number`, { n: i + 1 });
      return new Option(name, deviceId, false, deviceId === current);
    });
    list.replaceChildren(...options);
  }
}

/** What is wrong with the devices, and what one can do without them: sentences, of which there may be none. */
export function troubles(media, say, knows) {
  const { camera, microphone } = media;
  const both = `trouble-both-${camera.trouble}`;
  if (camera.trouble === null && microphone.trouble === null) return [];
  if (camera.trouble === microphone.trouble && knows(both)) return [say(both), say('left-nothing')];
  const each = KINDS.filter((kind) => media[kind].trouble).map((kind) => say(`trouble-${kind}-${media[kind].trouble}`));
  const has = (one) => one.track !== null;
  const left = has(microphone) ? 'left-voice' : has(camera) ? 'left-picture' : 'left-nothing';
  return [...each, say(left)];
}
