// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Pass } from '../waiting-room/pass.ts';
import { sits, type Chairs } from './chairs.ts';
import { Caption, Chat, Rebuild, ROOMS, Signal, type LiveSocket, type Seating } from './protocol.ts';

/** What those in a call say to each other: each message only of one who sits there, and only to who sits in the very same call. */
export class Calls {
  constructor(private readonly chairs: Chairs) {}

  /** To be called for each connection; it hears only those whose pass is for a call. */
  welcome(socket: LiveSocket, pass: Pass): void {
    const id = pass.arrivalId;
    if (id === null) return;
    socket.on('sit', (answer) => void this.#sit(socket, pass, id, answer));
    socket.on('signal', (said) => {
      const { success, data } = Signal.safeParse(said);
      if (success) tell(socket, id, data.to, data.data);
    });
    socket.on('rebuild', (said) => {
      const { success, data } = Rebuild.safeParse(said);
      if (success) tell(socket, id, data.to, { rebuild: true });
    });
    socket.on('chat', (said) => {
      const { success, data } = Chat.safeParse(said);
      if (success && sits(socket, id))
        socket.to(ROOMS.call(id)).emit('chat', { from: socket.id, name: pass.name, text: data.text });
    });
    socket.on('caption', (said) => {
      const { success, data } = Caption.safeParse(said);
      if (success && sits(socket, id)) socket.to(ROOMS.call(id)).emit('caption', { from: socket.id, text: data.text });
    });
    socket.on('disconnecting', () => this.chairs.rise(socket, id));
  }

  async #sit(socket: LiveSocket, pass: Pass, id: string, answer: unknown): Promise<void> {
    if (typeof answer !== 'function') return;
    let isAnswered = false;
    const say = (seating: Seating): void => {
      isAnswered = true;
      answer(seating);
    };
    // A database that does not answer: the page tries again.
    await this.chairs.sit(socket, pass, id, say).catch(() => isAnswered || say({ ok: false }));
  }
}

function tell(socket: LiveSocket, id: string, to: string, data: object): void {
  if (sits(socket, id)) socket.to(ROOMS.sitter(id, to)).emit('signal', { from: socket.id, data });
}
