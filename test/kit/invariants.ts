// SPDX-License-Identifier: AGPL-3.0-or-later
import { Booking } from '../../src/bookings/booking.ts';
import { beginningOf, HistoryEntry, type Happening } from '../../src/bookings/change.ts';
import { Hold } from '../../src/bookings/hold.ts';
import { remindersOf } from '../../src/bookings/notices.ts';
import { Claim, IdempotencyKey, OutboxRow } from '../../src/database/rows.ts';
import type { Registers } from '../../src/database/registers.ts';
import type { Authority } from '../../src/offices/authority.ts';
import type { Millis } from '../../src/time/clock.ts';
import { ticksOf } from '../../src/time/tick.ts';

/**
 * What must be true of the tables whenever nobody is writing (reference/faults.md 2.1: I1, I4, I7), for the bookings of
 * one authority made at the desks. One sentence for each thing that is not; none when all is well.
 */
export async function broken(registers: Registers, authority: Authority, now: Millis): Promise<string[]> {
  const { reading } = registers.database;
  // A place in more may have been made since.
  authority = (await registers.authorities.find(authority.id)) ?? authority;
  const ours = { where: { authorityId: authority.id } };
  const counters = new Set([...authority.counters, ...authority.extras].map((c) => c.key));
  const bookings = await reading.find(Booking, ours);
  const holds = (await reading.find(Hold, ours)).filter((hold) => hold.isLiveAt(now));
  const claims = (await reading.find(Claim)).filter(
    (claim) => counters.has(claim.counter) && (claim.expiresAt === null || now < claim.expiresAt),
  );
  const letters = await reading.find(OutboxRow, ours);
  const keys = await reading.find(IdempotencyKey, ours);
  const history = await reading.find(HistoryEntry, { ...ours, order: { version: 'ASC' } });
  return [
    ...claimsFor([...bookings.filter((b) => b.isLive), ...holds], claims),
    ...doubles(bookings.filter((b) => b.isLive)),
    ...bookings.flatMap((b) => {
      const written = history.filter((entry) => entry.bookingId === b.id);
      const story = written[0]?.what === 'booked' ? written : [beginningOf(b), ...written];
      const owed = letters.filter((l) => l.bookingId === b.id);
      return [...storyOf(b, story, owed), ...lettersFor(b, story, owed), ...remindersFor(b, authority, owed)];
    }),
    ...partsOf(bookings, letters, keys),
  ];
}

/** I1: every live booking and hold has exactly its ticks, and every tick taken is theirs. */
function claimsFor(holders: readonly (Booking | Hold)[], claims: readonly Claim[]): string[] {
  const wanted = new Set(
    holders.flatMap((h) => ticksOf(h.claimed).map((tick) => `${h.counter} ${tick} ${h.id} ${expiryOf(h)}`)),
  );
  const had = new Set(claims.map((c) => `${c.counter} ${c.tick} ${c.holder} ${c.expiresAt}`));
  return [
    ...[...wanted].filter((claim) => !had.has(claim)).map((claim) => `no claim ${claim}`),
    ...[...had].filter((claim) => !wanted.has(claim)).map((claim) => `a claim of nobody ${claim}`),
  ];
}

const expiryOf = (holder: Booking | Hold): Millis | null => (holder instanceof Hold ? holder.expiresAt : null);

/** I1, without asking the claims. */
function doubles(live: readonly Booking[]): string[] {
  const sorted = [...live].sort((a, b) => a.counter - b.counter || a.start - b.start);
  return sorted.flatMap((b, i) => {
    const next = sorted[i + 1];
    return next && next.counter === b.counter && next.start < b.busyUntil ? [`${b.id} overlaps ${next.id}`] : [];
  });
}

/** What a letter tells of, and by how much it raises SEQUENCE. */
const TOLD: Partial<Record<Happening, readonly [kind: string, raises: number]>> = {
  booked: ['confirmed', 0],
  confirmed: ['confirmed', 0],
  moved: ['moved', 1],
  cancelled: ['cancelled', 1],
  declined: ['cancelled', 1],
  restored: ['confirmed', 1],
};

/** What is told without a change of the booking. */
const ASIDES: readonly string[] = ['reminder', 'unsure', 'told'];

