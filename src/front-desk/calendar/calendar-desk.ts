// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Chance } from '../../bookings/chance.ts';
import { noticeTo } from '../../bookings/notices.ts';
import { LeaseLost } from '../../database/calendar/calendar-pulls.ts';
import { Forthcoming } from '../../database/forthcoming.ts';
import type { Registers } from '../../database/registers.ts';
import type { CalendarEvent, CalendarLink, LinkState } from '../../database/rows.ts';
import type { Calendars } from '../../calendars/calendars.ts';
import { CalendarFailure } from '../../calendars/calendar-failure.ts';
import { linkOf, type Link } from '../../calendars/link.ts';
import type { Authority } from '../../offices/authority.ts';
import { toMinute, type Millis } from '../../time/clock.ts';
import { listEvents, type Listed } from './listing.ts';
import type { CalendarLeaving } from './leaving.ts';
import type { CalendarRequests, OfDeleted } from './requests.ts';
import type { CalendarWish, OwnEvent } from './wish.ts';
import { busyIn, ownIn } from './sorting.ts';
import type { Issuer } from '../issuer.ts';

export const POLL_MS: Millis = 5 * 60_000;
const TRY_AGAIN_MS: Millis = 60_000;
/** Nobody mends an authorisation sooner, and Google is not to be hammered. */
const MENDED_MS: Millis = 10 * 60_000;
/** So many own events deleted at once were not meant one by one: the calendar was emptied, or is no longer shared. */
const MOST_DELETED = 3;

/** What staff have said to a link that had stopped. */
const OF_DELETED: Partial<Record<LinkState, OfDeleted>> = { restoring: 'restore', asking: 'ask' };

interface Look {
  readonly link: CalendarLink;
  readonly authority: Authority;
  readonly listed: Listed;
}

/** Reads the counters' calendars: what keeps them busy, and what staff did to our events. */
export class CalendarDesk {
  readonly #forthcoming: Forthcoming;

  constructor(
    private readonly registers: Registers,
    private readonly requests: CalendarRequests,
    private readonly leaving: CalendarLeaving,
    private readonly google: Calendars,
    private readonly issuer: Issuer,
    private readonly chance: Chance,
  ) {
    this.#forthcoming = new Forthcoming(registers.database);
  }

  /** Looks at every calendar whose time has come. @returns how many */
  async lookAtDue(): Promise<number> {
    const due = await this.registers.calendarPulls.due(this.issuer.now());
    let looked = 0;
    for (const counter of due) if (await this.look(counter)) looked++;
    return looked;
  }

  /** Looks at one calendar whose time has come, unless somebody is looking at it. @returns whether we did. */
  async look(counter: number): Promise<boolean> {
    const link = await this.registers.calendarPulls.claim(counter, this.issuer.now());
    if (!link) return false;
    const authority = await this.registers.authorities.find(link.authorityId);
    const keyed = authority?.counterByKey(counter);
    const google = keyed ? linkOf(keyed, link.refreshToken) : null;
    if (!authority || !google) await this.registers.calendarPulls.drop(counter);
    else if (link.state === 'leaving') await this.#leave(authority, link, google);
    else if (google.calendarId !== link.calendarId)
      await this.registers.calendarPulls.begin(counter, google.calendarId);
    else await this.#lookInto(authority, link, google);
    return true;
  }

