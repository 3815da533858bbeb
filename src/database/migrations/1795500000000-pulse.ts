// SPDX-License-Identifier: AGPL-3.0-or-later
import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { moment, primary, text } from './columns.ts';

/** When the house could last write: who waits does not answer for its absence. */
export class Pulse1795500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(new Table({ name: 'pulse', columns: [text('name', 16, primary), moment('beat_at')] }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('pulse');
  }
}
