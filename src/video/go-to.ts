// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import { toMillis } from '../time/clock.ts';
import type { Minute } from '../time/interval.ts';
import type { Call } from './call.ts';
import type { GoToTokens } from './goto-tokens.ts';
import type { Network } from './network.ts';
import type { KeptRoom, MadeRoom, Person, Provider, RoomMaker } from './provider.ts';
import { addressAt, listIn, textAt } from './said.ts';
import { unlessGone, VideoFailure } from './video-failure.ts';

const MARK_CHARACTERS = 12;
/** What a subject may be long, mark and all. */
const LONGEST_SUBJECT = 100;

/**
 * GoToMeeting's API (`/G2M/rest`). A meeting is made with all seven keys or refused, and answered as a list. It has no key
 * of ours, so the subject ends in a mark by which the meetings of a call are told. It is begun by the organizer, signed in
 * at GoTo: everybody has the same address.
 */
export class GoTo implements Provider, RoomMaker {
  readonly name = 'goto';
  readonly rooms = this;

  constructor(
    private readonly apiUrl: string,
    private readonly tokens: GoToTokens,
    private readonly network: Network,
  ) {}

  enter(_call: Call, _who: Person, room: KeptRoom | null): Promise<string | null> {
    return Promise.resolve(room && room.citizenUrl);
  }

  async make(call: Call): Promise<MadeRoom> {
    const [made] = listIn(await this.#ask('POST', 'meetings', meetingOf(call)), 'meetings');
    const [externalId, citizenUrl] = [textAt(made, 'meetingid'), addressAt(made, 'joinURL')];
    if (!externalId || !citizenUrl) throw new VideoFailure('again', { status: 201, reason: 'unreadable' });
    return { externalId, citizenUrl, staffUrl: null };
  }

  async move(externalId: string, call: Call): Promise<void> {
    await this.#ask('PUT', `meetings/${encodeURIComponent(externalId)}`, meetingOf(call));
  }

  async remove(externalId: string): Promise<void> {
    await this.#ask('DELETE', `meetings/${encodeURIComponent(externalId)}`).catch(unlessGone);
  }

  async find(call: Call): Promise<string[]> {
    return listIn(await this.#ask('GET', 'upcomingMeetings'), 'meetings')
      .filter((meeting) => textAt(meeting, 'subject')?.endsWith(markOf(call)))
      .flatMap((meeting) => textAt(meeting, 'meetingId') ?? textAt(meeting, 'meetingid') ?? []);
  }

  /** With another token when this one is refused, once. */
  async #ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const url = `${this.apiUrl}/G2M/rest/${path}`;
    const once = (token: string) => this.network.ask({ method, url, authorization: `Bearer ${token}`, body });
    const token = await this.tokens.current();
    try {
      return await once(token);
    } catch (failure) {
      if (!(failure instanceof VideoFailure) || failure.status !== 401) throw failure;
      this.tokens.forget(token);
      return once(await this.tokens.current());
    }
  }
}

const meetingOf = (call: Call) => ({
  subject: `${call.subject.slice(0, LONGEST_SUBJECT - MARK_CHARACTERS - 3)} ${markOf(call)}`,
  starttime: utc(call.start),
  endtime: utc(call.end),
  passwordrequired: false,
  conferencecallinfo: 'VoIP',
  timezonekey: '',
  meetingtype: 'scheduled',
});

/** Without milliseconds, as their examples have it. */
const utc = (minute: Minute): string => `${new Date(toMillis(minute)).toISOString().slice(0, 19)}Z`;

const markOf = ({ bookingId }: Call): string =>
  `[${createHash('sha256').update(`goto:${bookingId}`).digest('hex').slice(0, MARK_CHARACTERS)}]`;
