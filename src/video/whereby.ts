// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import { toMillis } from '../time/clock.ts';
import type { Call } from './call.ts';
import type { Network } from './network.ts';
import type { KeptRoom, MadeRoom, Person, Provider, RoomMaker } from './provider.ts';
import { addressAt, listIn, textAt } from './said.ts';
import { unlessGone, VideoFailure } from './video-failure.ts';

interface WherebySettings {
  /** Without a slash at the end. */
  readonly apiUrl: string;
  readonly key: string;
}

/** Letters and digits, 39 at most. */
const MARK_CHARACTERS = 32;

/**
 * Whereby's API (docs.whereby.com, `/v1/meetings`). It knows no idempotency key: rooms of a call are told by the prefix of
 * their name. A room works from when it is made until an hour after `endDate`, which cannot be changed.
 */
export class Whereby implements Provider, RoomMaker {
  readonly name = 'whereby';
  readonly rooms = this;

  constructor(
    private readonly settings: WherebySettings,
    private readonly network: Network,
  ) {}

  enter(_call: Call, { role }: Person, room: KeptRoom | null): Promise<string | null> {
    return Promise.resolve(room && ((role === 'staff' ? room.staffUrl : null) ?? room.citizenUrl));
  }

  async make(call: Call): Promise<MadeRoom> {
    const made = await this.#ask('POST', '', {
      endDate: new Date(toMillis(call.end)).toISOString(),
      roomMode: 'normal',
      // Whoever comes before the staff knocks: an address that is passed on opens nothing by itself.
      isLocked: true,
      roomNamePrefix: markOf(call),
      roomNamePattern: 'uuid',
      fields: ['hostRoomUrl'],
    });
    const [externalId, citizenUrl, staffUrl] = [
      textAt(made, 'meetingId'),
      addressAt(made, 'roomUrl'),
      addressAt(made, 'hostRoomUrl'),
    ];
    if (!externalId || !citizenUrl) throw new VideoFailure('again', { status: 201, reason: 'unreadable' });
    return { externalId, citizenUrl, staffUrl };
  }

  async remove(externalId: string): Promise<void> {
    await this.#ask('DELETE', `/${encodeURIComponent(externalId)}`).catch(unlessGone);
  }

  async find(call: Call): Promise<string[]> {
    const asked = new URLSearchParams({ 'roomName[startsWith]': `/${markOf(call)}`, limit: '100' });
    const said = await this.#ask('GET', `?${asked.toString()}`);
    return listIn(said, 'results')
      .filter((room) => textAt(room, 'roomName')?.startsWith(`/${markOf(call)}`))
      .flatMap((room) => textAt(room, 'meetingId') ?? []);
  }

  #ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const { apiUrl, key } = this.settings;
    return this.network.ask({ method, url: `${apiUrl}/v1/meetings${path}`, authorization: `Bearer ${key}`, body });
  }
}

const markOf = ({ bookingId }: Call): string =>
  createHash('sha256').update(`whereby:${bookingId}`).digest('hex').slice(0, MARK_CHARACTERS);
