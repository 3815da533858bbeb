// SPDX-License-Identifier: AGPL-3.0-or-later
import {
  Table,
  TableColumn,
  TableIndex,
  type MigrationInterface,
  type QueryRunner,
  type TableColumnOptions,
} from 'typeorm';
import { hash, id, index, long, moment, optional, primary, slug, text, unique, wholeIn } from './columns.ts';

/** What the staff need: who they are, what they did, their calendars. Bookings may do without an address. */
export class Staff1795300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const whole = wholeIn(runner);
    const create = (name: string, columns: TableColumnOptions[], indices: TableIndex[] = []) =>
      runner.createTable(new Table({ name, columns, indices }));

    // A table first: on Galera that is how of two instances that start at once the second notices the first.
    await create(
      'staff',
      [
        id('id', primary),
        slug('authority_id'),
        text('name', 100),
        text('email', 254),
        text('role', 16),
        long('offices'),
        text('password_hash', 250, optional),
        whole('must_change'),
        hash('subject', optional),
        whole('failures'),
        moment('locked_until'),
        moment('disabled_at', optional),
        moment('created_at'),
        moment('updated_at'),
      ],
      [unique('uq_staff_email', ['authority_id', 'email']), unique('uq_staff_subject', ['authority_id', 'subject'])],
    );
    await create(
      'sessions',
      [
        hash('token_hash', primary),
        id('staff_id'),
        slug('authority_id'),
        text('device', 100),
        moment('created_at'),
        moment('seen_at'),
        moment('expires_at'),
      ],
      [index('ix_sessions_staff', ['staff_id']), index('ix_sessions_expiry', ['expires_at'])],
    );
    await create(
      'history',
      [
        id('id', primary),
        slug('authority_id'),
        id('booking_id'),
        whole('version'),
        moment('at'),
        text('actor', 16),
        id('staff_id', optional),
        text('staff_name', 100, optional),
        text('what', 16),
        text('note', 500, optional),
        long('detail'),
      ],
      [index('ix_history_booking', ['booking_id', 'version'])],
    );
    await create(
      'access_log',
      [
        slug('authority_id', primary),
        whole('number', primary),
        moment('at'),
        id('staff_id', optional),
        text('staff_name', 100, optional),
        text('what', 32),
        long('about'),
        hash('previous_hash'),
        hash('hash'),
      ],
      [index('ix_access_log_at', ['authority_id', 'at'])],
    );
    await create(
      'calendar_links',
      [
        whole('counter', primary),
        slug('authority_id'),
        text('calendar_id', 254),
        long('refresh_token', optional),
        text('account', 254, optional),
        text('sync_token', 500, optional),
        moment('synced_at'),
        text('state', 16),
        text('error', 250, optional),
        id('channel_id', optional),
        hash('channel_hash', optional),
        text('resource_id', 250, optional),
        moment('channel_expires_at'),
        moment('due_at'),
        moment('lease_until'),
      ],
      [index('ix_calendar_links_due', ['due_at']), index('ix_calendar_links_channel', ['channel_id'])],
    );
    await create(
      'calendar_events',
      [
        whole('counter', primary),
        text('event_id', 250, primary),
        id('booking_id', optional),
        text('etag', 100),
        whole('version'),
        whole('generation'),
        whole('starts_at'),
        whole('ends_at'),
        whole('busy'),
      ],
      [
        index('ix_calendar_events_time', ['counter', 'starts_at', 'ends_at']),
        index('ix_calendar_events_booking', ['booking_id']),
      ],
    );
    await create(
      'questions',
      [
        id('id', primary),
        slug('authority_id'),
        slug('office_id'),
        id('booking_id'),
        text('kind', 32),
        long('detail'),
        moment('asked_at'),
        moment('answered_at', optional),
        text('answer', 32, optional),
      ],
      [
        index('ix_questions_open', ['authority_id', 'answered_at', 'office_id']),
        index('ix_questions_booking', ['booking_id']),
      ],
    );
    await create(
      'feeds',
      [
        id('id', primary),
        slug('authority_id'),
        whole('counter'),
        hash('token_hash'),
        text('created_by', 100),
        moment('created_at'),
        moment('revoked_at', optional),
      ],
      [index('ix_feeds_token', ['token_hash']), index('ix_feeds_counter', ['counter'])],
    );
    await create(
      'inbox_seen',
      [hash('message_hash', primary), moment('seen_at')],
      [index('ix_inbox_seen_age', ['seen_at'])],
    );
    await runner.addColumns('bookings', [
      new TableColumn(whole('version', { default: 0 })),
      new TableColumn(whole('address_fails', { default: 0 })),
      new TableColumn(text('meeting_room', 500, optional)),
      new TableColumn(text('cancelled_by', 16, optional)),
    ]);
    await runner.changeColumn('bookings', 'email', new TableColumn(text('email', 254, optional)));
    await runner.changeColumn('bookings', 'email_hash', new TableColumn(hash('email_hash', optional)));
    await runner.createIndex('bookings', index('ix_bookings_office', ['authority_id', 'office_id', 'starts_at']));
    // Letters of one booking leave in the order of its versions: until now each change raised SEQUENCE alike.
    await runner.query('UPDATE bookings SET version = sequence');
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = ['inbox_seen', 'feeds', 'questions', 'calendar_events', 'calendar_links', 'access_log', 'history'];
    for (const table of [...tables, 'sessions', 'staff']) await runner.dropTable(table);
    await runner.dropIndex('bookings', 'ix_bookings_office');
    // Who has no address now cannot be told to the version before.
    await runner.query(`UPDATE bookings SET email = COALESCE(email, ''), email_hash = COALESCE(email_hash, '')`);
    await runner.changeColumn('bookings', 'email_hash', new TableColumn(hash('email_hash')));
    await runner.changeColumn('bookings', 'email', new TableColumn(text('email', 254)));
    await runner.dropColumns('bookings', ['version', 'address_fails', 'meeting_room', 'cancelled_by']);
  }
}
