// SPDX-License-Identifier: AGPL-3.0-or-later
// What is written during a call. It passes and is kept nowhere; this tab has it until the call is left, for a reload.

const MOST_LINES = 200;

export class Chat {
  /** @param element with a list, a form and a field @param kept lines from before a reload */
  constructor(element, { say, send, kept, onKeep, onUnread }) {
    Object.assign(this, { element, say, onKeep, onUnread });
    this.list = element.querySelector('[data-lines]');
    this.field = element.querySelector('textarea');
    this.lines = [];
    for (const line of kept ?? []) this.#add(line);
    const form = element.querySelector('form');
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.field.value.trim();
      this.field.focus();
      if (!text) return;
      send(text);
      this.field.value = '';
      this.#write({ name: null, text });
    });
    this.field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }

  hear({ name, text }) {
    this.#write({ name, text });
    this.onUnread(this.element.hidden ? this.say('wrote', { name, text }) : null);
  }

  #write(line) {
    this.#add(line);
    this.onKeep(this.lines);
  }

  /** @param line without a name it is our own */
  #add(line) {
    this.lines = [...this.lines, line].slice(-MOST_LINES);
    const item = document.createElement('li');
    item.className = line.name === null ? 'room-line is-mine' : 'room-line';
    const who = Object.assign(document.createElement('strong'), { textContent: line.name ?? this.say('me') });
    const said = Object.assign(document.createElement('span'), { textContent: line.text });
    item.append(who, said);
    this.list.append(item);
    while (this.list.children.length > MOST_LINES) this.list.firstElementChild.remove();
    item.scrollIntoView({ block: 'nearest' });
  }
}
