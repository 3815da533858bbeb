// SPDX-License-Identifier: AGPL-3.0-or-later
import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { Booking } from '../bookings/booking.ts';
import { Hold } from '../bookings/hold.ts';
import type { Dialect } from './dialect.ts';
import { AuthorityRow, Claim, CounterKey, Draft, Guard, IdempotencyKey, OutboxRow } from './rows.ts';

type Column = EntitySchemaColumnOptions;

const text = (name: string, length: number, more: Partial<Column> = {}): Column => ({
  type: 'varchar',
  name,
  length,
  ...more,
});
const optional = { nullable: true } as const;
const primary = { primary: true } as const;
const id = (name: string, more: Partial<Column> = {}) => text(name, 36, more);
const hash = (name: string, more: Partial<Column> = {}) => text(name, 64, more);
const slug = (name: string, more: Partial<Column> = {}) => text(name, 64, more);
const whole = (name: string, more: Partial<Column> = {}): Column => ({ type: 'int', name, ...more });
const long = (name: string, more: Partial<Column> = {}): Column => ({ type: 'text', name, ...more });

/** A moment: milliseconds since the epoch. One arithmetic in both dialects, which leases need; no zone to agree on. */
const moment = (name: string, more: Partial<Column> = {}): Column => ({
  type: 'bigint',
  name,
  transformer: {
    to: (ms: number | null) => ms,
    from: (stored: string | number | null) => (stored === null ? null : Number(stored)),
  },
  ...more,
});

const json = (name: string, type: Column['type'] = 'text'): Column => ({
  ...long(name),
  type,
  transformer: { to: (value: unknown) => JSON.stringify(value), from: (stored: string) => JSON.parse(stored) },
});

/** For what citizens answer: MySQL's TEXT ends at 64 KB. */
const roomy = (dialect: Dialect): Column['type'] => (dialect === 'mysql' ? 'mediumtext' : 'text');

/** Every table, mapped from outside onto plain classes. */
export const schemas = (dialect: Dialect): EntitySchema[] => [
  new EntitySchema({
    name: 'Authority',
    target: AuthorityRow,
    tableName: 'authorities',
    columns: {
      id: slug('id', primary),
      revision: whole('revision'),
      definition: { ...long('definition'), type: dialect === 'mysql' ? 'longtext' : 'text' },
    },
  }),
  new EntitySchema({
    name: 'Counter',
    target: CounterKey,
    tableName: 'counters',
    columns: {
      counter: whole('counter', { primary: true, generated: 'increment' }),
      authorityId: slug('authority_id'),
      id: slug('id'),
    },
    indices: [{ name: 'uq_counters_authority_id', columns: ['authorityId', 'id'], unique: true }],
  }),
  new EntitySchema({
    name: 'Booking',
    target: Booking,
    tableName: 'bookings',
    columns: {
      id: id('id', primary),
      authorityId: slug('authority_id'),
      reference: text('reference', 16),
      officeId: slug('office_id'),
      serviceId: slug('service_id'),
      counter: whole('counter'),
      start: whole('starts_at'),
      end: whole('ends_at'),
      busyUntil: whole('busy_until'),
      mode: text('mode', 16),
      status: text('status', 16),
      sequence: whole('sequence'),
      generation: whole('generation'),
      language: text('language', 8),
      givenName: text('given_name', 100),
      familyName: text('family_name', 100),
      email: text('email', 254),
      phone: text('phone', 32, optional),
      emailHash: hash('email_hash'),
      reason: text('reason', 200, optional),
      fields: json('fields', roomy(dialect)),
      caseNumber: text('case_number', 64, optional),
      manageHash: hash('manage_hash'),
      meetingHash: hash('meeting_hash'),
      createdAt: moment('created_at'),
      updatedAt: moment('updated_at'),
    },
    indices: [
      { name: 'uq_bookings_reference', columns: ['authorityId', 'reference'], unique: true },
      { name: 'ix_bookings_counter', columns: ['counter', 'start', 'busyUntil', 'status'] },
      { name: 'ix_bookings_manage', columns: ['manageHash'] },
      { name: 'ix_bookings_meeting', columns: ['meetingHash'] },
      { name: 'ix_bookings_person', columns: ['authorityId', 'emailHash', 'serviceId'] },
    ],
  }),
  new EntitySchema({
    name: 'Hold',
    target: Hold,
    tableName: 'holds',
    columns: {
      id: id('id', primary),
      authorityId: slug('authority_id'),
      officeId: slug('office_id'),
      serviceId: slug('service_id'),
      counter: whole('counter'),
      start: whole('starts_at'),
      busyUntil: whole('busy_until'),
      secretHash: hash('secret_hash'),
      createdAt: moment('created_at'),
      expiresAt: moment('expires_at'),
    },
    indices: [
      { name: 'ix_holds_counter', columns: ['counter', 'start', 'busyUntil', 'expiresAt'] },
      { name: 'ix_holds_expiry', columns: ['expiresAt'] },
    ],
  }),
  new EntitySchema({
    name: 'Claim',
    target: Claim,
    tableName: 'claims',
    columns: {
      counter: whole('counter', primary),
      tick: whole('tick', primary),
      holder: id('holder'),
      expiresAt: moment('expires_at', optional),
    },
    indices: [{ name: 'ix_claims_expiry', columns: ['expiresAt'] }],
  }),
  new EntitySchema({
    name: 'Guard',
    target: Guard,
    tableName: 'guards',
    columns: {
      authorityId: slug('authority_id', primary),
      serviceId: slug('service_id', primary),
      emailHash: hash('email_hash', primary),
      bookings: whole('bookings'),
    },
  }),
  new EntitySchema({
    name: 'IdempotencyKey',
    target: IdempotencyKey,
    tableName: 'idempotency_keys',
    columns: {
      authorityId: slug('authority_id', primary),
      caller: text('caller', 64, primary),
      keyHash: hash('key_hash', primary),
      bodyHash: hash('body_hash'),
      bookingId: id('booking_id'),
      answer: json('answer'),
      createdAt: moment('created_at'),
    },
    indices: [{ name: 'ix_idempotency_keys_age', columns: ['createdAt'] }],
  }),
  new EntitySchema({
    name: 'Outbox',
    target: OutboxRow,
    tableName: 'outbox',
    columns: {
      id: id('id', primary),
      authorityId: slug('authority_id'),
      bookingId: id('booking_id'),
      kind: text('kind', 16),
      recipient: text('recipient', 16),
      position: whole('position'),
      facts: json('facts'),
      status: text('status', 16),
      owedAt: moment('owed_at'),
      dueAt: moment('due_at'),
      attempts: whole('attempts'),
      refused: whole('refused'),
      leaseNo: whole('lease_no'),
      leaseUntil: moment('lease_until'),
      lastError: text('last_error', 250, optional),
      createdAt: moment('created_at'),
      finishedAt: moment('finished_at', optional),
    },
    indices: [
      { name: 'ix_outbox_due', columns: ['status', 'dueAt', 'position'] },
      { name: 'ix_outbox_owed', columns: ['status', 'owedAt'] },
      { name: 'ix_outbox_booking', columns: ['bookingId', 'recipient', 'position'] },
    ],
  }),
  new EntitySchema({
    name: 'Draft',
    target: Draft,
    tableName: 'drafts',
    columns: {
      keyHash: hash('key_hash', primary),
      authorityId: slug('authority_id'),
      answers: json('answers', roomy(dialect)),
      expiresAt: moment('expires_at'),
    },
    indices: [{ name: 'ix_drafts_expiry', columns: ['expiresAt'] }],
  }),
];
