// SPDX-License-Identifier: AGPL-3.0-or-later
// The connection to one other in the call. The server names which of the two offers, so that never both do: with the
// textbook's «perfect negotiation» 9 calls of 137 hung when they did. Each attempt is a connection of its own with a
// round number, and what belongs to another round is not heard. Sound and picture are agreed on once; later only the
// track behind them is replaced, so there is nothing to negotiate again.

const CONNECT_MS = 8_000;
const PATIENCE_MS = 5_000;
const MOST_TRIES = 3;
/** Both lose patience at about the same time: the second of two wishes to begin again is already fulfilled. */
const YOUNG_MS = 2_000;
const MOST_EARLY = 64;

/** Says `stream`, `told` (what they say of themselves) and `state`: connecting, connected, weak, lost. */
export class Peer extends EventTarget {
  #pc = null;
  #round = null;
  #builtAt = 0;
  #tries = 0;
  #timer = 0;
  #early = [];
  #chain = Promise.resolve();
  #attempt = 0;
  #isClosed = false;

  /** @param send carries data to them @param media what we send @param ice gives the servers for the way round a firewall */
  constructor({ id, seat, name, role, offer }, { send, media, ice }) {
    super();
    Object.assign(this, { id, seat, name, role, offers: offer, send, media, ice });
    this.state = 'connecting';
    this.told = {};
    this.stream = null;
  }

  start() {
    this.#build();
  }

  /**
   * One message after the other, in the order in which they came. An offer begins anew: what a connection was asked
   * that is closed by now is never answered, and nothing must wait for it.
   */
  hear(data) {
    if (data.description?.type === 'offer') this.#chain = Promise.resolve();
    this.#do(() => this.#take(data));
  }

  /** Our track is another one, or none. */
  refresh() {
    const { audioTrack, videoTrack } = this.media;
    this.#do(async () => {
      for (const { sender, receiver } of this.#pc?.getTransceivers() ?? [])
        await sender.replaceTrack(receiver.track.kind === 'audio' ? audioTrack : videoTrack);
    });
    this.tell();
  }

  /** What they cannot see by themselves, a silent microphone for one. */
  tell() {
    this.send({ told: this.media.state });
  }

  /** Once more from the beginning, when somebody asks for it or the network is back. */
  again() {
    this.#tries = 0;
    this.#rebuild();
  }

  close() {
    this.#isClosed = true;
    this.#drop();
  }

  #do(work) {
    this.#chain = this.#chain.then(work).catch((fault) => console.warn('call:', fault));
  }

  #build() {
    this.#drop();
    this.#chain = Promise.resolve();
    this.#watch(CONNECT_MS);
    this.#to(this.#tries ? 'weak' : 'connecting');
    if (!this.offers) return;
    this.#builtAt = performance.now();
    this.#do(async () => {
      const round = crypto.getRandomValues(new Uint32Array(1))[0];
      const pc = await this.#connect(round);
      for (const kind of ['audio', 'video']) pc.addTransceiver(kind, { direction: 'sendrecv' });
      await this.#giveTracks(pc);
      await pc.setLocalDescription();
      this.send({ round, description: pc.localDescription.toJSON() });
    });
  }

  async #connect(round) {
    const attempt = ++this.#attempt;
    const iceServers = await this.ice();
    if (attempt !== this.#attempt || this.#isClosed) throw new Error('begun anew meanwhile');
    const pc = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
    this.#pc?.close();
    this.#pc = pc;
    this.#round = round;
    this.stream = new MediaStream();
    pc.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate && pc === this.#pc) this.send({ round, candidate: candidate.toJSON() });
    });
    pc.addEventListener('track', ({ track }) => {
      this.stream.addTrack(track);
      if (pc === this.#pc) this.#says('stream');
    });
    pc.addEventListener('connectionstatechange', () => pc === this.#pc && this.#onState(pc.connectionState));
    return pc;
  }

  async #giveTracks(pc) {
    const { audioTrack, videoTrack } = this.media;
    for (const transceiver of pc.getTransceivers()) {
      transceiver.direction = 'sendrecv';
      await transceiver.sender.replaceTrack(transceiver.receiver.track.kind === 'audio' ? audioTrack : videoTrack);
    }
  }

  async #take({ round, description, candidate, rebuild, told }) {
    if (this.#isClosed) return;
    if (told) this.#onTold(told);
    if (rebuild) this.#onWish();
    if (description?.type === 'offer') await this.#answer(round, description);
    if (description?.type === 'answer' && round === this.#round) {
      await this.#pc.setRemoteDescription(description);
      await this.#addEarly();
    }
    if (candidate) await this.#add(round, candidate);
  }

  async #answer(round, offer) {
    if (this.offers) return;
    this.#watch(CONNECT_MS);
    const pc = await this.#connect(round);
    await pc.setRemoteDescription(offer);
    // Only now: the places for sound and picture are theirs.
    await this.#giveTracks(pc);
    await pc.setLocalDescription();
    this.send({ round, description: pc.localDescription.toJSON() });
    await this.#addEarly();
  }

  async #add(round, candidate) {
    if (round === this.#round && this.#pc?.remoteDescription) await this.#pc.addIceCandidate(candidate);
    else this.#early = [...this.#early, { round, candidate }].slice(-MOST_EARLY);
  }

  /** A candidate may come before the description it belongs to. */
  async #addEarly() {
    const early = this.#early.filter(({ round }) => round === this.#round);
    this.#early = this.#early.filter(({ round }) => round !== this.#round);
    for (const { candidate } of early) await this.#pc.addIceCandidate(candidate);
  }

  #onTold(told) {
    this.told = told;
    this.#says('told');
  }

  #onWish() {
    if (this.offers && performance.now() - this.#builtAt > YOUNG_MS) this.#build();
  }

  #onState(state) {
    if (state === 'connected') {
      clearTimeout(this.#timer);
      this.#tries = 0;
      this.#to('connected');
      this.tell();
    } else if (state === 'disconnected') {
      this.#to('weak');
      this.#watch(PATIENCE_MS);
    } else if (state === 'failed') this.#rebuild();
  }

  #watch(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pc?.connectionState !== 'connected' && this.#rebuild(), ms);
  }

  #rebuild() {
    if (this.#isClosed) return;
    if (this.#tries++ >= MOST_TRIES) {
      this.#drop();
      this.#to('lost');
      return;
    }
    if (!this.offers) this.send({ rebuild: true });
    this.#build();
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#pc?.close();
    this.#pc = null;
    this.#round = null;
  }

  #to(state) {
    if (this.state === state) return;
    this.state = state;
    this.#says('state');
  }

  #says(what) {
    this.dispatchEvent(new Event(what));
  }
}
