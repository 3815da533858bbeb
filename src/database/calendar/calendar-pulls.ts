// SPDX-License-Identifier: AGPL-3.0-or-later
import { LessThan, MoreThan } from 'typeorm';
import type { Millis } from '../../time/clock.ts';
import type { Interval, Minute } from '../../time/interval.ts';
import type { Database } from '../engine/database.ts';
import { CalendarEvent, CalendarLink, type LinkState } from '../rows.ts';
import type { Transaction } from '../engine/transaction.ts';

/** How long one pull may take, in the database's own time, before another may begin. */
const LEASE_MS: Millis = 120_000;
const AT_ONCE = 200;
/** Begins what went wrong when we looked, which the next look mends; what went wrong when we wrote, it does not. */
const WHEN_READING = 'reading: ';

/** Whoever was told of a change, or by staff, while we looked has set another time: that one holds. */
const DUE_UNLESS_HURRIED = 'due_at = CASE WHEN due_at = ? THEN ? ELSE due_at END';

const NOT_OWED = `NOT EXISTS (SELECT 1 FROM outbox o
  WHERE o.booking_id = b.id AND o.recipient = 'google' AND o.status = 'owed')`;

/** What one look at a calendar brought, to be written with the token that stands for having seen it. */
export interface Look {
  readonly syncToken: string;
  /** What the calendar calls itself. */
  readonly account: string | null;
  /** Other people's events that keep the counter busy. */
  readonly busy: readonly CalendarEvent[];
  /** Ids of events that no longer do. */
  readonly free: readonly string[];
  /** Everything was listed: what is not in `busy` keeps nobody busy. */
  readonly whole: boolean;
}

/** Another instance has begun a look of its own since. */
export class LeaseLost extends Error {}

/** The calendars we look into: one look at a time, each written whole or not at all. */
export class CalendarPulls {
  constructor(private readonly database: Database) {}

  /** Counters whose calendar is to be looked at by now and that nobody is looking at. */
  async due(now: Millis): Promise<number[]> {
    const rows = await this.database.rows<{ counter: number }>(
      `SELECT counter FROM calendar_links
        WHERE due_at <= ? AND state <> 'stopped' AND lease_until <= ${this.database.time} ORDER BY due_at LIMIT 20`,
      [now],
    );
    return rows.map((row) => row.counter);
  }

  /** @returns null when another is looking at it, or has done so meanwhile. */
  async claim(counter: number, now: Millis): Promise<CalendarLink | null> {
    const { time } = this.database;
    const claimed = await this.database.run(
      `UPDATE calendar_links SET lease_until = ${time} + ${LEASE_MS}
        WHERE counter = ? AND due_at <= ? AND lease_until <= ${time}`,
      [counter, now],
    );
    return claimed === 1 ? this.database.reading.findOneBy(CalendarLink, { counter }) : null;
  }

  /** All there are, whatever the authority file now says. */
  links(): Promise<CalendarLink[]> {
    return this.database.reading.find(CalendarLink);
  }

  linksOf(authorityId: string): Promise<CalendarLink[]> {
    return this.database.reading.findBy(CalendarLink, { authorityId });
  }

