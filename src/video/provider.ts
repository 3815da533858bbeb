// SPDX-License-Identifier: AGPL-3.0-or-later
import type { VideoProvider } from '../offices/definition.ts';
import type { Call } from './call.ts';

/** Who enters, as the others see them. */
export interface Person {
  readonly role: 'citizen' | 'staff';
  readonly name: string;
}

/** A room as the courier has kept it. `staffUrl` opens it as its moderator, and never reaches a citizen or a log. */
export interface KeptRoom {
  readonly citizenUrl: string;
  readonly staffUrl: string | null;
}

export interface MadeRoom extends KeptRoom {
  /** As the provider calls it. */
  readonly externalId: string;
}

/** What the courier asks of a provider whose rooms are made over the network, each request once. */
export interface RoomMaker {
  /** @throws VideoFailure; it may have made a room all the same, that nobody knows of */
  make(call: Call): Promise<MadeRoom>;
  /** Tells of another time. Absent where a room cannot be moved, so that another is made. @throws VideoFailure gone */
  move?(externalId: string, call: Call): Promise<void>;
  /** One that is gone already is no failure. @throws VideoFailure */
  remove(externalId: string): Promise<void>;
  /** Rooms of this call there are, whether we know of them or not, as the provider calls them. @throws VideoFailure */
  find(call: Call): Promise<string[]>;
}

/**
 * The port behind which all who carry calls stand, but our own room. Another is one more file here and one more line in
 * `providers.ts`; docs/video.md says how for BigBlueButton, LiveKit and La Suite Meet.
 */
export interface Provider {
  readonly name: VideoProvider;
  /** Of those whose rooms are made beforehand. */
  readonly rooms?: RoomMaker;
  /**
   * The address at which one person enters, made when they ask for it, without the network.
   * @returns null when there is none: our own room stands in
   */
  enter(call: Call, who: Person, room: KeptRoom | null): Promise<string | null>;
}
