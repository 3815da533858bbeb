// SPDX-License-Identifier: AGPL-3.0-or-later
// The call itself: who is there, and what is seen and heard of them.

export class Call {
  #peers = new Map();
  #tiles = new Map();
  #isCut = false;
  #hasMet = false;
  #says = '';

  /** @param root the page's part for the call @param parts what the other scripts give */
  constructor(root, parts) {
    Object.assign(this, { root, ...parts });
    const part = (name) => root.querySelector(`[data-${name}]`);
    this.parts = { tiles: part('tiles'), state: part('state'), lost: part('lost'), sound: part('sound') };
    this.controls = new this.Controls(root, parts, () => this.#tellAll());
  }

  /** Before the live connection is opened, so that nothing it says is missed. */
  open() {
    this.root.hidden = false;
    document.body.classList.add('is-calling');
    this.parts.lost.querySelector('button').addEventListener('click', () => this.#again());
    this.parts.sound.addEventListener('click', () => this.#hearAll());
    addEventListener('online', () => this.#again());
    this.media.addEventListener('change', () => this.#peers.forEach((peer) => peer.refresh()));
    this.#listen();
    this.#show();
    void navigator.wakeLock?.request('screen').catch(() => null);
  }

  #listen() {
    const on = (what, act) => this.line.addEventListener(what, ({ detail }) => act(detail));
    on('seated', ({ peers }) => this.#onSeated(peers));
    on('peer', (peer) => this.#add(peer));
    on('left', ({ id }) => this.#remove(id));
    on('signal', ({ from, data }) => this.#peers.get(from)?.hear(data));
    on('caption', ({ from, text }) => this.controls.onCaption(this.#peers.get(from)?.name, text));
    on('cut', () => this.#cut(true));
    on('replaced', () => this.onReplaced());
  }

  /** After a cut each of the others is somebody new: so are we to them. */
  #onSeated(peers) {
    this.#cut(false);
    for (const id of this.#peers.keys()) this.#remove(id);
    for (const peer of peers) this.#add(peer);
    this.#show();
  }

  #cut(isCut) {
    this.#isCut = isCut;
    this.#show();
  }

  #add(who) {
    if (this.#peers.has(who.id)) return;
    const send = (data) => this.#send(who.id, data);
    const peer = new this.Peer(who, { send, media: this.media, ice: () => this.line.iceServers() });
    const tile = new this.Tile(who.name, this.say);
    this.#peers.set(who.id, peer);
    this.#hasMet = true;
    this.#tiles.set(who.id, tile);
    this.parts.tiles.append(tile.element);
    peer.addEventListener('stream', () => void this.#play(peer, tile));
    peer.addEventListener('told', () => this.#onTold());
    peer.addEventListener('state', () => {
      this.#leaveOlder();
      this.#show();
    });
    peer.start();
    this.#show();
  }

  /** Who comes back by another instance, after the first one died, is somebody new there: nobody says that they left. */
  #leaveOlder() {
    const peers = [...this.#peers.values()];
    for (const [i, { id, seat, state }] of peers.entries()) {
      const newer = peers.slice(i + 1).filter((peer) => peer.seat === seat);
      if (newer.some((peer) => state !== 'connected' || peer.state === 'connected')) this.#remove(id);
    }
  }

  #send(to, data) {
    if (data.rebuild) return this.line.send('rebuild', { to });
    const whole = data.told ? { told: { ...data.told, ...this.controls.about } } : data;
    return this.line.send('signal', { to, data: whole });
  }

  #remove(id) {
    const peer = this.#peers.get(id);
    if (!peer) return;
    peer.close();
    this.#peers.delete(id);
    this.#tiles.get(id).element.remove();
    this.#tiles.delete(id);
    this.#onTold();
  }

  async #play(peer, tile) {
    const isHeard = await tile.play(peer.stream);
    if (!isHeard) this.parts.sound.hidden = false;
  }

  async #hearAll() {
    for (const tile of this.#tiles.values()) await tile.listen();
    this.parts.sound.hidden = true;
  }

  #tellAll() {
    for (const peer of this.#peers.values()) peer.tell();
  }

  #onTold() {
    this.controls.onTold([...this.#peers.values()].map((peer) => peer.told));
    this.#show();
  }

  #again() {
    for (const peer of this.#peers.values()) if (peer.state === 'lost') peer.again();
  }

  #show() {
    const peers = [...this.#peers.values()];
    for (const peer of peers) this.#tiles.get(peer.id).show(peer.state, peer.told);
    this.parts.tiles.dataset.count = String(peers.length);
    const state = this.#state(peers);
    this.root.dataset.state = state;
    this.parts.lost.hidden = state !== 'lost';
    const text = this.say(`state-${state}`, { name: this.other });
    if (this.#says !== text) this.parts.state.textContent = text;
    this.#says = text;
  }

  #state(peers) {
    const is = (state) => peers.some((peer) => peer.state === state);
    if (this.#isCut) return 'cut';
    if (!peers.length) return this.#hasMet ? 'left' : 'alone';
    return ['lost', 'weak', 'connecting'].find(is) ?? 'connected';
  }
}
