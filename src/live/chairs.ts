// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import type { Pass } from '../waiting-room/pass.ts';
import { isCaller, isFull } from '../waiting-room/sitters.ts';
import type { Gate } from './gate.ts';
import type { Neighbours } from './neighbours.ts';
import {
  ROOMS,
  sitterOf,
  socketsIn,
  type LiveIo,
  type LiveSocket,
  type Peer,
  type Seated,
  type Seating,
} from './protocol.ts';

/** What somebody hears of others while they ask who is there. */
interface Coming {
  readonly arrivalId: string;
  readonly met: Map<string, Seated>;
  readonly gone: Set<string>;
}

const NO: Seating = { ok: false };

/**
 * Who sits in which call. Each is told of each: who comes asks the other instances who is there, and listens meanwhile;
 * then, in one breath, sits down, has the answer and is announced. So of two who come at the same instant each has the
 * other in the answer or hears of them after it, and nothing that they say to each other comes before.
 */
export class Chairs {
  readonly #coming = new Set<Coming>();

  constructor(
    private readonly io: LiveIo,
    private readonly gate: Gate,
    private readonly neighbours: Neighbours,
  ) {}

  /** Seats somebody, or finds again who is there for who sits already. @param answer is told before anything else */
  async sit(socket: LiveSocket, pass: Pass, id: string, answer: (seating: Seating) => void): Promise<void> {
    if (!(await this.gate.maySit(pass))) return answer(NO);
    const coming: Coming = { arrivalId: id, met: new Map(), gone: new Set() };
    this.#coming.add(coming);
    const there = await this.neighbours.seatedAt(id);
    // From here to the announcement nothing is waited for: nobody comes between.
    this.#coming.delete(coming);
    if (!socket.connected) return;
    const isNew = !sits(socket, id);
    const me = sitterOf(socket, pass);
    const others = this.#others(me, coming, there);
    const peers = others.filter((one) => one.chair !== me.chair);
    if (isNew && isFull(peers, me)) return answer(NO);
    if (isNew) void socket.join([ROOMS.call(id), ROOMS.sitter(id, socket.id)]);
    answer({ ok: true, you: me.id, ice: this.gate.iceServers(pass), peers: peers.map((peer) => asSeenBy(me, peer)) });
    if (isNew) this.#announce(me, id, others);
    // What ended the call while they came did not find them seated.
    await this.review(id);
  }

  rise(socket: LiveSocket, id: string): void {
    if (!sits(socket, id)) return;
    void socket.leave(ROOMS.call(id));
    void socket.leave(ROOMS.sitter(id, socket.id));
    this.dismiss(id, socket.id);
    this.neighbours.tellOfLeaving(id, socket.id);
  }

  /** Those of this instance who sit in a call. */
  seatedHere(arrivalId: string): Seated[] {
    return this.#socketsIn(arrivalId).flatMap((socket) => {
      const { pass } = socket.data.guest;
      return pass ? [sitterOf(socket, pass)] : [];
    });
  }

  /** Tells those of this instance who sit in a call, or are about to, of one who sat down. */
  introduce(arrivalId: string, newcomer: Seated): void {
    for (const coming of this.#comingTo(arrivalId)) coming.met.set(newcomer.id, newcomer);
    for (const socket of this.#socketsIn(arrivalId)) {
      const { pass } = socket.data.guest;
      if (pass && socket.id !== newcomer.id) socket.emit('peer', asSeenBy(sitterOf(socket, pass), newcomer));
    }
  }

  /** Tells them of one who left. */
  dismiss(arrivalId: string, id: string): void {
    for (const coming of this.#comingTo(arrivalId)) coming.gone.add(id);
    for (const socket of this.#socketsIn(arrivalId)) socket.emit('left', { id });
  }

  /** Asks those of this instance who sit in a call to leave it, when it is over or theirs no longer. */
  async review(arrivalId: string): Promise<void> {
    for (const socket of this.#socketsIn(arrivalId)) await this.recheck(socket);
  }

  /** Asks one who sits to leave in the same way: nobody tells us of a colleague who may no longer enter. */
  async recheck(socket: LiveSocket): Promise<void> {
    const { pass } = socket.data.guest;
    if (!pass || pass.arrivalId === null || !sits(socket, pass.arrivalId) || (await this.gate.maySit(pass))) return;
    socket.emit('ended');
    socket.disconnect(true);
  }

  /** After the line to the other instances was cut: all who sit here find all who sit there. */
  async reunite(): Promise<void> {
    for (const { arrivalId, here } of this.#calls()) {
      for (const one of await this.neighbours.seatedAt(arrivalId)) this.introduce(arrivalId, one);
      for (const one of here) this.neighbours.tellOfSeat(arrivalId, one);
      await this.review(arrivalId); // what ended it meanwhile was not heard of
    }
  }

  #announce(me: Seated, id: string, others: readonly Seated[]): void {
    for (const older of others) if (older.chair === me.chair) this.#replace(older.id);
    this.introduce(id, me);
    this.neighbours.tellOfSeat(id, me);
  }

  /** Who sits in a call, at whichever instance. */
  #others(me: Seated, { arrivalId, met, gone }: Coming, there: readonly Seated[]): Seated[] {
    const all = [...there, ...met.values(), ...this.seatedHere(arrivalId)];
    const known = new Map(all.map((one) => [one.id, one]));
    return [...known.values()].filter(({ id }) => id !== me.id && !gone.has(id));
  }

  #replace(older: string): void {
    this.io.to(older).emit('replaced');
    this.io.in(older).disconnectSockets(true);
  }

  #comingTo(arrivalId: string): Coming[] {
    return [...this.#coming].filter((coming) => coming.arrivalId === arrivalId);
  }

  #socketsIn(arrivalId: string): LiveSocket[] {
    return socketsIn(this.io, ROOMS.call(arrivalId));
  }

  /** The calls in which somebody of this instance sits. */
  #calls(): { arrivalId: string; here: Seated[] }[] {
    const passes = [...this.io.of('/').sockets.values()].map((socket) => socket.data.guest.pass);
    const ids = new Set(passes.flatMap((pass) => pass?.arrivalId ?? []));
    return [...ids].map((arrivalId) => ({ arrivalId, here: this.seatedHere(arrivalId) })).filter((c) => c.here.length);
  }
}

export const sits = (socket: LiveSocket, id: string): boolean => socket.rooms.has(ROOMS.call(id));

/** What one who sits there is told of another. */
const asSeenBy = (reader: Seated, { id, role, name, chair }: Seated): Peer => ({
  id,
  role,
  name,
  seat: createHash('sha256').update(chair).digest('base64url').slice(0, 16),
  offer: isCaller(reader, { id, role, name }),
});