  /** A calendar that staff have left: out with our events first, for afterwards nobody lets us in. */
  async #leave(authority: Authority, link: CalendarLink, google: Link): Promise<void> {
    try {
      await this.leaving.leave(authority, link, google);
    } catch (fault) {
      await this.#giveUp(link, fault);
      if (!(fault instanceof CalendarFailure)) throw fault;
    }
  }

  async #lookInto(authority: Authority, link: CalendarLink, google: Link): Promise<void> {
    const before = await this.registers.calendarPulls.known(link.counter);
    try {
      const listed = await listEvents(this.google, google, link.syncToken, authority.zone, this.issuer.now());
      await this.#takeIn({ link, authority, listed }, before);
    } catch (fault) {
      if (fault instanceof LeaseLost) return;
      await this.#giveUp(link, fault);
      if (!(fault instanceof CalendarFailure)) throw fault;
    }
  }

  /** Requests first, each by itself; then what is busy, with the token. Whoever dies between sees the same once more. */
  async #takeIn(look: Look, before: readonly CalendarEvent[]): Promise<void> {
    const { link, authority, listed } = look;
    const ofDeleted = OF_DELETED[link.state] ?? 'as-the-office-has-it';
    const wishes = await this.#wishes(look, before);
    const deleted = wishes.filter(([, wish]) => wish.do === 'deleted');
    if (deleted.length > MOST_DELETED && ofDeleted === 'as-the-office-has-it')
      return this.#stop(
        link,
        deleted.map(([own]) => own),
      );
    for (const [own, wish] of wishes) await this.requests.carryOut(authority, own, wish, ofDeleted);
    await this.#save(look);
    if (listed.whole) await this.writeAll(authority, link.counter);
  }

  async #wishes(
    { link, authority, listed }: Look,
    before: readonly CalendarEvent[],
  ): Promise<[OwnEvent, CalendarWish][]> {
    const known = await this.registers.calendarPulls.known(link.counter);
    const found = ownIn(listed, before, known, toMinute(this.issuer.now()));
    const bookings = await this.#forthcoming.byId(found.map(({ row }) => row.bookingId!));
    return found.flatMap(({ row, item }) => {
      const booking = bookings.get(row.bookingId!);
      if (!booking) return [];
      const own = { row, item, booking };
      return [[own, this.requests.wishOf(authority, own)] satisfies [OwnEvent, CalendarWish]];
    });
  }

  async #save({ link, listed }: Look): Promise<void> {
    const now = this.issuer.now();
    const { busy, free } = busyIn(listed, link.counter, toMinute(now));
    const { syncToken, account, whole } = listed;
    await this.registers.calendarPulls.save(
      link,
      { syncToken, account, whole, busy, free },
      now,
      now + this.#jittered(POLL_MS),
    );
    if (busy.length || free.length || whole) this.registers.changed();
  }

  /** Owes the events that a calendar lacks. */
  async writeAll(authority: Authority, counter: number): Promise<void> {
    const { calendarPulls, outbox, database } = this.registers;
    const now = this.issuer.now();
    const bookings = await this.#forthcoming.byId(await calendarPulls.unwritten(counter, toMinute(now)));
    if (!bookings.size || !authority.counterByKey(counter)?.googleCalendar) return;
    await database.transaction(async (tx) => {
      for (const booking of bookings.values())
        await outbox.owe(tx, booking, [noticeTo('google', booking, 'event', now)], this.issuer.id);
    });
    this.registers.changed();
  }

  /** Nothing is done and nothing forgotten until staff say what was meant; the office gets one letter. */
  async #stop(link: CalendarLink, deleted: readonly OwnEvent[]): Promise<void> {
    const { calendarPulls, outbox, database } = this.registers;
    const now = this.issuer.now();
    const { booking } = deleted[0]!;
    const letter = noticeTo('office', booking, 'told', now, { by: 'calendar', why: 'calendar-emptied' });
    await database.transaction(async (tx) => {
      await calendarPulls.giveUpIn(tx, link, now + MENDED_MS, 'stopped', String(deleted.length));
      await outbox.owe(tx, booking, [letter], this.issuer.id);
    });
    this.registers.changed();
  }

  async #giveUp(link: CalendarLink, fault: unknown): Promise<void> {
    const { calendarPulls } = this.registers;
    const now = this.issuer.now();
    if (!(fault instanceof CalendarFailure))
      return calendarPulls.giveUp(link, now + this.#jittered(TRY_AGAIN_MS), link.state, 'fault');
    const retry = Math.max(fault.retryAfter, this.#jittered(TRY_AGAIN_MS));
    if (fault.kind === 'retry') return calendarPulls.giveUp(link, now + retry, link.state, fault.message);
    const state = fault.kind === 'reauthorize' ? 'reauthorize' : 'error';
    return calendarPulls.giveUp(link, now + MENDED_MS, link.state === 'leaving' ? 'leaving' : state, fault.message);
  }

  /** Between nine tenths and eleven tenths, so that not all calendars come at once. */
  #jittered(time: Millis): Millis {
    return Math.round(time * (0.9 + this.chance.bytes(1)[0]! / 1280));
  }
}
