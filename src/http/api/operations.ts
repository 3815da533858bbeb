// SPDX-License-Identifier: AGPL-3.0-or-later
import type { z } from 'zod';
import type { Slug } from '../problems.ts';
import {
  BookingAnswer,
  HoldAnswer,
  KnockAnswer,
  OfficeAnswer,
  OfficesAnswer,
  ProblemAnswer,
  SlotsAnswer,
} from './answers.ts';

/** What the description of the API says of an operation beyond what its controller shows. */
export interface Operation {
  readonly tag: 'status' | 'offices' | 'slots' | 'holds' | 'bookings' | 'knocks';
  readonly summary: string;
  readonly description?: string;
  readonly answer: {
    readonly status: number;
    readonly description: string;
    readonly type?: string;
    readonly schema?: z.ZodType;
    /** Where one made of the schema's own examples would mislead. */
    readonly example?: object;
  };
  readonly refusals: readonly Slug[];
  /** What must be shown. */
  readonly security?: 'manage_token' | 'hold_secret';
}

const JSON_TYPE = 'application/json';
const OF_A_START: readonly Slug[] = ['closed', 'off-grid', 'too-soon', 'too-far', 'nonexistent-local-time'];
const OF_A_BODY: readonly Slug[] = ['malformed', 'unsupported-media-type', 'too-large', 'invalid'];
const KNOCK = { status: 200, description: 'How it stands.', type: JSON_TYPE, schema: KnockAnswer };
const BOOKING = { status: 200, description: 'The booking as it now stands.', type: JSON_TYPE, schema: BookingAnswer };

/** By operation id, which is the name of the controller's method. */
export const OPERATIONS: Record<string, Operation> = {
  read_status: {
    tag: 'status',
    summary: 'Whether the service answers',
    answer: {
      status: 200,
      description: 'It does.',
      type: 'application/problem+json',
      schema: ProblemAnswer,
      example: { type: 'about:blank', title: 'OK', status: 200 },
    },
    refusals: [],
  },
  list_offices: {
    tag: 'offices',
    summary: 'The offices, their hours and services',
    description: "At a municipality's own host name, its own offices.",
    answer: { status: 200, description: 'The offices.', type: JSON_TYPE, schema: OfficesAnswer },
    refusals: ['not-found'],
  },
  read_office: {
    tag: 'offices',
    summary: 'One office',
    answer: { status: 200, description: 'The office.', type: JSON_TYPE, schema: OfficeAnswer },
    refusals: ['malformed', 'not-found'],
  },
  list_slots: {
    tag: 'slots',
    summary: 'The times free for a service',
    description: 'Only starts that could be booked now. `next_free` is the first free one, today or later.',
    answer: { status: 200, description: 'The free times.', type: JSON_TYPE, schema: SlotsAnswer },
    refusals: ['not-found', 'invalid'],
  },
  create_hold: {
    tag: 'holds',
    summary: 'Keep a time for five minutes',
    answer: {
      status: 201,
      description: 'The time is kept for whoever shows the secret.',
      type: JSON_TYPE,
      schema: HoldAnswer,
    },
    refusals: [...OF_A_BODY, ...OF_A_START, 'slot-taken', 'not-found'],
  },
  release_hold: {
    tag: 'holds',
    summary: 'Let a held time go',
    answer: { status: 204, description: 'It is free again.' },
    refusals: ['malformed', 'not-found'],
    security: 'hold_secret',
  },
  create_booking: {
    tag: 'bookings',
    summary: 'Book an appointment',
    description: 'For 24 hours a repeat with the same Idempotency-Key and the same body is answered as the first.',
    answer: {
      status: 201,
      description: 'Booked; a letter with the invite follows.',
      type: JSON_TYPE,
      schema: BookingAnswer,
    },
    refusals: [
      ...OF_A_BODY,
      ...OF_A_START,
      'hold-expired',
      'already-booked',
      'slot-taken',
      'idempotency-mismatch',
      'idempotency-in-progress',
      'not-found',
    ],
  },
  read_booking: {
    tag: 'bookings',
    summary: 'Read a booking',
    answer: BOOKING,
    refusals: ['malformed', 'not-found'],
    security: 'manage_token',
  },
  move_booking: {
    tag: 'bookings',
    summary: 'Move a booking to another time',
    description: 'The old time is kept until the new one is certain. The same start again changes nothing.',
    answer: BOOKING,
    refusals: [...OF_A_BODY, ...OF_A_START, 'cancelled', 'too-late', 'already-booked', 'slot-taken', 'not-found'],
    security: 'manage_token',
  },
  cancel_booking: {
    tag: 'bookings',
    summary: 'Cancel a booking',
    description: 'A second time changes nothing and sends no second letter.',
    answer: BOOKING,
    refusals: [...OF_A_BODY, 'too-late', 'not-found'],
    security: 'manage_token',
  },
  download_invite: {
    tag: 'bookings',
    summary: 'The current invite as an iCalendar file',
    answer: { status: 200, description: 'METHOD:PUBLISH.', type: 'text/calendar' },
    refusals: ['malformed', 'not-found'],
    security: 'manage_token',
  },
  create_knock: {
    tag: 'knocks',
    summary: "Knock at an office's virtual door",
    description:
      'A place in the queue of those who wait to be let in. Read it again at least every 30 seconds, or open its ' +
      '`url`: who shows no sign of life loses the place.',
    answer: { status: 201, description: 'The place in the queue.', type: JSON_TYPE, schema: KnockAnswer },
    refusals: [...OF_A_BODY, 'door-closed', 'door-paused', 'not-found'],
  },
  read_knock: {
    tag: 'knocks',
    summary: 'Read how a knock stands',
    description: 'A sign of life, too: who waits and is not read for 30 seconds is `gone`.',
    answer: KNOCK,
    refusals: ['malformed', 'not-found'],
  },
  withdraw_knock: {
    tag: 'knocks',
    summary: 'Leave the queue',
    description: 'A second time changes nothing.',
    answer: { status: 204, description: 'The place is given up.' },
    refusals: ['malformed', 'not-found'],
  },
};

export const TAGS = [
  { name: 'status', description: 'Whether the service answers.' },
  { name: 'offices', description: 'Offices, hours and services.' },
  { name: 'slots', description: 'Free times.' },
  { name: 'holds', description: 'Times kept while someone decides.' },
  { name: 'bookings', description: 'Appointments.' },
  { name: 'knocks', description: 'Knocks at virtual doors.' },
];
