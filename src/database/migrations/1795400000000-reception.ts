// SPDX-License-Identifier: AGPL-3.0-or-later
import { Table, type MigrationInterface, type QueryRunner, type TableColumnOptions, type TableIndex } from 'typeorm';
import { hash, id, index, long, moment, optional, primary, slug, text, wholeIn } from './columns.ts';

/** The virtual reception: doors, who waits there, passes to the live events, and rooms at other providers. */
export class Reception1795400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const whole = wholeIn(runner);
    const create = (name: string, columns: TableColumnOptions[], indices: TableIndex[] = []) =>
      runner.createTable(new Table({ name, columns, indices }));

    await create(
      'arrivals',
      [
        id('id', primary),
        slug('authority_id'),
        slug('office_id'),
        text('kind', 16),
        hash('token_hash'),
        whole('number'),
        whole('due', optional),
        text('name', 201),
        text('reason', 200, optional),
        text('phone', 32, optional),
        text('language', 8),
        text('status', 16),
        id('staff_id', optional),
        text('staff_name', 100, optional),
        text('said', 200, optional),
        text('told', 200, optional),
        slug('handed_from', optional),
        whole('own_room'),
        whole('version'),
        moment('arrived_at'),
        moment('seen_at'),
        moment('called_at', optional),
        moment('ended_at', optional),
        moment('ring_at', optional),
        whole('ring_step'),
      ],
      [
        index('ix_arrivals_door', ['authority_id', 'status', 'office_id']),
        index('ix_arrivals_token', ['token_hash']),
        index('ix_arrivals_ring', ['ring_at']),
        index('ix_arrivals_seen', ['seen_at']),
      ],
    );
    await create('doors', [
      slug('authority_id', primary),
      slug('office_id', primary),
      whole('last_number'),
      text('sentence', 200, optional),
      moment('paused_until'),
      whole('mean_call'),
    ]);
    await create(
      'tickets',
      [
        hash('hash', primary),
        slug('authority_id'),
        id('arrival_id', optional),
        id('staff_id', optional),
        text('seat', 64),
        moment('expires_at'),
      ],
      [index('ix_tickets_expiry', ['expires_at'])],
    );
    await create(
      'push_subscriptions',
      [
        hash('id', primary),
        slug('authority_id'),
        id('staff_id'),
        text('endpoint', 500),
        text('p256dh', 100),
        text('auth', 32),
        moment('created_at'),
      ],
      [index('ix_push_subscriptions_staff', ['staff_id'])],
    );
    await create(
      'rooms',
      [
        id('booking_id', primary),
        text('provider', 16, primary),
        slug('authority_id'),
        whole('generation'),
        whole('sequence'),
        text('state', 16),
        text('external_id', 250, optional),
        text('citizen_url', 1000, optional),
        long('staff_url', optional),
        text('error', 250, optional),
        moment('updated_at'),
      ],
      [index('ix_rooms_state', ['authority_id', 'state'])],
    );
    await create('credentials', [text('name', 64, primary), long('sealed'), whole('version')]);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = ['credentials', 'rooms', 'push_subscriptions', 'tickets', 'doors', 'arrivals'];
    for (const table of tables) await runner.dropTable(table);
  }
}