  /** Another calendar of the same counter: everything begins anew, but for the way in. */
  async begin(counter: number, calendarId: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.run('DELETE FROM calendar_events WHERE counter = ?', [counter]);
      await tx.run(
        `UPDATE calendar_links SET calendar_id = ?, sync_token = NULL, synced_at = 0, state = 'ok', error = NULL, due_at = 0,
            lease_until = 0, channel_id = NULL, channel_hash = NULL, resource_id = NULL, channel_expires_at = 0
          WHERE counter = ?`,
        [calendarId, counter],
      );
    });
  }

  /** Forgets a calendar: what is known of its events, and how to come in. */
  async drop(counter: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.run('DELETE FROM calendar_events WHERE counter = ?', [counter]);
      await tx.run('DELETE FROM calendar_links WHERE counter = ?', [counter]);
    });
  }

  known(counter: number): Promise<CalendarEvent[]> {
    return this.database.reading.findBy(CalendarEvent, { counter });
  }

  /** Writes what was seen and the token in one transaction. @throws LeaseLost; then nothing is written */
  async save(link: CalendarLink, look: Look, now: Millis, dueAt: Millis): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.#forget(tx, link.counter, look);
      for (let i = 0; i < look.busy.length; i += AT_ONCE)
        await tx.insert(CalendarEvent, look.busy.slice(i, i + AT_ONCE));
      const ours = await tx.run(
        `UPDATE calendar_links SET sync_token = ?, account = ?, synced_at = ?, ${DUE_UNLESS_HURRIED}, lease_until = 0,
            error = CASE WHEN state <> ? OR (state = 'error' AND error NOT LIKE '${WHEN_READING}%') THEN error END,
            state = CASE WHEN state <> ? OR (state = 'error' AND error NOT LIKE '${WHEN_READING}%') THEN state
              ELSE 'ok' END
          WHERE counter = ? AND calendar_id = ? AND lease_until = ?`,
        [
          look.syncToken,
          look.account,
          now,
          link.dueAt,
          dueAt,
          link.state,
          link.state,
          link.counter,
          link.calendarId,
          link.leaseUntil,
        ],
      );
      if (!ours) throw new LeaseLost();
    });
  }

  /** A look that came to nothing: what is known stays, and its token with it. */
  async giveUp(link: CalendarLink, dueAt: Millis, state: LinkState, error: string): Promise<void> {
    await this.database.transaction((tx) => this.giveUpIn(tx, link, dueAt, state, `${WHEN_READING}${error}`));
  }

  async giveUpIn(tx: Transaction, link: CalendarLink, dueAt: Millis, state: LinkState, error: string): Promise<void> {
    await tx.run(
      `UPDATE calendar_links SET ${DUE_UNLESS_HURRIED}, lease_until = 0,
          error = CASE WHEN state = ? THEN ? ELSE error END, state = CASE WHEN state = ? THEN ? ELSE state END
        WHERE counter = ? AND calendar_id = ? AND lease_until = ?`,
      [
        link.dueAt,
        dueAt,
        link.state,
        error.slice(0, 250),
        link.state,
        state,
        link.counter,
        link.calendarId,
        link.leaseUntil,
      ],
    );
  }

  /** Makes the next look come sooner; a look that is under way may be too old to see why, so another follows it. */
  async hurry(counter: number, dueAt: Millis): Promise<void> {
    await this.database.run(
      `UPDATE calendar_links SET due_at = ?
        WHERE counter = ? AND (due_at > ? OR lease_until > ${this.database.time})`,
      [dueAt, counter, dueAt],
    );
  }

  /** When these counters are busy with what is not ours, between two instants; sorted by start. */
  async busyTimes(
    counters: readonly number[],
    { start, end }: Interval,
  ): Promise<{ counter: number; time: Interval }[]> {
    if (!counters.length) return [];
    const marks = counters.map(() => '?').join(', ');
    const rows = await this.database.rows<{ counter: number; starts_at: Minute; ends_at: Minute }>(
      `SELECT counter, starts_at, ends_at FROM calendar_events
        WHERE counter IN (${marks}) AND starts_at < ? AND ends_at > ? AND busy = 1 AND booking_id IS NULL ORDER BY starts_at`,
      [...counters, end, start],
    );
    return rows.map((row) => ({ counter: row.counter, time: { start: row.starts_at, end: row.ends_at } }));
  }

  /** For the metrics: milliseconds since the calendar longest unread was read, and how many do not let us in. */
  async state(now: Millis): Promise<{ readonly lag: Millis; readonly shut: number }> {
    const [row] = await this.database.rows<{ oldest: number | null; shut: number | null }>(
      `SELECT MIN(CASE WHEN synced_at > 0 THEN synced_at END) AS oldest,
        SUM(CASE WHEN state = 'reauthorize' THEN 1 ELSE 0 END) AS shut FROM calendar_links`,
    );
    return { lag: row?.oldest == null ? 0 : now - Number(row.oldest), shut: Number(row?.shut ?? 0) };
  }

  byChannel(channelId: string): Promise<CalendarLink | null> {
    return this.database.reading.findOneBy(CalendarLink, { channelId });
  }

  /** Links that work and have no channel that lives longer than this. */
  channelsEnding(by: Millis): Promise<CalendarLink[]> {
    return this.database.reading.findBy(CalendarLink, {
      state: 'ok',
      syncedAt: MoreThan(0),
      channelExpiresAt: LessThan(by),
    });
  }

  /** @returns false when the link has another channel by now, or another calendar: then this one is nobody's. */
  async keepChannel(
    { counter, calendarId, channelExpiresAt }: CalendarLink,
    channel: { readonly id: string; readonly hash: string; readonly resourceId: string; readonly endsAt: Millis },
  ): Promise<boolean> {
    const kept = await this.database.run(
      `UPDATE calendar_links SET channel_id = ?, channel_hash = ?, resource_id = ?, channel_expires_at = ?
        WHERE counter = ? AND calendar_id = ? AND channel_expires_at = ?`,
      [channel.id, channel.hash, channel.resourceId, channel.endsAt, counter, calendarId, channelExpiresAt],
    );
    return kept === 1;
  }

  /**
   * Remembers one of our events as it was found, unless it has been written since: with its time, for what staff asked
   * once they do not ask again by changing something else of it.
   */
  async note(tx: Transaction, row: CalendarEvent, found: { etag: string; time?: Interval | null }): Promise<void> {
    const { start, end } = found.time ?? row;
    await tx.run(
      `UPDATE calendar_events SET etag = ?, starts_at = ?, ends_at = ?
        WHERE counter = ? AND event_id = ? AND etag = ? AND version = ?`,
      [found.etag, start, end, row.counter, row.eventId, row.etag, row.version],
    );
  }

  /** What staff say of a link, unless it is no longer as they saw it. The next look comes at once and goes by it. */
  async turn(counter: number, from: readonly LinkState[], to: LinkState, now: Millis): Promise<boolean> {
    const marks = from.map(() => '?').join(', ');
    const turned = await this.database.run(
      `UPDATE calendar_links SET state = ?, error = NULL, due_at = ? WHERE counter = ? AND state IN (${marks})`,
      [to, now, counter, ...from],
    );
    return turned === 1;
  }

  /** Somebody has let us in: with what, and the calendar is read anew. @param token sealed */
  async admit(counter: number, token: string, now: Millis): Promise<void> {
    await this.database.run(
      `UPDATE calendar_links SET refresh_token = ?, state = 'ok', error = NULL, sync_token = NULL, due_at = ?
        WHERE counter = ?`,
      [token, now, counter],
    );
  }

  /**
   * Bookings still to come whose event is not as it should be and of which no write is owed: they were there before the
   * calendar, or their write was given up.
   */
  async unwritten(counter: number, now: Minute): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      `SELECT b.id FROM bookings b LEFT JOIN calendar_events e ON e.booking_id = b.id AND e.counter = b.counter
        WHERE b.counter = ? AND b.starts_at > ? AND b.status IN ('pending', 'confirmed')
          AND (e.event_id IS NULL OR e.version < b.version) AND ${NOT_OWED}
        UNION
       SELECT b.id FROM calendar_events e JOIN bookings b ON b.id = e.booking_id
        WHERE e.counter = ? AND e.starts_at > ? AND (b.status = 'cancelled' OR b.counter <> e.counter) AND ${NOT_OWED}`,
      [counter, now, counter, now],
    );
    return rows.map((row) => row.id);
  }

  async #forget(tx: Transaction, counter: number, { whole, busy, free }: Look): Promise<void> {
    if (whole) {
      await tx.run('DELETE FROM calendar_events WHERE counter = ? AND booking_id IS NULL', [counter]);
      return;
    }
    const ids = [...free, ...busy.map((event) => event.eventId)];
    for (let i = 0; i < ids.length; i += AT_ONCE) {
      const some = ids.slice(i, i + AT_ONCE);
      const marks = some.map(() => '?').join(', ');
      await tx.run(`DELETE FROM calendar_events WHERE counter = ? AND booking_id IS NULL AND event_id IN (${marks})`, [
        counter,
        ...some,
      ]);
    }
  }
}
