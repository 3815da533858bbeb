// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';
import { Refused, ProviderStub, type Asked, type Reply } from './stub.ts';

const CLIENT = { id: 'the client', secret: 'the secret of the client' };
const API = '/G2M/rest/';
const LIFE_SECONDS = 3600;
const Moment = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const Meeting = z.strictObject({
  subject: z.string().min(1).max(100),
  starttime: Moment,
  endtime: Moment,
  passwordrequired: z.literal(false),
  conferencecallinfo: z.enum(['VoIP', 'Hybrid', 'Free']),
  timezonekey: z.literal(''),
  meetingtype: z.literal('scheduled'),
});
type Written = z.infer<typeof Meeting>;

/** GoToMeeting's `/G2M/rest`, and the token endpoint whose refresh tokens die when they are used. */
export class GoToStub extends ProviderStub {
  /** Every meeting that was ever made, and whether it is still there. */
  readonly meetings: (Written & { meetingid: number; deleted: boolean })[] = [];
  #refresh = 'refresh-0';
  #given = 0;
  readonly #access = new Map<string, number>();

  static async start(clock: { now(): number }): Promise<GoToStub> {
    const stub = new GoToStub(clock);
    await stub.listen();
    return stub;
  }

  /** As the environment has them: the refresh token is the first. */
  get settings() {
    const { url } = this;
    const secrets = { clientId: CLIENT.id, clientSecret: CLIENT.secret, refreshToken: 'refresh-0' };
    return { apiUrl: url, tokenUrl: `${url}/oauth/token`, ...secrets };
  }

  get live() {
    return this.meetings.filter(({ deleted }) => !deleted);
  }

  /** The one that is good now. */
  get refreshToken(): string {
    return this.#refresh;
  }

  /** What an administrator of the account does: nobody is let in until there is another consent. */
  revoke(another = 'revoked'): void {
    this.#refresh = another;
    this.#access.clear();
  }

  /** Access tokens given so far are refused from now on. */
  forgetAccess(): void {
    this.#access.clear();
  }

  protected answer(asked: Asked): Reply {
    if (asked.path === '/oauth/token' && asked.method === 'POST') return { status: 200, body: this.#grant(asked) };
    const token = asked.headers.authorization?.replace(/^Bearer /, '') ?? '';
    if (!((this.#access.get(token) ?? 0) > this.clock.now()))
      throw new Refused(401, { int_err_code: 'InvalidToken', msg: 'Invalid token passed' });
    const path = asked.path.startsWith(API) ? asked.path.slice(API.length) : '';
    if (path === 'upcomingMeetings' && asked.method === 'GET') return { status: 200, body: this.#upcoming() };
    const [, id] = /^meetings(?:\/(\d+))?$/.exec(path) ?? [];
    if (path === 'meetings' && asked.method === 'POST') return { status: 201, body: [this.#create(asked)] };
    if (id && asked.method === 'PUT') return this.#change(Number(id), asked);
    if (id && asked.method === 'DELETE') return this.#delete(Number(id));
    throw new Refused(404, { error: { resource: asked.path, message: 'not found' } });
  }

  #grant({ headers, body }: Asked): object {
    const basic = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`;
    if (headers.authorization !== basic) throw new Refused(401, { error: 'invalid_client' });
    const form = new URLSearchParams(body);
    if (form.get('grant_type') !== 'refresh_token') throw new Refused(400, { error: 'unsupported_grant_type' });
    if (form.get('refresh_token') !== this.#refresh) throw new Refused(400, { error: 'invalid_grant' });
    this.#refresh = `refresh-${++this.#given}`;
    const token = `access-${this.#given}`;
    this.#access.set(token, this.clock.now() + LIFE_SECONDS * 1000);
    return { access_token: token, token_type: 'Bearer', expires_in: LIFE_SECONDS, refresh_token: this.#refresh };
  }

  #create(asked: Asked): object {
    const meeting = { ...writtenIn(asked), meetingid: 700_000_001 + this.meetings.length, deleted: false };
    this.meetings.push(meeting);
    const { meetingid, conferencecallinfo } = meeting;
    const joinURL = `https://global.gotomeeting.example/join/${meetingid}`;
    return {
      joinURL,
      meetingid,
      maxParticipants: 26,
      uniqueMeetingId: meetingid,
      conferenceCallInfo: conferencecallinfo,
    };
  }

  #upcoming(): object[] {
    return this.live.map(({ meetingid, subject, starttime, endtime }) => ({
      startTime: starttime.replace('Z', '.+0000'),
      endTime: endtime.replace('Z', '.+0000'),
      createTime: '',
      meetingId: meetingid,
      uniqueMeetingId: meetingid,
      maxParticipants: 26,
      passwordRequired: false,
      status: 'INACTIVE',
      subject,
      meetingType: 'scheduled',
      conferenceCallInfo: 'VoIP',
    }));
  }

  #change(id: number, asked: Asked): Reply {
    Object.assign(this.#found(id, asked), writtenIn(asked));
    return { status: 204 };
  }

  #delete(id: number): Reply {
    Object.assign(this.#found(id), { deleted: true });
    return { status: 204 };
  }

  #found(id: number, asked?: Asked): Written & { deleted: boolean } {
    const found = this.live.find(({ meetingid }) => meetingid === id);
    if (!found) throw new Refused(404, { error: { resource: asked?.path ?? '', message: 'not found' } });
    return found;
  }
}

function writtenIn({ headers, body }: Asked): Written {
  const read = headers['content-type']?.startsWith('application/json') ? Meeting.safeParse(JSON.parse(body)) : null;
  if (!read?.success) throw new Refused(400, { error: { resource: '/rest/meetings', message: 'invalid json' } });
  return read.data;
}