const BECOMES: Partial<Record<Happening, string>> = {
  confirmed: 'confirmed',
  cancelled: 'cancelled',
  declined: 'cancelled',
  restored: 'confirmed',
  arrived: 'arrived',
  done: 'done',
  no_show: 'no_show',
  reopened: 'confirmed',
};

/** One line of the history for each change, an answer of a calendar being none, and they end where the booking stands. */
function storyOf(booking: Booking, story: readonly HistoryEntry[], letters: readonly OutboxRow[]): string[] {
  const raises = story.reduce((sum, { what }) => sum + (TOLD[what]?.[1] ?? 0), 0);
  const first = letters.some((l) => l.kind === 'requested') ? 'pending' : 'confirmed';
  const last = [first, ...story.map(({ what }) => BECOMES[what])].findLast((status) => status !== undefined);
  return [
    ...(story[0]?.what === 'booked' && story.filter(({ what }) => what !== 'answered').length === booking.version + 1
      ? []
      : [`${booking.id}: version ${booking.version} after ${story.map((e) => e.what).join()}`]),
    ...(raises === booking.sequence ? [] : [`${booking.id}: sequence ${booking.sequence}, told ${raises}`]),
    ...(last === booking.status ? [] : [`${booking.id}: is ${booking.status}, its story says ${last}`]),
    ...((booking.cancelledBy !== null) === !booking.isLive ? [] : [`${booking.id}: cancelled by nobody`]),
  ];
}

/** I4: one letter to each reader, if they can be written to, for each change they are told of. */
function lettersFor(booking: Booking, story: readonly HistoryEntry[], letters: readonly OutboxRow[]): string[] {
  const readers = booking.email === null ? ['office'] : ['citizen', 'office'];
  let sequence = 0;
  const wanted = story
    .flatMap(({ what }) => {
      const told = TOLD[what];
      sequence += told?.[1] ?? 0;
      return told ? readers.map((reader) => `${sequence} ${told[0]} ${reader}`) : [];
    })
    .sort();
  const had = letters
    .filter((l) => !ASIDES.includes(l.kind) && l.recipient !== 'google')
    .map((l) => `${l.facts.sequence} ${l.kind === 'requested' ? 'confirmed' : l.kind} ${l.recipient}`)
    .sort();
  return had.join() === wanted.join() ? [] : [`${booking.id}: letters ${had.join()}, not ${wanted.join()}`];
}

/** The reminders still owed are those of the booking as it stands, and none when it does not stand or has been held. */
function remindersFor(booking: Booking, authority: Authority, letters: readonly OutboxRow[]): string[] {
  const { reminders } = authority.anyService(booking.officeId, booking.serviceId)!;
  const { status, updatedAt } = booking;
  const expected = status === 'confirmed' ? remindersOf(booking, reminders, authority.zone, updatedAt) : [];
  const owed = letters.filter((l) => l.kind === 'reminder' && l.status === 'owed');
  const stale = owed.filter((l) => status !== 'confirmed' || l.facts.start !== booking.start);
  const dues = (all: readonly { dueAt: Millis }[]) =>
    all
      .map((l) => l.dueAt)
      .filter((due) => due > updatedAt)
      .sort((a, b) => a - b)
      .join();
  return [
    ...(dues(owed) === dues(expected) ? [] : [`${booking.id}: wrong reminders`]),
    ...stale.map(() => `${booking.id}: a reminder of another time`),
  ];
}

/** I7: nothing stands without what was written with it. */
function partsOf(
  bookings: readonly Booking[],
  letters: readonly OutboxRow[],
  keys: readonly IdempotencyKey[],
): string[] {
  const ids = new Set(bookings.map((b) => b.id));
  const answered = keys.map((k) => k.bookingId);
  return [
    ...letters.filter((l) => !ids.has(l.bookingId)).map((l) => `a letter without a booking ${l.id}`),
    ...answered.filter((id) => !ids.has(id)).map((id) => `an answer without a booking ${id}`),
    ...bookings.filter((b) => !answered.includes(b.id)).map((b) => `a booking without an answer ${b.id}`),
    ...(new Set(answered).size === answered.length ? [] : ['two answers for one booking']),
  ];
}
