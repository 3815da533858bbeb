// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Chance } from '../../../src/bookings/chance.ts';
import { GoogleError } from './refused.ts';

/** A notification on its way to the address of a channel; its body is empty. */
export interface Push {
  address: string;
  headers: Record<string, string>;
}

interface Channel {
  id: string;
  token: string;
  address: string;
  calendar: string;
  resourceId: string;
  expiration: number;
  messages: number;
}

const WEEK_MS = 7 * 24 * 60 * 60_000;

/** Push channels: what was asked to be told of, and what waits to be told. */
export class Channels {
  readonly #channels = new Map<string, Channel>();
  readonly #used = new Set<string>();
  #waiting: Push[] = [];

  constructor(private readonly now: () => number) {}

  get waiting(): readonly Push[] {
    return this.#waiting;
  }

  get open(): Channel[] {
    return [...this.#channels.values()].filter((channel) => channel.expiration > this.now());
  }

  watch(calendar: string, body: string): object {
    const asked = JSON.parse(body) as {
      id?: string;
      type?: string;
      token?: string;
      address?: string;
      params?: { ttl?: string };
    };
    if (asked.type !== 'web_hook' || !asked.id || !asked.address) throw new GoogleError(400, 'required');
    if (!asked.address.startsWith('https://'))
      throw new GoogleError(400, 'push.webhookUrlNotHttps', 'WebHook callback must be HTTPS');
    if (this.#used.has(asked.id)) throw new GoogleError(400, 'channelIdNotUnique', 'Channel id not unique');
    this.#used.add(asked.id);
    const life = asked.params?.ttl ? Number(asked.params.ttl) * 1000 : WEEK_MS;
    const channel: Channel = {
      id: asked.id,
      token: asked.token ?? '',
      address: asked.address,
      calendar,
      resourceId: `resource-of-${calendar}`,
      expiration: this.now() + Math.min(life, WEEK_MS),
      messages: 0,
    };
    this.#channels.set(channel.id, channel);
    this.#tell(channel, 'sync');
    const { id, resourceId, expiration } = channel;
    return { kind: 'api#channel', id, resourceId, resourceUri: uriOf(calendar), expiration: String(expiration) };
  }

  stop({ id, resourceId }: { id?: string; resourceId?: string }): void {
    const channel = this.#channels.get(id ?? '');
    if (!channel || channel.resourceId !== resourceId) throw new GoogleError(404, 'notFound', 'Channel not found');
    this.#channels.delete(channel.id);
  }

  changed(calendar: string): void {
    for (const channel of this.open) if (channel.calendar === calendar) this.#tell(channel, 'exists');
  }

  /** Takes all that wait; with `chance` a fifth is lost, a fifth comes twice, and the order is any. */
  take(chance?: Chance): Push[] {
    const taken = this.#waiting;
    this.#waiting = [];
    if (!chance) return taken;
    const lots = taken.map((push) => ({ push, lot: [...chance.bytes(2)] }));
    const copies = lots.flatMap(({ push, lot: [fate = 0, place = 0] }) =>
      Array.from({ length: fate % 5 === 0 ? 0 : fate % 5 === 1 ? 2 : 1 }, (_, n) => ({ push, place: place + n * 97 })),
    );
    return copies.sort((a, b) => (a.place % 256) - (b.place % 256)).map(({ push }) => push);
  }

  /** The numbers grow, but not always by one. */
  #tell(channel: Channel, state: 'sync' | 'exists'): void {
    channel.messages += state === 'sync' ? 1 : 2;
    this.#waiting.push({
      address: channel.address,
      headers: {
        'X-Goog-Channel-ID': channel.id,
        'X-Goog-Channel-Token': channel.token,
        'X-Goog-Channel-Expiration': new Date(channel.expiration).toUTCString(),
        'X-Goog-Resource-ID': channel.resourceId,
        'X-Goog-Resource-URI': uriOf(channel.calendar),
        'X-Goog-Resource-State': state,
        'X-Goog-Message-Number': String(channel.messages),
      },
    });
  }
}

const uriOf = (calendar: string): string =>
  `https://www.googleapis.com/calendar/v3/calendars/${encodeURIComponent(calendar)}/events?alt=json`;
