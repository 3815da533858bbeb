// SPDX-License-Identifier: AGPL-3.0-or-later
import { Booking } from '../bookings/booking.ts';
import { linksOf } from '../bookings/links.ts';
import type { Tokens } from '../bookings/token.ts';
import type { OutboxRow } from '../database/rows.ts';
import type { Letter } from '../mail/letter.ts';
import { messageIdOf } from '../mail/message-id.ts';
import type { Authority } from '../offices/authority.ts';

/** The letter a row of the outbox owes, saying the booking as it was when it was owed. */
export function letterOf(
  row: OutboxRow,
  current: Booking,
  authority: Authority,
  { tokens, base }: { tokens: Tokens; base: string },
): Letter {
  const { was, saidAt, by, note, who, why, ...facts } = row.facts;
  const { kind, recipient } = row as Pick<Letter, 'kind' | 'recipient'>;
  const booking = new Booking({ ...current, ...facts });
  const office = authority.anyOffice(booking.officeId)!;
  const counter = authority.counterByKey(booking.counter);
  return {
    kind,
    recipient,
    by,
    note,
    who,
    why,
    booking,
    previousStart: kind === 'moved' ? was?.start : undefined,
    wasPending: was?.status === 'pending',
    authority,
    office,
    service: authority.anyService(booking.officeId, booking.serviceId)!,
    // A citizen is not told the counter: it is provisional until the day.
    counterName: recipient === 'office' ? (counter?.name ?? null) : null,
    links: linksOf(booking, tokens, base),
    messageId: messageIdOf(row.id, row.kind, authority.definition.email),
    stampedAt: saidAt,
  };
}
