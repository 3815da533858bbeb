// SPDX-License-Identifier: AGPL-3.0-or-later
import type { IncomingMessage } from 'node:http';
import type { Millis } from '../time/clock.ts';
import type { Pass } from '../waiting-room/pass.ts';

/** Whom a live connection is for. */
export interface Guest {
  readonly authorityId: string;
  /** Null for who only watches the doors. */
  readonly pass: Pass | null;
}

/** What the live connections ask of the house, which knows the authorities and the people. */
export interface Gate {
  /** Whether it is a page of ours that wants a connection, and not too often. */
  isOurs(request: IncomingMessage): Promise<boolean>;
  /** Whose the connection is, by what the page says of itself; null to refuse, whatever the reason. */
  admit(request: IncomingMessage, says: unknown): Promise<Guest | null>;
  /** Those who come from one network, to count them. */
  clientOf(request: IncomingMessage): string;
  maySit(pass: Pass): Promise<boolean>;
  /** Before which door they are now; null when it is over. */
  officeOf(pass: Pass): Promise<string | null>;
  /** They have given a sign of life, so long ago. */
  alive(pass: Pass, ago?: Millis): Promise<void>;
  /** `RTCIceServer`s for their browser. */
  iceServers(pass: Pass): readonly object[];
}
