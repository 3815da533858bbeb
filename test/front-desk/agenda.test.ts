// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Diary } from '../../src/database/diary.ts';
import { CalendarEvent, Question } from '../../src/database/rows.ts';
import { Agenda, type AgendaColumn, type AgendaDay } from '../../src/front-desk/agenda.ts';
import type { Authority } from '../../src/offices/authority.ts';
import { authorityWith, officeWith, serviceWith } from '../offices/sample.ts';
import { at, counter, House, said, seat, unionWith } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';

const MONDAY = '2027-03-08';
const TUESDAY = '2027-03-09';

const STAFF = { by: { kind: 'staff', id: 'staff-1', name: 'Mario Bianchi' } } as const;

describe.each(engines)('on $name', (engine) => {
  let house: House;
  let diary: Diary;
  let agenda: Agenda;
  let unions = 0;

  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
    diary = new Diary(house.database);
    agenda = new Agenda(house.registers, diary, house.timetable);
  });

  afterAll(async () => {
    await house?.close();
  });

  /** A union of its own, so that no test sees the bookings of another. */
  const settle = (parts: Parameters<typeof unionWith>[1] = {}, counters = 1): Promise<Authority> =>
    house.settle(unionWith(counters, { id: `unione-${unions++}`, ...parts }));

  const dayAt = async (authority: Authority, day: string, officeId = 'suap'): Promise<AgendaDay> => {
    const [found] = await agenda.days(authority, authority.anyOffice(officeId)!, day, day);
    return found!;
  };

  /** `09:00 booking`, each entry of a column. */
  const told = ({ entries }: AgendaColumn): string[] =>
    entries.map(({ kind, time }) => `${said(time.start).slice(11)}-${said(time.end).slice(11)} ${kind}`);

  const names = ({ columns }: AgendaDay): string[] => columns.map((c) => c.counter.id);

  test('A day has a column for each counter, with who comes and what is free between', async () => {
    const authority = await settle({}, 2);
    await house.book(authority, at(`${MONDAY}T09:30`));
    const day = await dayAt(authority, MONDAY);
    expect(names(day)).toEqual(['sportello-1', 'sportello-2']);
    expect(told(day.columns[0]!)).toEqual([
      '09:00-09:30 free',
      '09:30-10:00 booking',
      '10:00-10:30 free',
      '10:30-11:00 free',
      '11:00-11:30 free',
      '11:30-12:00 free',
      '12:00-12:30 free',
      '12:30-13:00 free',
    ]);
    expect(told(day.columns[1]!)).toHaveLength(8);
    expect(day.closed).toBeNull();
  });

  test('What is free in the columns is what the timetable lists', async () => {
    const long = serviceWith({ id: 'pratica', duration: 60, bufferAfter: 30 });
    const services = [serviceWith(), long];
    const authority = await settle({
      offices: [officeWith({ services })],
      counters: [
        counter('a', seat(['consulenza', 'pratica'])),
        counter('b', seat(['consulenza'], { days: ['tue'] })),
        counter('c', seat(['pratica'])),
      ],
    });
    for (const [time, serviceId] of [
      ['09:30', 'consulenza'],
      ['11:00', 'pratica'],
      ['10:00', 'pratica'],
    ] as const)
      await house.book(authority, at(`${TUESDAY}T${time}`), { serviceId });
    for (const date of [MONDAY, TUESDAY]) {
      const { columns } = await dayAt(authority, date);
      const shown = columns.flatMap(({ counter: { id }, entries }) =>
        entries.filter((e) => e.kind === 'free').map((e) => `${id} ${said(e.time.start)}`),
      );
      expect(shown.length).toBeGreaterThan(5);
      for (const { id } of services) {
        const { slots } = await house.timetable.offer(authority, { serviceId: id, from: date, through: date });
        const serving = authority.countersFor('suap', id).map((c) => c.id);
        for (const { start, free } of slots)
          expect(shown.filter((s) => serving.some((c) => s === `${c} ${said(start)}`)).length).toBeGreaterThanOrEqual(
            free,
          );
        const listed = new Set(slots.map((s) => said(s.start)));
        const only = serving.filter(
          (c) => authority.counters.find((k) => k.id === c)!.serves[0]!.services.length === 1,
        );
        for (const s of shown) if (only.includes(s.split(' ')[0]!)) expect(listed).toContain(s.split(' ')[1]!);
      }
    }
  });

  test('A counter of two offices stands in each on its own days, and says where else it sits', async () => {
    const sue = officeWith({ id: 'sue', name: 'Edilizia', services: [serviceWith({ id: 'titoli' })] });
    const authority = await settle({
      offices: [officeWith({ services: [serviceWith()] }), sue],
      counters: [
        counter('tecnico', seat(['consulenza'], { days: ['mon', 'tue'] }), {
          office: 'sue',
          services: ['titoli'],
          days: ['tue', 'wed'],
        }),
      ],
    });
    await house.book(authority, at(`${TUESDAY}T10:00`), { officeId: 'sue', serviceId: 'titoli' });
    expect(names(await dayAt(authority, MONDAY))).toEqual(['tecnico']);
    expect(names(await dayAt(authority, MONDAY, 'sue'))).toEqual([]);
    const [column] = (await dayAt(authority, TUESDAY)).columns;
    expect(told(column!).slice(1, 4)).toEqual(['09:30-10:00 free', '10:00-10:30 elsewhere', '10:30-11:00 free']);
    expect(told((await dayAt(authority, TUESDAY, 'sue')).columns[0]!)[2]).toBe('10:00-10:30 booking');
  });

  test('A closed day says why, and shows who was left behind', async () => {
    const before = await settle();
    await house.book(before, at(`${MONDAY}T09:00`));
    const closures = [{ from: MONDAY, through: TUESDAY, reason: 'Trasloco' }];
    const authority = await house.settle({ ...before.definition, closures });
    const [monday, tuesday] = await agenda.days(authority, authority.office('suap')!, MONDAY, TUESDAY);
    expect(monday).toMatchObject({ closed: 'Trasloco', columns: [{ open: [] }] });
    expect(told(monday!.columns[0]!)).toEqual(['09:00-09:30 booking']);
    expect(tuesday).toMatchObject({ closed: 'Trasloco', columns: [] });
    expect(agenda.nextOpenDay(authority, authority.office('suap')!, MONDAY)).toBe('2027-03-10');
    expect((await dayAt(authority, '2027-05-03')).closed).toBe('Santa Croce');
  });

  test('On the days of the clock change a column is as long as the door is open', async () => {
    const openings = ['2027-03-28', '2027-10-31'].map((date) => ({ date, opens: 60, closes: 240 }));
    const service = serviceWith({ horizon: 365 * 1440 });
    const authority = await settle({ offices: [officeWith({ openings, services: [service] })] });
    const free = async (day: string): Promise<string[]> => {
      const [column] = (await dayAt(authority, day)).columns;
      return column!.entries.map(({ time }) => said(time.start).slice(11));
    };
    expect(await free('2027-03-28')).toEqual(['01:00', '01:30', '03:00', '03:30']);
    expect(await free('2027-10-31')).toEqual(['01:00', '01:30', '02:00', '02:30', '02:00', '02:30', '03:00', '03:30']);
  });

  test('A place in more stands after the counters, with who was seated there', async () => {
    const authority = await settle();
    await house.book(authority, at(`${MONDAY}T09:00`));
    const request = house.request(at(`${MONDAY}T09:00`));
    await house.bookings.book(authority, request, house.repeat(), { ...STAFF, overrule: 'Urgente' });
    const now = (await house.registers.authorities.find(authority.id))!;
    const day = await dayAt(now, MONDAY);
    expect(names(day)).toEqual(['sportello-1', 'extra/suap/1']);
    expect(told(day.columns[1]!)).toEqual(['09:00-09:30 booking']);
  });

  test('A cancelled appointment leaves its time free', async () => {
    const authority = await settle();
    const booking = await house.book(authority, at(`${MONDAY}T09:00`));
    await house.changes.cancel(authority, booking);
    expect(told((await dayAt(authority, MONDAY)).columns[0]!)[0]).toBe('09:00-09:30 free');
  });

  test('Time taken in the own calendar of a counter stands where no appointment does', async () => {
    const googleCalendar = { id: 'desk@group.calendar.google.com', access: 'service_account' as const };
    const authority = await settle({ counters: [{ ...counter('a', seat(['consulenza'])), googleCalendar }] });
    const { key } = authority.counters[0]!;
    await house.book(authority, at(`${MONDAY}T10:00`));
    const event = { counter: key, bookingId: null, etag: '"1"', version: 0, generation: 0, busy: 1 };
    await house.database.transaction((tx) =>
      tx.insert(CalendarEvent, [
        { ...event, eventId: 'one', start: at(`${MONDAY}T09:40`), end: at(`${MONDAY}T11:10`) },
        { ...event, eventId: 'none', busy: 0, start: at(`${MONDAY}T12:00`), end: at(`${MONDAY}T12:30`) },
      ]),
    );
    const [column] = (await dayAt(authority, MONDAY)).columns;
    const lines = told(column!);
    expect(lines).toEqual(
      expect.arrayContaining(['09:40-10:00 busy', '10:00-10:30 booking', '10:30-11:10 busy', '12:00-12:30 free']),
    );
    const entries = column!.entries;
    expect(entries.filter((e, i) => i > 0 && e.time.start < entries[i - 1]!.time.end)).toEqual([]);
  });

  // ── looking for someone ──

  const found = async (
    authority: Authority,
    typed: string,
    offices = ['suap'],
    now = at(`${MONDAY}T08:00`),
  ): Promise<string[]> => (await diary.search(authority.id, offices, typed, now, 50)).map((b) => b.familyName);

  test('Someone is found by the reference, however it is typed, or by how a name begins', async () => {
    const authority = await settle({}, 9);
    const named = (givenName: string, familyName: string, time: string) =>
      house.book(authority, at(`${MONDAY}T${time}`), {
        citizen: { givenName, familyName, email: 'anna@example.org', phone: null },
      });
    const ferrero = await named('Anna Maria', 'Ferrero', '09:00');
    await named('Luca', 'De Ferrari', '10:00');
    await named('Sara', '100% Sì', '11:00');
    await named('Ugo', '100 e Lode', '11:30');
    const { reference } = ferrero;
    expect(await found(authority, `${reference.slice(0, 3).toLowerCase()} ${reference.slice(3)}`)).toEqual(['Ferrero']);
    expect(await found(authority, 'ferr')).toEqual(['Ferrero', 'De Ferrari']);
    expect(await found(authority, 'ferr', ['suap'], at(`${MONDAY}T09:40`))).toEqual(['De Ferrari', 'Ferrero']);
    expect(await found(authority, 'ferr', ['suap'], at(`${MONDAY}T18:00`))).toEqual(['De Ferrari', 'Ferrero']);
    expect(await found(authority, 'maria ferr')).toEqual(['Ferrero']);
    expect(await found(authority, 'FERRERO anna')).toEqual(['Ferrero']);
    expect(await found(authority, 'errero')).toEqual([]);
    expect(await found(authority, '100%')).toEqual(['100% Sì']);
    expect(await found(authority, '_')).toEqual([]);
    expect(await found(authority, ' ')).toEqual([]);
    await house.changes.cancel(authority, ferrero);
    expect(await found(authority, reference)).toEqual(['Ferrero']);
  });

  test('Nobody is found in another office or another authority', async () => {
    const authority = await settle();
    const other = await settle();
    const { reference } = await house.book(authority, at(`${MONDAY}T09:00`));
    expect(await found(authority, reference)).toEqual(['Rossi']);
    expect(await found(authority, reference, ['sue'])).toEqual([]);
    expect(await found(other, reference)).toEqual([]);
    expect(await found(other, 'Rossi')).toEqual([]);
  });

  // ── what is to be decided ──

  test('Those who wait for a yes stand in the order in which they asked', async () => {
    const services = [serviceWith({ confirmation: 'staff' })];
    const authority = await settle({ offices: [officeWith({ services })] }, 1);
    const late = await house.book(authority, at(`${MONDAY}T12:00`));
    house.clock.advance(60_000);
    const soon = await house.book(authority, at(`${MONDAY}T09:00`));
    const waiting = async (offices: string[], now = MONDAY) =>
      (await diary.pending(authority.id, offices, at(`${now}T00:00`))).map((b) => b.id);
    expect(await waiting(['suap'])).toEqual([late.id, soon.id]);
    expect(await waiting(['sue'])).toEqual([]);
    expect(await waiting(['suap'], TUESDAY)).toEqual([]);
  });

  test('Addresses that fail and questions without an answer are found with their bookings', async () => {
    const authority = await settle();
    const booking = await house.book(authority, at(`${MONDAY}T09:00`));
    const failing = booking.with({ addressFails: 1 }, house.clock.now());
    const question = {
      authorityId: authority.id,
      officeId: 'suap',
      bookingId: booking.id,
      kind: 'deleted-event',
      detail: {},
      askedAt: house.clock.now(),
    };
    await house.database.transaction(async (tx) => {
      await house.registers.books.replace(tx, booking, failing);
      await tx.insert(Question, [
        { ...question, id: `${authority.id}-1`, answeredAt: null, answer: null },
        { ...question, id: `${authority.id}-2`, answeredAt: house.clock.now(), answer: 'restore' },
      ]);
    });
    const now = at(`${MONDAY}T00:00`);
    expect((await diary.unreachable(authority.id, ['suap'], now)).map((b) => b.id)).toEqual([booking.id]);
    expect(await diary.unreachable(authority.id, ['suap'], at(`${TUESDAY}T00:00`))).toEqual([]);
    const open = await diary.openQuestions(authority.id, ['suap']);
    expect(open.map((o) => [o.question.id, o.booking.id])).toEqual([[`${authority.id}-1`, booking.id]]);
    expect(await diary.openQuestions(authority.id, ['sue'])).toEqual([]);
  });
});

test('A retired office still has the day of those who are booked there', async () => {
  const house = await House.open(await engines[0]!.freshUrl());
  try {
    const before = await house.settle(unionWith());
    await house.book(before, at(`${MONDAY}T09:00`));
    const offices = before.definition.offices.map((o) => ({ ...o, retired: true }));
    const authority = await house.settle(authorityWith({ ...before.definition, offices }));
    const agenda = new Agenda(house.registers, new Diary(house.database), house.timetable);
    const [day] = await agenda.days(authority, authority.anyOffice('suap')!, MONDAY, MONDAY);
    expect(day!.columns.map((c) => c.entries.filter((e) => e.kind === 'booking').length)).toEqual([1]);
  } finally {
    await house.close();
  }
});
