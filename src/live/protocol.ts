// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Server, Socket } from 'socket.io';
import { z } from 'zod';
import type { Pass } from '../waiting-room/pass.ts';
import type { Sitter } from '../waiting-room/sitters.ts';
import type { Guest } from './gate.ts';

/** Another in the call; `offer` says that whoever reads this sends the offer. */
export type Peer = Sitter & {
  readonly offer: boolean;
  /** The same for the same window after a reconnection or a reload, and says nothing else. */
  readonly seat: string;
};

/** The answer to who would sit down. */
export type Seating =
  | { readonly ok: false }
  | { readonly ok: true; readonly you: string; readonly ice: readonly object[]; readonly peers: readonly Peer[] };

/** What a browser hears. */
interface ToBrowser {
  /** Something on its page has: to be read again. */
  changed: () => void;
  peer: (peer: Peer) => void;
  left: (who: { id: string }) => void;
  signal: (message: { from: string; data: object }) => void;
  chat: (message: { from: string; name: string; text: string }) => void;
  caption: (message: { from: string; text: string }) => void;
  /** The same seat is now in another window. */
  replaced: () => void;
  /** The call is over, or theirs no longer. */
  ended: () => void;
}

/** What a browser says. */
interface FromBrowser {
  sit: (answer: unknown) => void;
  signal: (message: unknown) => void;
  rebuild: (message: unknown) => void;
  chat: (message: unknown) => void;
  caption: (message: unknown) => void;
}

/** Somebody who sits in a call, as instances tell each other. */
export interface Seated extends Sitter {
  /** The same person in the same window, also after a reload. */
  readonly chair: string;
}

/** What instances tell each other. */
interface BetweenInstances {
  arrival: (id: string) => void;
  seated: (arrivalId: string, who: Seated) => void;
  risen: (arrivalId: string, id: string) => void;
  who: (arrivalId: string, answer: (seated: readonly Seated[]) => void) => void;
}

export type LiveIo = Server<FromBrowser, ToBrowser, BetweenInstances, { guest: Guest }>;
export type LiveSocket = Socket<FromBrowser, ToBrowser, BetweenInstances, { guest: Guest }>;

const To = z.string().min(1).max(40);
export const Signal = z.object({ to: To, data: z.record(z.string(), z.unknown()) });
export const Rebuild = z.object({ to: To });
export const Chat = z.object({ text: z.string().trim().min(1).max(500) });
export const Caption = z.object({ text: z.string().trim().min(1).max(300) });

/** Groups of connections that hear the same. */
export const ROOMS = {
  /** Everybody who watches the doors, and those of them from one network. */
  watchers: 'watchers',
  watchersFrom: (client: string) => `watchers@${client}`,
  citizens: 'citizens',
  staff: 'staff',
  /** All doors of an authority. */
  doors: (authorityId: string) => `doors:${authorityId}`,
  door: (authorityId: string, officeId: string) => `door:${authorityId}/${officeId}`,
  arrival: (id: string) => `arrival:${id}`,
  call: (arrivalId: string) => `call:${arrivalId}`,
  /** One who sits in that call: nobody there, for an id of another call. */
  sitter: (arrivalId: string, id: string) => `sitter:${arrivalId}/${id}`,
} as const;

export const sitterOf = ({ id }: { readonly id: string }, { role, name, seat, staffId }: Pass): Seated => ({
  id,
  role,
  name,
  chair: `${staffId ?? role} ${seat}`,
});

/** The connections of this instance in a room. */
export function socketsIn(io: LiveIo, room: string): LiveSocket[] {
  const { adapter, sockets } = io.of('/');
  return [...(adapter.rooms.get(room) ?? [])].flatMap((id) => sockets.get(id) ?? []);
}
