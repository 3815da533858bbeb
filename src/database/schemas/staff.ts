// SPDX-License-Identifier: AGPL-3.0-or-later
import { EntitySchema } from 'typeorm';
import { Staff } from '../../access/staff.ts';
import { AccessLogEntry, Session } from '../rows.ts';
import { hash, id, json, moment, optional, primary, slug, text, whole } from './columns.ts';

/** Those who work there, and who looked at what. */
export const staff = (): EntitySchema[] => [
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
];
