// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Registers } from '../../src/database/registers.ts';
import { EARLY } from '../kit/app.ts';
import { engines } from '../kit/engines.ts';
import { newFolder } from '../kit/folder.ts';
import { FakeGoogle } from '../kit/google.ts';
import { book, change, contradictions, inBooks, requestFor, slotsOf, slugOf, startTown, writeTown } from './town.ts';
import type { Town } from './town.ts';

const CAL = 'sportello-1@group.calendar.example';
/** Reached on behalf of somebody of the domain. */
const DELEGATED = 'sportello-2@group.calendar.example';
const SOMEBODY = 'sportello@comune.example';
const mariadb = engines.find(({ name }) => name === 'MariaDB')!;

/** The town with two calendars, one shared with the service account and one by delegation, as docs/google.md has it. */
function withCalendar(google: FakeGoogle): Record<string, string> {
  const folder = newFolder('google');
  const [town, key] = [join(folder, 'borgo.yaml'), join(folder, 'key.json')];
  const text = readFileSync(writeTown(), 'utf8')
    .replace('name: Sportello 1,', (name) => `${name} google_calendar: ${CAL},`)
    .replace('name: Sportello 2,', (name) => `${name} google_calendar: { id: ${DELEGATED}, as: ${SOMEBODY} },`);
  writeFileSync(town, text);
  writeFileSync(key, JSON.stringify(google.tokens.serviceAccount));
  return {
    AUTHORITY_FILE: town,
    GOOGLE_SERVICE_ACCOUNT_FILE: key,
    GOOGLE_API_URL: google.url.replace(/\/$/, ''),
    GOOGLE_TOKEN_URL: google.tokenUrl,
    GOOGLE_AUTH_URL: google.authUrl,
  };
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const start = Date.now(); !(await holds()); await wait(50))
    if (Date.now() - start > 20_000) throw new Error(`not in 20 seconds: ${what}`);
}

describe('Two instances with one Google calendar', () => {
  let url: string;
  let google: FakeGoogle;
  let town: Town;

  beforeAll(async () => {
    url = await mariadb.freshUrl();
    const ahead = Date.parse(EARLY) - Date.now();
    google = await FakeGoogle.start({ now: () => Date.now() + ahead });
    google.addCalendar(CAL);
    google.addCalendar(DELEGATED, { roles: { [SOMEBODY]: 'writer' } });
    google.tokens.delegatedBy.add('comune.example');
    town = await startTown([url, url], withCalendar(google));
  }, 60_000);
  afterAll(async () => {
    for (const app of town?.apps ?? []) await app.end('SIGTERM');
    await google?.stop();
  });

  const done = (...operations: string[]) =>
    google.log.filter(({ operation, calendar }) => calendar === CAL && operations.includes(operation)).length;
  const synced = () =>
    inBooks(url, async (db) => {
      const links = await new Registers(db).calendarPulls.links();
      return links.find(({ calendarId }) => calendarId === CAL)?.syncedAt ?? 0;
    });
  /** Has the calendar looked at, as a notice of Google's would. */
  async function look(): Promise<void> {
    const before = await synced();
    await inBooks(url, (db) => db.run('UPDATE calendar_links SET due_at = 0 WHERE calendar_id = ?', [CAL]));
    await until('the calendar is read', async () => (await synced()) !== before);
  }

  test('Each booking is one event, whoever took it, within a minute', async () => {
    const starts = (await slotsOf(town.apps[0]!, 'carta', '2027-03-01')).slice(0, 24);
    const answers = await Promise.all(starts.map((start, n) => book(town.apps[n % 2]!, requestFor({ start }))));
    expect(answers.map(slugOf)).toEqual(starts.map(() => '201 '));
    await until('24 events', () => google.events(CAL).length === 24);
    await Promise.all(answers.slice(0, 8).map((answer, n) => change(town.apps[(n + 1) % 2]!, answer, 'cancellation')));
    await until('16 events', () => google.events(CAL).length === 16);
    expect([done('insert'), done('delete'), done('get', 'patch')]).toEqual([24, 8, 0]);
    expect(await contradictions(url)).toEqual([]);
  }, 60_000);

  test('A calendar reached by delegation gets its events too', async () => {
    const start = '2027-03-01T16:00:00+01:00';
    const answers = await Promise.all(
      [0, 1, 0].map((n) => book(town.apps[n]!, requestFor({ start, service: 'residenza' }))),
    );
    expect(answers.map(({ body }) => body.counter).sort()).toEqual(['due', 'quattro', 'tre']);
    await until('one event', () => google.events(DELEGATED).length === 1);
  }, 60_000);

  test('One looks at a time, and what it saw closes the slots of both', async () => {
    await until('the calendar is read at all', async () => (await synced()) > 0);
    const before = done('list');
    for (let n = 0; n < 4; n++) await look();
    expect(done('list') - before).toBe(4);
    const start = '2027-03-01T15:00:00+01:00';
    const wanted = ({ apps }: Town) =>
      Promise.all(apps.map(async (app) => (await slotsOf(app, 'carta')).includes(start)));
    expect(await wanted(town)).toEqual([true, true]);
    google.staffAdd(CAL, { start: { dateTime: start }, end: { dateTime: '2027-03-01T15:10:00+01:00' } });
    await look();
    expect(await wanted(town)).toEqual([false, false]);
    for (const app of town.apps) expect(slugOf(await book(app, requestFor({ start })))).toBe('409 slot-taken');
  }, 60_000);
});
