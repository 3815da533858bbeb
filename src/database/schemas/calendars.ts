// SPDX-License-Identifier: AGPL-3.0-or-later
import { EntitySchema } from 'typeorm';
import { CalendarEvent, CalendarLink, Feed, Question, SeenMessage } from '../rows.ts';
import { hash, id, json, long, moment, optional, primary, slug, text, whole } from './columns.ts';

/** Calendars elsewhere, and what they and the mailbox have told. */
export const calendars = (): EntitySchema[] => [
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
