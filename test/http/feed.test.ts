// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import ICAL from 'ical.js';
import { Authorities } from '../../src/database/authorities.ts';
import { ChangeDesk } from '../../src/front-desk/change-desk.ts';
import { BookingDesk, type BookingRequest } from '../../src/front-desk/booking-desk.ts';
import { FeedDesk } from '../../src/front-desk/feed-desk.ts';
import type { Authority } from '../../src/offices/authority.ts';
import { EARLY, startApp, type RunningApp } from '../kit/app.ts';
import type { ManualClock } from '../kit/clock.ts';
import { at, outcomeOf, wishFor } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';

const STAFF = { name: 'Mario' };
const MONTH_MS = 30 * 24 * 3_600_000;

describe.each(engines)('A calendar to subscribe to, on $name', (engine) => {
  let app: RunningApp<ManualClock>;
  let feeds: FeedDesk;
  let authority: Authority;
  let desk: BookingDesk;
  let changes: ChangeDesk;
  let keys = 0;

  beforeAll(async () => {
    app = await startApp({ databaseUrl: await engine.freshUrl() });
    feeds = app.app.get(FeedDesk);
    desk = app.app.get(BookingDesk);
    changes = app.app.get(ChangeDesk);
    [authority] = (await app.app.get(Authorities).all()) as [Authority];
  });
  afterAll(() => app.close());
  beforeEach(() => app.clock.set(EARLY));

  const book = (start: string, more: Partial<BookingRequest> = {}) =>
    desk.book(
      authority,
      {
        ...wishFor(at(start)),
        citizen: { givenName: 'Anna', familyName: 'Rossi', email: 'anna@example.org', phone: '+39 0141 123456' },
        reason: 'Un segreto',
        fields: {},
        caseNumber: null,
        language: 'it',
        ...more,
      },
      { caller: 'anonymous', key: `key ${keys++}`, bodyHash: 'body' },
    );
  const read = (token: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
    app.ask(`/calendario/${token}.ics`, { headers, method });
  const eventsIn = (text: string) => ICAL.Component.fromString(text).getAllSubcomponents('vevent');
  const summaries = async (token: string) =>
    eventsIn((await read(token)).text).map((event) => event.getFirstPropertyValue('summary'));

  test('holds what a counter has, and names nobody', async () => {
    const booking = await book('2027-03-02T09:00');
    const { token, feed } = await feeds.create(authority, booking.counter, STAFF);
    const answer = await read(token);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/calendar; charset=utf-8; method=PUBLISH',
      'cache-control': 'private, no-cache',
      'referrer-policy': 'no-referrer',
    });
    const calendar = ICAL.Component.fromString(answer.text);
    const counter = authority.counterByKey(booking.counter)!;
    expect(calendar.getFirstPropertyValue('method')).toBe('PUBLISH');
    expect(calendar.getFirstPropertyValue('x-wr-calname')).toBe(`${counter.name} – ${authority.name}`);
    const [event] = calendar.getAllSubcomponents('vevent');
    const code = `${booking.reference.slice(0, 3)} ${booking.reference.slice(3)}`;
    expect(Object.fromEntries(event!.getAllProperties().map((p) => [p.name, String(p.getFirstValue())]))).toMatchObject(
      {
        uid: `${booking.id}@unione.example`,
        sequence: '0',
        dtstart: '2027-03-02T08:00:00Z',
        dtend: '2027-03-02T08:30:00Z',
        status: 'CONFIRMED',
        summary: `Consulenza SUAP – ${code}`,
        url: `${app.url}/operatore/appuntamenti/${booking.reference}`,
      },
    );
    expect(answer.text).not.toMatch(/ATTENDEE|ORGANIZER|Rossi|example\.org|0141|segreto/);
    expect(answer.text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75)).toBe(true);
    expect(answer.text).toMatch(/END:VCALENDAR\r\n$/);
    expect(feed.tokenHash).not.toContain(token);
  });

  test('follows what becomes of an appointment: cancelled or seated elsewhere it leaves', async () => {
    const booking = await book('2027-03-02T09:30', { serviceId: 'consulenza' });
    const { token } = await feeds.create(authority, booking.counter, STAFF);
    const before = await summaries(token);
    const moved = await changes.move(authority, booking, at('2027-03-02T10:00'));
    const staff = { by: { kind: 'staff', id: 'mario', name: 'Mario' } } as const;
    const other = authority.countersFor('suap', 'consulenza').find(({ key }) => key !== moved.counter)!;
    const seated = await changes.reseat(authority, moved, other.key, staff);
    expect(await summaries(token)).toHaveLength(before.length - 1);
    const { token: others } = await feeds.create(authority, other.key, STAFF);
    const there = await summaries(others);
    await changes.cancel(authority, seated);
    expect(await summaries(others)).toHaveLength(there.length - 1);
  });

  test('says which wait for the office, and names the citizen where the office wants it', async () => {
    const { definition } = authority;
    const settle = async (calendarShows: 'reference' | 'name') => {
      const offices = definition.offices.map((office) => ({
        ...office,
        calendarShows,
        services: office.services.map((service) => ({ ...service, confirmation: 'staff' as const })),
      }));
      await app.app.get(Authorities).save({ ...definition, offices });
    };
    await settle('reference');
    const citizen = { givenName: 'Eva', familyName: 'Bo; RRULE:FREQ=DAILY', email: 'eva@example.org', phone: null };
    const booking = await book('2027-03-05T09:00', { citizen });
    const { token } = await feeds.create(authority, booking.counter, STAFF);
    const one = async () =>
      eventsIn((await read(token)).text).find(
        (e) => e.getFirstPropertyValue('uid') === `${booking.id}@unione.example`,
      )!;
    expect((await one()).getFirstPropertyValue('status')).toBe('TENTATIVE');
    expect((await one()).getFirstPropertyValue('summary')).not.toContain('Eva');
    await settle('name');
    const named = await one();
    expect(named.getFirstPropertyValue('summary')).toBe('Consulenza SUAP – Eva Bo; RRULE:FREQ=DAILY');
    expect(named.getFirstProperty('rrule')).toBeNull();
    await app.app.get(Authorities).save(definition);
  });

  test('begins a month back', async () => {
    const booking = await book('2027-03-03T09:00');
    const { token } = await feeds.create(authority, booking.counter, STAFF);
    const isThere = async () =>
      eventsIn((await read(token)).text).some(
        (event) => event.getFirstPropertyValue('uid') === `${booking.id}@unione.example`,
      );
    app.clock.set(Date.parse('2027-03-03T07:59:00Z') + MONTH_MS);
    expect(await isThere()).toBe(true);
    app.clock.advance(2 * 60_000);
    expect(await isThere()).toBe(false);
  });

  test('is not sent again while nothing has changed', async () => {
    const booking = await book('2027-03-04T09:00');
    const { token } = await feeds.create(authority, booking.counter, STAFF);
    const first = await read(token);
    const etag = String(first.headers['etag']);
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`]) {
      const again = await read(token, { 'if-none-match': known });
      expect([again.status, again.text]).toEqual([304, '']);
    }
    const head = await read(token, {}, 'HEAD');
    expect([head.status, head.text, head.headers['etag']]).toEqual([200, '', etag]);
    await changes.cancel(authority, booking);
    expect((await read(token, { 'if-none-match': etag })).status).toBe(200);
  });

  test('once revoked, or never made, or of another authority, looks like nothing at all', async () => {
    const [counter] = authority.counters;
    const { token, feed } = await feeds.create(authority, counter!.key, STAFF);
    expect((await feeds.list(authority, counter!.key)).map(({ id }) => id)).toContain(feed.id);
    expect((await feeds.list(authority)).find(({ id }) => id === feed.id)).toMatchObject({ createdBy: 'Mario' });
    const other = Object.assign(Object.create(authority) as Authority, { id: 'altra' });
    expect(await feeds.revoke(other, feed.id)).toBe(false);
    expect(await outcomeOf(feeds.byToken(other, token))).toBe('not-found');
    expect((await read(token)).status).toBe(200);
    expect(await feeds.revoke(authority, feed.id)).toBe(true);
    expect(await feeds.revoke(authority, feed.id)).toBe(false);
    expect((await feeds.list(authority)).map(({ id }) => id)).not.toContain(feed.id);

    const unknown = await read('x'.repeat(43));
    const revoked = await read(token);
    expect([revoked.status, unknown.status]).toEqual([404, 404]);
    expect(revoked.text.replaceAll(token, '')).toBe(unknown.text.replaceAll('x'.repeat(43), ''));
    expect((await app.ask('/calendario/x.ics')).status).toBe(404);
    expect((await app.ask(`/calendario/${token}`)).status).toBe(404);
    expect(await outcomeOf(feeds.create(authority, 987_654, STAFF))).toBe('not-found');
  });
});
