// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';
import { Refused, ProviderStub, type Asked, type Reply } from './stub.ts';

const KEY = 'the key of whereby';
const Creation = z.strictObject({
  endDate: z.iso.datetime({ offset: true }),
  isLocked: z.boolean().optional(),
  roomMode: z.enum(['normal', 'group']).optional(),
  roomNamePrefix: z
    .string()
    .regex(/^[a-z0-9-]{0,39}$/)
    .optional(),
  roomNamePattern: z.enum(['uuid', 'human-short']).optional(),
  templateType: z.enum(['viewerMode']).optional(),
  fields: z.array(z.enum(['hostRoomUrl', 'viewerRoomUrl'])).optional(),
});

interface Meeting {
  meetingId: string;
  startDate: string;
  endDate: string;
  roomName: string;
  roomUrl: string;
  hostRoomUrl: string;
}

/** Whereby's `/v1/meetings`: no idempotency key, no change of a meeting that is there. */
export class WherebyStub extends ProviderStub {
  /** Every room that was ever made, and whether it is still there. */
  readonly meetings: (Meeting & { deleted: boolean })[] = [];

  static async start(clock: { now(): number }): Promise<WherebyStub> {
    const stub = new WherebyStub(clock);
    await stub.listen();
    return stub;
  }

  get settings() {
    return { apiUrl: this.url, key: KEY };
  }

  get live(): Meeting[] {
    return this.meetings.filter(({ deleted }) => !deleted);
  }

  protected answer({ method, path, query, headers, body }: Asked): Reply {
    if (headers.authorization !== `Bearer ${KEY}`)
      throw new Refused(401, { error: 'Access token is missing or invalid' });
    const [, id] = /^\/v1\/meetings(?:\/([^/]+))?$/.exec(path) ?? [];
    if (!path.startsWith('/v1/meetings')) throw new Refused(404, { error: 'Not found' });
    if (method === 'POST' && !id) return { status: 201, body: this.#create(headers['content-type'], body) };
    if (method === 'GET' && !id) return { status: 200, body: this.#list(query) };
    if (method === 'DELETE' && id) return this.#delete(id);
    throw new Refused(404, { error: 'Not found' });
  }

  #create(type: string | undefined, body: string): Partial<Meeting> {
    const read = type?.startsWith('application/json') ? Creation.safeParse(JSON.parse(body)) : null;
    if (!read?.success) throw new Refused(400, { error: 'Invalid parameter' });
    const { endDate, roomNamePrefix = '', fields = [] } = read.data;
    if (Date.parse(endDate) < this.clock.now()) throw new Refused(400, { error: 'endDate is in the past' });
    const n = this.meetings.length + 1;
    const roomName = `/${roomNamePrefix}${String(n).padStart(8, '0')}-72b9-4007-ac7b-56f38b8e29ba`;
    const roomUrl = `https://comune.whereby.example${roomName}`;
    const startDate = new Date(this.clock.now()).toISOString();
    const meeting = { meetingId: String(50_000_000 + n), startDate, endDate, roomName, roomUrl };
    const hostRoomUrl = `${roomUrl}?roomKey=the-key-of-the-host-${n}`;
    this.meetings.push({ ...meeting, hostRoomUrl, deleted: false });
    return fields.includes('hostRoomUrl') ? { ...meeting, hostRoomUrl } : meeting;
  }

  #list(query: URLSearchParams): object {
    const [known, limit] = [['roomName[startsWith]', 'limit', 'cursor', 'fields'], Number(query.get('limit') ?? 10)];
    if ([...query.keys()].some((key) => !known.includes(key)) || !(limit >= 1 && limit <= 100))
      throw new Refused(400, { error: 'Invalid parameter' });
    const start = query.get('roomName[startsWith]') ?? '';
    const results = this.live
      .filter(({ roomName }) => roomName.startsWith(start))
      .slice(0, limit)
      .map(({ meetingId, startDate, endDate, roomName, roomUrl }) => ({
        meetingId,
        startDate,
        endDate,
        roomName,
        roomUrl,
      }));
    return { results, cursor: null };
  }

  #delete(id: string): Reply {
    const meeting = this.live.find(({ meetingId }) => meetingId === id);
    if (!meeting) throw new Refused(404, { error: 'Not found' });
    Object.assign(meeting, { deleted: true });
    return { status: 204 };
  }
}
