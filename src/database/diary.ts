// SPDX-License-Identifier: AGPL-3.0-or-later
import { And, In, LessThan, MoreThan, MoreThanOrEqual, Not } from 'typeorm';
import { Booking } from '../bookings/booking.ts';
import { normalised } from '../bookings/reference.ts';
import type { Interval, Minute } from '../time/interval.ts';
import type { Database } from './engine/database.ts';
import type { Row } from './engine/driver.ts';
import { Question } from './rows.ts';

/** Time taken at a counter by something else than an appointment of the office that looks. */
export interface TakenTime {
  readonly counter: number;
  readonly time: Interval;
}

/** Names are matched by so many words at most. */
const MOST_WORDS = 5;

interface TimeRow extends Row {
  counter: number;
  starts_at: Minute;
  ends_at: Minute;
}

/** The bookings as those read them who work with them: by the day, by name, by what is still to be done. */
export class Diary {
  constructor(private readonly database: Database) {}

  /** The live bookings of an office that start in this time, the first first. */
  bookingsAt(authorityId: string, officeId: string, { start, end }: Interval): Promise<Booking[]> {
    return this.database.reading.find(Booking, {
      where: {
        authorityId,
        officeId,
        start: And(MoreThanOrEqual(start), LessThan(end)),
        status: Not('cancelled'),
      },
      order: { start: 'ASC', counter: 'ASC' },
    });
  }

  /** When these counters sit at another office in this time, and at which. */
  async elsewhere(
    counters: readonly number[],
    officeId: string,
    { start, end }: Interval,
  ): Promise<(TakenTime & { officeId: string })[]> {
    if (!counters.length) return [];
    const rows = await this.database.rows<TimeRow & { office_id: string }>(
      `SELECT counter, office_id, starts_at, ends_at FROM bookings
        WHERE counter IN (${marksFor(counters)}) AND starts_at >= ? AND starts_at < ?
          AND office_id <> ? AND status <> 'cancelled' ORDER BY starts_at`,
      [...counters, start, end, officeId],
    );
    return rows.map((row) => ({ ...takenOf(row), officeId: row.office_id }));
  }

  /**
   * The bookings, cancelled ones too, that have this reference or whose names begin with these words, the latest first.
   * Small letters, capitals and accents are told apart as little as the database can.
   */
  search(
    authorityId: string,
    offices: readonly string[],
    typed: string,
    now: Minute,
    most: number,
  ): Promise<Booking[]> {
    const words = typed.split(/\s+/).filter(Boolean).slice(0, MOST_WORDS);
    const query = this.database.reading
      .createQueryBuilder(Booking, 'b')
      .where('b.authorityId = :authorityId AND b.officeId IN (:...offices)', { authorityId, offices });
    const named = words.map(
      (_, i) => `(${['givenName', 'familyName'].map((name) => beginsWith(name, i)).join(' OR ')})`,
    );
    const values = words.flatMap((word, i) => [
      [`first${i}`, `${literal(word)}%`],
      [`later${i}`, `% ${literal(word)}%`],
    ]);
    query.andWhere(`(b.reference = :reference OR (${named.join(' AND ') || '1 = 0'}))`, {
      reference: normalised(typed),
      ...Object.fromEntries(values),
    });
    return query
      .orderBy('CASE WHEN b.end > :now THEN 0 ELSE 1 END')
      .addOrderBy('ABS(b.start - :now)')
      .setParameters({ ...query.getParameters(), now })
      .limit(most)
      .getMany();
  }

  /** Those that wait for the office's yes, the first asked for first. */
  pending(authorityId: string, offices: readonly string[], now: Minute): Promise<Booking[]> {
    return this.database.reading.find(Booking, {
      where: { authorityId, officeId: In([...offices]), status: 'pending', start: MoreThan(now) },
      order: { createdAt: 'ASC', id: 'ASC' },
    });
  }

  /** Those still to come whose citizen no letter reaches, for the address does not work. */
  unreachable(authorityId: string, offices: readonly string[], now: Minute): Promise<Booking[]> {
    return this.database.reading.find(Booking, {
      where: {
        authorityId,
        officeId: In([...offices]),
        start: MoreThan(now),
        status: In(['pending', 'confirmed']),
        addressFails: 1,
      },
      order: { start: 'ASC', id: 'ASC' },
    });
  }

  /** What staff have still to decide, the oldest first, each with the booking it is about. */
  async openQuestions(
    authorityId: string,
    offices: readonly string[],
  ): Promise<{ question: Question; booking: Booking }[]> {
    const questions = await this.database.reading
      .createQueryBuilder(Question, 'q')
      .where('q.authorityId = :authorityId AND q.answeredAt IS NULL', { authorityId })
      .andWhere('q.officeId IN (:...offices)', { offices })
      .orderBy('q.askedAt')
      .addOrderBy('q.id')
      .getMany();
    const ids = questions.map((q) => q.bookingId);
    const bookings = ids.length ? await this.database.reading.findBy(Booking, { id: In(ids) }) : [];
    const byId = new Map(bookings.map((booking) => [booking.id, booking]));
    return questions.flatMap((question) => {
      const booking = byId.get(question.bookingId);
      // Whoever has moved or cancelled it since has left nothing to decide.
      const isMoot = !booking?.isLive || (question.detail['sequence'] ?? booking.sequence) !== booking.sequence;
      return isMoot ? [] : [{ question, booking }];
    });
  }
}

const marksFor = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

const takenOf = (row: TimeRow): TakenTime => ({
  counter: row.counter,
  time: { start: row.starts_at, end: row.ends_at },
});

/** A name of several words is found by each of them. */
const beginsWith = (name: string, word: number): string =>
  `b.${name} LIKE :first${word} ESCAPE '!' OR b.${name} LIKE :later${word} ESCAPE '!'`;

const literal = (word: string): string => word.replace(/[!%_]/g, '!$&');
