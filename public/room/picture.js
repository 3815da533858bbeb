// SPDX-License-Identifier: AGPL-3.0-or-later
// The pictures of a call: the others large, ourselves small in a corner that can be chosen.

const CORNERS = ['bottom-right', 'bottom-left', 'top-left', 'top-right'];
const ARROWS = {
  ArrowUp: ['bottom', 'top'],
  ArrowDown: ['top', 'bottom'],
  ArrowLeft: ['right', 'left'],
  ArrowRight: ['left', 'right'],
};

const make = (tag, className) => Object.assign(document.createElement(tag), { className });

const initials = (name) =>
  name
    .split(/\s+/)
    .map((word) => word[0] ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase();

/** One of the others: their picture, or who they are while there is none. */
export class Tile {
  constructor(name, say) {
    this.say = say;
    this.element = make('figure', 'room-tile');
    this.video = Object.assign(make('video', 'room-video'), { autoplay: true, playsInline: true });
    this.face = make('p', 'room-face');
    const circle = Object.assign(make('span', 'room-initials'), { textContent: initials(name) });
    circle.setAttribute('aria-hidden', 'true');
    this.why = make('span', 'room-why');
    this.face.append(circle, this.why);
    this.caption = Object.assign(make('figcaption', 'room-name'), { textContent: name });
    this.element.append(this.video, this.face, this.caption);
    this.name = name;
    this.video.setAttribute('aria-label', say('picture-of', { name }));
    this.show('connecting', {});
  }

  /** @returns whether the browser lets us hear it without a touch */
  async play(stream) {
    this.video.srcObject = stream;
    return this.listen();
  }

  async listen() {
    try {
      await this.video.play();
      return true;
    } catch (error) {
      return error.name !== 'NotAllowedError';
    }
  }

  /** @param state of the connection @param told what they say of themselves */
  show(state, { camera, screen, microphone }) {
    const isSeen = state !== 'connecting' && state !== 'lost' && camera === true;
    this.element.classList.toggle('is-hidden', !isSeen);
    this.element.classList.toggle('is-screen', screen === true);
    this.face.hidden = isSeen;
    this.why.textContent = this.say(state === 'connected' || state === 'weak' ? 'their-camera-off' : `state-${state}`);
    const silent = microphone === false ? ` – ${this.say('their-microphone-off')}` : '';
    this.caption.textContent = `${this.name}${screen ? ` – ${this.say('screen-of')}` : ''}${silent}`;
  }
}

/** Our own picture: by the button, the arrows or the finger into another corner. */
export function movable(self, say, announce) {
  const button = self.querySelector('button');
  const to = (corner) => {
    self.dataset.corner = corner;
    announce(say(`corner-${corner}`));
  };
  button.addEventListener('click', () => to(CORNERS[(CORNERS.indexOf(self.dataset.corner) + 1) % CORNERS.length]));
  button.addEventListener('keydown', (event) => {
    const [from, into] = ARROWS[event.key] ?? [];
    if (!from) return;
    event.preventDefault();
    to(self.dataset.corner.replace(from, into));
  });
  dragged(self, to);
}

/** Let go, it takes the nearest corner. */
function dragged(self, to) {
  let start = null;
  self.addEventListener('pointerdown', (event) => {
    if (event.target.closest('button')) return;
    start = { x: event.clientX, y: event.clientY };
    self.setPointerCapture(event.pointerId);
  });
  self.addEventListener('pointermove', ({ clientX, clientY }) => {
    if (start) self.style.translate = `${clientX - start.x}px ${clientY - start.y}px`;
  });
  const drop = ({ clientX, clientY }) => {
    if (!start) return;
    const moved = Math.hypot(clientX - start.x, clientY - start.y) > 10;
    start = null;
    self.style.translate = '';
    const { left, top, width, height } = self.parentElement.getBoundingClientRect();
    const corner = `${clientY < top + height / 2 ? 'top' : 'bottom'}-${clientX < left + width / 2 ? 'left' : 'right'}`;
    if (moved && corner !== self.dataset.corner) to(corner);
  };
  self.addEventListener('pointerup', drop);
  self.addEventListener('pointercancel', drop);
}
