// SPDX-License-Identifier: AGPL-3.0-or-later
import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { Booking } from '../bookings/booking.ts';
import { Hold } from '../bookings/hold.ts';
import type { Dialect } from './dialect.ts';
import {
  AccessLogEntry,
  AuthorityRow,
  CalendarEvent,
  CalendarLink,
  Claim,
  CounterKey,
  Draft,
  Feed,
  Guard,
  IdempotencyKey,
  OutboxRow,
  Question,
  SeenMessage,
  Session,
} from './rows.ts';
import { Staff } from '../access/staff.ts';
import { HistoryEntry } from '../bookings/change.ts';

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
      version: whole('version', { default: 0 }),
      generation: whole('generation'),
      language: text('language', 8),
      givenName: text('given_name', 100),
      familyName: text('family_name', 100),
      email: text('email', 254, optional),
      addressFails: whole('address_fails', { default: 0 }),
      phone: text('phone', 32, optional),
      emailHash: hash('email_hash', optional),
      reason: text('reason', 200, optional),
      fields: json('fields', roomy(dialect)),
      caseNumber: text('case_number', 64, optional),
      manageHash: hash('manage_hash'),
      meetingHash: hash('meeting_hash'),
      meetingRoom: text('meeting_room', 500, optional),
      cancelledBy: text('cancelled_by', 16, optional),
      createdAt: moment('created_at'),
      updatedAt: moment('updated_at'),
    },
    indices: [
      { name: 'uq_bookings_reference', columns: ['authorityId', 'reference'], unique: true },
      { name: 'ix_bookings_office', columns: ['authorityId', 'officeId', 'start'] },
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
  new EntitySchema({
    name: 'Staff',
    target: Staff,
    tableName: 'staff',
    columns: {
      id: id('id', primary),
      authorityId: slug('authority_id'),
      name: text('name', 100),
      email: text('email', 254),
      role: text('role', 16),
      offices: json('offices'),
      passwordHash: text('password_hash', 250, optional),
      mustChange: whole('must_change'),
      subject: hash('subject', optional),
      failures: whole('failures'),
      lockedUntil: moment('locked_until'),
      disabledAt: moment('disabled_at', optional),
      createdAt: moment('created_at'),
      updatedAt: moment('updated_at'),
    },
    indices: [
      { name: 'uq_staff_email', columns: ['authorityId', 'email'], unique: true },
      { name: 'uq_staff_subject', columns: ['authorityId', 'subject'], unique: true },
    ],
  }),
  new EntitySchema({
    name: 'Session',
    target: Session,
    tableName: 'sessions',
    columns: {
      tokenHash: hash('token_hash', primary),
      staffId: id('staff_id'),
      authorityId: slug('authority_id'),
      device: text('device', 100),
      createdAt: moment('created_at'),
      seenAt: moment('seen_at'),
      expiresAt: moment('expires_at'),
    },
    indices: [
      { name: 'ix_sessions_staff', columns: ['staffId'] },
      { name: 'ix_sessions_expiry', columns: ['expiresAt'] },
    ],
  }),
  new EntitySchema({
    name: 'History',
    target: HistoryEntry,
    tableName: 'history',
    columns: {
      id: id('id', primary),
      authorityId: slug('authority_id'),
      bookingId: id('booking_id'),
      version: whole('version'),
      at: moment('at'),
      actor: text('actor', 16),
      staffId: id('staff_id', optional),
      staffName: text('staff_name', 100, optional),
      what: text('what', 16),
      note: text('note', 500, optional),
      detail: json('detail'),
    },
    indices: [{ name: 'ix_history_booking', columns: ['bookingId', 'version'] }],
  }),
  new EntitySchema({
    name: 'AccessLog',
    target: AccessLogEntry,
    tableName: 'access_log',
    columns: {
      authorityId: slug('authority_id', primary),
      number: whole('number', primary),
      at: moment('at'),
      staffId: id('staff_id', optional),
      staffName: text('staff_name', 100, optional),
      what: text('what', 32),
      about: json('about'),
      previousHash: hash('previous_hash'),
      hash: hash('hash'),
    },
    indices: [{ name: 'ix_access_log_at', columns: ['authorityId', 'at'] }],
  }),
  new EntitySchema({
    name: 'CalendarLink',
    target: CalendarLink,
    tableName: 'calendar_links',
    columns: {
      counter: whole('counter', primary),
      authorityId: slug('authority_id'),
      calendarId: text('calendar_id', 254),
      refreshToken: long('refresh_token', optional),
      account: text('account', 254, optional),
      syncToken: text('sync_token', 500, optional),
      syncedAt: moment('synced_at'),
      state: text('state', 16),
      error: text('error', 250, optional),
      channelId: id('channel_id', optional),
      channelHash: hash('channel_hash', optional),
      resourceId: text('resource_id', 250, optional),
      channelExpiresAt: moment('channel_expires_at'),
      dueAt: moment('due_at'),
      leaseUntil: moment('lease_until'),
    },
    indices: [
      { name: 'ix_calendar_links_due', columns: ['dueAt'] },
      { name: 'ix_calendar_links_channel', columns: ['channelId'] },
    ],
  }),
  new EntitySchema({
    name: 'CalendarEvent',
    target: CalendarEvent,
    tableName: 'calendar_events',
    columns: {
      counter: whole('counter', primary),
      eventId: text('event_id', 250, primary),
      bookingId: id('booking_id', optional),
      etag: text('etag', 100),
      version: whole('version'),
      generation: whole('generation'),
      start: whole('starts_at'),
      end: whole('ends_at'),
      busy: whole('busy'),
    },
    indices: [
      { name: 'ix_calendar_events_time', columns: ['counter', 'start', 'end'] },
      { name: 'ix_calendar_events_booking', columns: ['bookingId'] },
    ],
  }),
  new EntitySchema({
    name: 'Question',
    target: Question,
    tableName: 'questions',
    columns: {
      id: id('id', primary),
      authorityId: slug('authority_id'),
      officeId: slug('office_id'),
      bookingId: id('booking_id'),
      kind: text('kind', 32),
      detail: json('detail'),
      askedAt: moment('asked_at'),
      answeredAt: moment('answered_at', optional),
      answer: text('answer', 32, optional),
    },
    indices: [
      { name: 'ix_questions_open', columns: ['authorityId', 'answeredAt', 'officeId'] },
      { name: 'ix_questions_booking', columns: ['bookingId'] },
    ],
  }),
  new EntitySchema({
    name: 'Feed',
    target: Feed,
    tableName: 'feeds',
    columns: {
      id: id('id', primary),
      authorityId: slug('authority_id'),
      counter: whole('counter'),
      tokenHash: hash('token_hash'),
      createdBy: text('created_by', 100),
      createdAt: moment('created_at'),
      revokedAt: moment('revoked_at', optional),
    },
    indices: [
      { name: 'ix_feeds_token', columns: ['tokenHash'] },
      { name: 'ix_feeds_counter', columns: ['counter'] },
    ],
  }),
  new EntitySchema({
    name: 'InboxSeen',
    target: SeenMessage,
    tableName: 'inbox_seen',
    columns: { messageHash: hash('message_hash', primary), seenAt: moment('seen_at') },
    indices: [{ name: 'ix_inbox_seen_age', columns: ['seenAt'] }],
  }),
];
