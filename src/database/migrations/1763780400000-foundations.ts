// SPDX-License-Identifier: AGPL-3.0-or-later
import { Table, TableIndex, type MigrationInterface, type QueryRunner, type TableColumnOptions } from 'typeorm';
import { hash, id, index, isMysql, long, moment, optional, primary, slug, text, unique, wholeIn } from './columns.ts';

/** The tables everything else stands on. */
export class Foundations1763780400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const mysql = isMysql(runner);
    const whole = wholeIn(runner);
    const roomy = (name: string): TableColumnOptions => ({ name, type: mysql ? 'mediumtext' : 'text' });
    if (mysql) await runner.query('ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci');
    const create = (name: string, columns: TableColumnOptions[], indices: TableIndex[] = []) =>
      runner.createTable(new Table({ name, columns, indices }));

    await create('authorities', [
      slug('id', primary),
      whole('revision'),
      { name: 'definition', type: mysql ? 'longtext' : 'text' },
    ]);
    await create(
      'counters',
      [
        whole('counter', { isPrimary: true, isGenerated: true, generationStrategy: 'increment' }),
        slug('authority_id'),
        slug('id'),
      ],
      [unique('uq_counters_authority_id', ['authority_id', 'id'])],
    );
    await create(
      'bookings',
      [
        id('id', primary),
        slug('authority_id'),
        text('reference', 16),
        slug('office_id'),
        slug('service_id'),
        whole('counter'),
        whole('starts_at'),
        whole('ends_at'),
        whole('busy_until'),
        text('mode', 16),
        text('status', 16),
        whole('sequence'),
        whole('generation'),
        text('language', 8),
        text('given_name', 100),
        text('family_name', 100),
        text('email', 254),
        text('phone', 32, optional),
        hash('email_hash'),
        text('reason', 200, optional),
        roomy('fields'),
        text('case_number', 64, optional),
        hash('manage_hash'),
        hash('meeting_hash'),
        moment('created_at'),
        moment('updated_at'),
      ],
      [
        unique('uq_bookings_reference', ['authority_id', 'reference']),
        index('ix_bookings_counter', ['counter', 'starts_at', 'busy_until', 'status']),
        index('ix_bookings_manage', ['manage_hash']),
        index('ix_bookings_meeting', ['meeting_hash']),
        index('ix_bookings_person', ['authority_id', 'email_hash', 'service_id']),
      ],
    );
    await create(
      'holds',
      [
        id('id', primary),
        slug('authority_id'),
        slug('office_id'),
        slug('service_id'),
        whole('counter'),
        whole('starts_at'),
        whole('busy_until'),
        hash('secret_hash'),
        moment('created_at'),
        moment('expires_at'),
      ],
      [
        index('ix_holds_counter', ['counter', 'starts_at', 'busy_until', 'expires_at']),
        index('ix_holds_expiry', ['expires_at']),
      ],
    );
    await create(
      'claims',
      [whole('counter', primary), whole('tick', primary), id('holder'), moment('expires_at', optional)],
      [index('ix_claims_expiry', ['expires_at'])],
    );
    await create('guards', [
      slug('authority_id', primary),
      slug('service_id', primary),
      hash('email_hash', primary),
      whole('bookings'),
    ]);
    await create(
      'idempotency_keys',
      [
        slug('authority_id', primary),
        text('caller', 64, primary),
        hash('key_hash', primary),
        hash('body_hash'),
        id('booking_id'),
        long('answer'),
        moment('created_at'),
      ],
      [index('ix_idempotency_keys_age', ['created_at'])],
    );
    await create(
      'outbox',
      [
        id('id', primary),
        slug('authority_id'),
        id('booking_id'),
        text('kind', 16),
        text('recipient', 16),
        whole('position'),
        long('facts'),
        text('status', 16),
        moment('owed_at'),
        moment('due_at'),
        whole('attempts'),
        whole('refused'),
        whole('lease_no'),
        moment('lease_until'),
        text('last_error', 250, optional),
        moment('created_at'),
        moment('finished_at', optional),
      ],
      [
        index('ix_outbox_due', ['status', 'due_at', 'position']),
        index('ix_outbox_owed', ['status', 'owed_at']),
        index('ix_outbox_booking', ['booking_id', 'recipient', 'position']),
      ],
    );
    await create(
      'drafts',
      [hash('key_hash', primary), slug('authority_id'), roomy('answers'), moment('expires_at')],
      [index('ix_drafts_expiry', ['expires_at'])],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'drafts',
      'outbox',
      'idempotency_keys',
      'guards',
      'claims',
      'holds',
      'bookings',
      'counters',
      'authorities',
    ])
      await runner.dropTable(table);
  }
}
