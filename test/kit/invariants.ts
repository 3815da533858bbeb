// SPDX-License-Identifier: AGPL-3.0-or-later
import { Booking } from '../../src/bookings/booking.ts';
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
  const ours = { where: { authorityId: authority.id } };
  const counters = new Set(authority.counters.map((c) => c.key));
  const bookings = await reading.find(Booking, ours);
  const holds = (await reading.find(Hold, ours)).filter((hold) => hold.isLiveAt(now));
  const claims = (await reading.find(Claim)).filter(
    (claim) => counters.has(claim.counter) && (claim.expiresAt === null || now < claim.expiresAt),
  );
  const letters = await reading.find(OutboxRow, ours);
  const keys = await reading.find(IdempotencyKey, ours);
  return [
    ...claimsFor([...bookings.filter((b) => b.isLive), ...holds], claims),
    ...doubles(bookings.filter((b) => b.isLive)),
    ...bookings.flatMap((b) =>
      lettersFor(
        b,
        authority,
        letters.filter((l) => l.bookingId === b.id),
      ),
    ),
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

/** I4: one letter to each reader for each change; the reminders still owed are those of the booking as it stands. */
function lettersFor(booking: Booking, authority: Authority, letters: readonly OutboxRow[]): string[] {
  const changes = Array.from({ length: booking.sequence + 1 }, (_, sequence) => {
    if (sequence === 0) return booking.status === 'pending' ? 'requested' : 'confirmed';
    return sequence === booking.sequence && !booking.isLive ? 'cancelled' : 'moved';
  });
  const wanted = changes.flatMap((kind, n) => ['citizen', 'office'].map((reader) => `${n} ${kind} ${reader}`)).sort();
  const had = letters
    .filter((l) => l.kind !== 'reminder')
    .map((l) => `${l.facts.sequence} ${l.kind === 'requested' ? 'confirmed' : l.kind} ${l.recipient}`)
    .sort();
  const { reminders } = authority.anyService(booking.officeId, booking.serviceId)!;
  const expected =
    booking.status === 'confirmed' ? remindersOf(booking, reminders, authority.zone, booking.updatedAt) : [];
  const due = expected.map((r) => r.dueAt).join();
  const owed = letters.filter((l) => l.kind === 'reminder' && l.facts.sequence === booking.sequence);
  const stale = letters.filter(
    (l) => l.kind === 'reminder' && l.status === 'owed' && l.facts.sequence < booking.sequence,
  );
  return [
    ...(had.join() === wanted.map((w) => w.replace('requested', 'confirmed')).join()
      ? []
      : [`${booking.id}: letters ${had.join()}`]),
    ...(owed
      .map((l) => l.dueAt)
      .sort((a, b) => a - b)
      .join() === due
      ? []
      : [`${booking.id}: wrong reminders`]),
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
