// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Staff } from '../../../access/staff.ts';
import { LANGUAGES } from '../../../bookings/booking.ts';
import { Chance } from '../../../bookings/chance.ts';
import { sha256 } from '../../../bookings/token.ts';
import { Drafts } from '../../../database/drafts.ts';
import { AUDIENCES, MODES } from '../../../offices/definition.ts';

/** What may be in the way of a booking that staff make: the start itself, or that the person has enough. */
export const IN_THE_WAY = ['closed', 'off-grid', 'too-soon', 'too-far', 'taken', 'limit'] as const;
export type InTheWay = (typeof IN_THE_WAY)[number];

const NewBooking = z.object({
  officeId: z.string(),
  serviceId: z.string(),
  start: z.number(),
  mode: z.enum(MODES),
  audience: z.enum(AUDIENCES),
  /** Key of the counter that was pointed at. */
  counter: z.number().optional(),
  hold: z.object({ id: z.string(), secret: z.string(), expiresAt: z.number() }).nullable(),
  /** What stood in the way and was read, and is overruled. */
  overruled: z.array(z.enum(IN_THE_WAY)),
  /** Why it is overruled. */
  why: z.string(),
  /** When it was sent last, the person had enough appointments. */
  overLimit: z.boolean(),
  givenName: z.string(),
  familyName: z.string(),
  email: z.string(),
  phone: z.string(),
  reason: z.string(),
  caseNumber: z.string(),
  fields: z.record(z.string(), z.string()),
  language: z.enum(LANGUAGES),
});

/** A booking on its way: what staff have written so far, right or wrong. */
export type NewBooking = z.infer<typeof NewBooking>;

/** What it became. */
const Done = z.object({ reference: z.string() });

export type StaffDraft = { readonly answers: NewBooking } | { readonly reference: string };

/** 256 bits in base64url. */
const NAME = /^[\w-]{43}$/;

/**
 * The forms of staff between two pages. Each has a name of its own in its address, for one may be on the telephone while
 * another stands at the desk; it opens only to whoever began it.
 */
@Injectable()
export class NewBookingMemory {
  constructor(
    private readonly drafts: Drafts,
    private readonly chance: Chance,
  ) {}

  newName(): string {
    return this.chance.text(32);
  }

  async read(staff: Staff, name: string): Promise<StaffDraft | null> {
    const kept = NAME.test(name) ? await this.drafts.read(keyOf(staff, name)) : null;
    const done = Done.safeParse(kept?.answers);
    if (done.success) return done.data;
    const answers = NewBooking.safeParse(kept?.answers);
    return answers.success ? { answers: answers.data } : null;
  }

  async keep(staff: Staff, name: string, answers: NewBooking): Promise<void> {
    await this.drafts.write(keyOf(staff, name), staff.authorityId, answers);
  }

  /** Nothing of the citizen is kept but the reference of the booking. */
  async finish(staff: Staff, name: string, reference: string): Promise<void> {
    await this.drafts.write(keyOf(staff, name), staff.authorityId, { reference });
  }
}

const keyOf = (staff: Staff, name: string): string => sha256(`${staff.authorityId}/${staff.id}/${name}`);
