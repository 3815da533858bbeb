// SPDX-License-Identifier: AGPL-3.0-or-later
// The live connection of a call page: it says who is there and carries what two browsers must tell each other to find
// the way to each other. It knows no state of its own: the page on the server does.

const POLL_MS = 10_000;
const ANSWER_MS = 5_000;
const SIT_AGAIN_MS = 3_000;
/** Passes to the relay last ten minutes. */
const ICE_FRESH_MS = 8 * 60_000;

/** Says `seated`, `peer`, `left`, `signal`, `chat`, `caption`, each with `detail`; `cut`, `replaced` and `over`. */
export class Line extends EventTarget {
  #socket = null;
  #isOver = false;
  #ice = { servers: [], at: -Infinity };

  /** @param connect makes a live connection that comes back by itself, of ../live.js */
  async open(connect) {
    setInterval(() => this.#socket?.connected || this.look(), POLL_MS);
    this.#socket = await connect();
    for (const what of ['peer', 'left', 'signal', 'chat', 'caption'])
      this.#socket.on(what, (detail) => this.#says(what, detail));
    for (const what of ['changed', 'ended']) this.#socket.on(what, () => this.look());
    for (const what of ['disconnect', 'connect_error']) this.#socket.on(what, () => this.#onCut());
    this.#socket.on('connect', () => this.#onConnect());
    this.#socket.on('replaced', () => {
      this.close();
      this.#says('replaced');
    });
  }

  send(what, message) {
    if (this.#socket?.connected) this.#socket.emit(what, message);
  }

  /** Servers for the way round a firewall, with a pass that is still good. */
  async iceServers() {
    if (performance.now() - this.#ice.at > ICE_FRESH_MS) await this.#sit();
    return this.#ice.servers;
  }

  /** Where the server now sends whoever opens this page: to the waiting room, when the call is over or held. */
  async look() {
    const answer = await fetch(location.href, { redirect: 'manual', cache: 'no-store' }).catch(() => null);
    if (this.#isOver || !answer) return;
    if (answer.type !== 'opaqueredirect' && answer.status !== 404) return;
    this.close();
    location.reload();
  }

  close() {
    this.#isOver = true;
    this.#socket?.disconnect();
    this.#says('over');
  }

  /** Refused, the page on the server says whether it is over; if not, its database was away or all chairs are taken. */
  async #onConnect() {
    const { id } = this.#socket;
    const isHere = () => !this.#isOver && this.#socket.connected && this.#socket.id === id;
    while (isHere()) {
      const seating = await this.#sit();
      if (seating.ok && isHere()) return this.#says('seated', seating);
      await this.look();
      await new Promise((resolve) => setTimeout(resolve, SIT_AGAIN_MS));
    }
  }

  async #sit() {
    const silence = () => ({ ok: false });
    const seating = await this.#socket.timeout(ANSWER_MS).emitWithAck('sit').catch(silence);
    if (seating.ok) this.#ice = { servers: seating.ice, at: performance.now() };
    return seating;
  }

  #onCut() {
    if (this.#isOver) return;
    this.#says('cut');
    void this.look();
  }

  #says(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}
