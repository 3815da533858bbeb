// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SlotQuery } from '../../src/front-desk/timetable.ts';
import type { Authority } from '../../src/offices/authority.ts';
import type { AuthorityDefinition } from '../../src/offices/definition.ts';
import { officeWith, serviceWith, WORKDAYS } from '../offices/sample.ts';
import { at, counter, House, outcomeOf, refused, said, seat, unionWith, wishFor } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';

const DAY = 1440;
const TUESDAY = '2027-03-02';

describe.each(engines)('The timetable on $name', (engine) => {
  let house: House;
  let tests = 0;

  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
  });
  afterAll(() => house.close());
  beforeEach(() => house.clock.set('2027-03-01T07:00:00+01:00'));

  const settle = (parts: Partial<AuthorityDefinition> = {}) =>
    house.settle(unionWith(1, { ...parts, id: `unione-${tests++}` }));
  const offer = (authority: Authority, query: Partial<SlotQuery> = {}) =>
    house.timetable.offer(authority, { serviceId: 'consulenza', from: TUESDAY, through: TUESDAY, ...query });
  const times = async (authority: Authority, query: Partial<SlotQuery> = {}) =>
    (await offer(authority, query)).slots.map((s) => said(s.start).slice(11));
  const place = (found: { officeId: string; start: number } | null) =>
    found && `${found.officeId} ${said(found.start)}`;
  const decides = (authority: Authority, start: string, more: object = {}) =>
    outcomeOf(house.book(authority, at(start), more));

  test('Lists the grid of the opening, each with the counters free, and every one can be booked', async () => {
    const authority = await settle(unionWith(2));
    await house.book(authority, at(`${TUESDAY}T10:00`));
    const { slots } = await offer(authority);
    expect(slots.map((s) => `${said(s.start).slice(11)} ${s.end - s.start} ${s.free}`)).toEqual([
      '09:00 30 2',
      '09:30 30 2',
      '10:00 30 1',
      '10:30 30 2',
      '11:00 30 2',
      '11:30 30 2',
      '12:00 30 2',
      '12:30 30 2',
    ]);
  });

  test('Notice and horizon are elapsed time, both ends included, for the list and the desk alike', async () => {
    const services = [serviceWith({ notice: 2 * 60, horizon: 30 * DAY })];
    const authority = await settle({ offices: [officeWith({ services })] });
    house.clock.set('2027-03-02T08:30:00+01:00');
    expect((await times(authority))[0]).toBe('10:30');
    expect(await decides(authority, `${TUESDAY}T10:00`)).toBe('too-soon');
    expect(await decides(authority, `${TUESDAY}T10:30`)).toBe('ok');
    house.clock.set('2027-03-02T09:00:00.001+01:00');
    expect((await times(authority))[0]).toBe('11:30');
    expect(await decides(authority, `${TUESDAY}T11:00`)).toBe('too-soon');
    const last = { from: '2027-04-01', through: '2027-04-30' };
    house.clock.set('2027-03-02T09:00:00+01:00');
    expect((await offer(authority, last)).slots.map((s) => said(s.start)).at(-1)).toBe('2027-04-01T10:00');
    expect(await decides(authority, '2027-04-01T10:30')).toBe('too-far');
    expect(await decides(authority, '2027-04-01T10:00')).toBe('ok');
  });

  test('Buffers are claimed, may pass the closing, and are no part of the end', async () => {
    const services = [serviceWith({ duration: 30, bufferAfter: 20 })];
    const authority = await settle({ offices: [officeWith({ slotStep: 10, services })] });
    const before = await times(authority);
    expect([before[0], before.at(-1)]).toEqual(['09:00', '12:30']);
    const { end, busyUntil } = await house.book(authority, at(`${TUESDAY}T12:30`));
    expect([said(end).slice(11), said(busyUntil).slice(11)]).toEqual(['13:00', '13:20']);
    expect((await times(authority)).at(-1)).toBe('11:40');
    await house.book(authority, at(`${TUESDAY}T10:00`));
    expect((await times(authority)).slice(0, 3)).toEqual(['09:00', '09:10', '10:50']);
  });

  test('A buffer that passes the closing is met by who opens next at the same counter', async () => {
    const authority = await settle({
      offices: [
        officeWith({ services: [serviceWith({ bufferAfter: 45 })] }),
        officeWith({
          id: 'sera',
          openingHours: [{ days: WORKDAYS, opens: 780, closes: 900 }],
          services: [serviceWith()],
        }),
      ],
      counters: [counter('solo', seat(['consulenza']), { office: 'sera', services: ['consulenza'] })],
    });
    await house.book(authority, at(`${TUESDAY}T12:30`));
    expect(await times(authority, { officeIds: ['sera'] })).toEqual(['14:00', '14:30']);
    expect(await decides(authority, `${TUESDAY}T13:30`, { officeId: 'sera' })).toBe('slot-taken');
    expect(await decides(authority, `${TUESDAY}T14:00`, { officeId: 'sera' })).toBe('ok');
  });

  test('Modes, services and offices that are not there are invalid', async () => {
    const authority = await settle({ offices: [officeWith({ services: [serviceWith({ modes: ['video'] })] })] });
    expect(await times(authority, { mode: 'video' })).toHaveLength(8);
    const field = async (query: Partial<SlotQuery>) =>
      (await refused(offer(authority, query))).more.errors!.map((e) => e.field).join();
    expect(await field({ mode: 'phone' })).toBe('mode');
    expect(await field({ officeIds: ['nowhere'] })).toBe('office_id');
    expect(await field({ serviceId: 'nothing' })).toBe('service_id');
    expect(await decides(authority, `${TUESDAY}T10:00`)).toBe('invalid');
    expect(await decides(authority, `${TUESDAY}T10:00`, { mode: 'video' })).toBe('ok');
  });

  test('Hours and services for an audience are for that audience', async () => {
    const authority = await settle({
      offices: [
        officeWith({
          openingHours: [
            { days: ['tue'], opens: 540, closes: 660, audience: ['professionals'] },
            { days: ['thu'], opens: 900, closes: 1020, audience: ['public'] },
          ],
          services: [serviceWith(), serviceWith({ id: 'studi', audience: ['professionals'] })],
        }),
      ],
      counters: [counter('solo', seat(['consulenza', 'studi']))],
    });
    const week = { from: '2027-03-01', through: '2027-03-07' };
    const starts = async (query: Partial<SlotQuery>) =>
      (await offer(authority, { ...week, ...query })).slots.map((s) => said(s.start));
    expect((await starts({}))[0]).toBe('2027-03-04T15:00');
    expect((await starts({ audience: 'professionals' })).at(-1)).toBe('2027-03-02T10:30');
    expect(await starts({ serviceId: 'studi', audience: 'professionals' })).toHaveLength(4);
    expect((await refused(offer(authority, { serviceId: 'studi' }))).reason).toBe('invalid');
    expect(await decides(authority, '2027-03-02T09:00')).toBe('closed');
    expect(await decides(authority, '2027-03-02T09:00', { audience: 'professionals' })).toBe('ok');
  });

  test('A counter shared by offices on given days is at one of them at a time', async () => {
    const authority = await settle({
      offices: [
        officeWith({ services: [serviceWith()] }),
        officeWith({ id: 'vinchio', municipality: 'vinchio', services: [serviceWith()] }),
      ],
      counters: [
        counter('tecnico', seat(['consulenza'], { days: ['tue', 'wed'] }), {
          office: 'vinchio',
          services: ['consulenza'],
          days: ['wed', 'thu'],
        }),
      ],
    });
    const week = { from: '2027-03-01', through: '2027-03-05' };
    const days = async () => {
      const { slots } = await offer(authority, week);
      return [...new Set(slots.map((s) => `${s.officeId} ${said(s.start).slice(8, 10)}`))];
    };
    expect(await days()).toEqual(['suap 02', 'suap 03', 'vinchio 03', 'vinchio 04']);
    expect(await decides(authority, '2027-03-04T10:00')).toBe('closed');
    expect(await decides(authority, '2027-03-03T10:00', { officeId: 'vinchio' })).toBe('ok');
    expect(await decides(authority, '2027-03-03T10:00')).toBe('slot-taken');
    const wednesday = await offer(authority, { from: '2027-03-03', through: '2027-03-03' });
    expect(wednesday.slots.filter((s) => said(s.start).endsWith('10:00'))).toEqual([]);
  });

  test('An extraordinary opening beats a holiday, merges with the hours, and calls every counter', async () => {
    const office = officeWith({
      services: [serviceWith()],
      openings: [
        { date: '2027-04-25', opens: 540, closes: 600 },
        { date: '2027-04-06', opens: 760, closes: 850 },
        { date: '2027-04-06', opens: 500, closes: 540 },
      ],
      closures: [{ from: '2027-04-24', through: '2027-04-26', reason: 'Ponte' }],
    });
    const authority = await settle({
      offices: [office],
      counters: [counter('mercoledì', seat(['consulenza'], { days: ['wed'] }))],
    });
    const on = (day: string) => times(authority, { from: day, through: day });
    expect(await on('2027-04-25')).toEqual(['09:00', '09:30']);
    expect(await on('2027-04-26')).toEqual([]);
    expect(await on('2027-04-06')).toEqual(['08:20', '12:50', '13:20']);
    expect(await decides(authority, '2027-04-06T12:50')).toBe('ok');
    expect(await decides(authority, '2027-04-06T12:20')).toBe('closed');
    expect(await decides(authority, '2027-04-25T09:30')).toBe('ok');
  });

  test('A closed day says why, an ordinary one and a reopened one do not', async () => {
    const authority = await settle({
      closures: [{ from: '2027-05-14', through: '2027-05-14', reason: 'Lutto cittadino' }],
      offices: [
        officeWith({
          services: [serviceWith()],
          openings: [{ date: '2027-06-02', opens: 540, closes: 600 }],
          closures: [{ from: '2027-05-10', through: '2027-05-11', reason: 'Trasloco' }],
        }),
      ],
    });
    const { closed } = await offer(authority, { from: '2027-05-01', through: '2027-06-02' });
    expect(closed.map((c) => `${c.date} ${c.reason}`)).toEqual([
      expect.stringMatching(/^2027-05-01 /),
      '2027-05-03 Santa Croce',
      '2027-05-10 Trasloco',
      '2027-05-11 Trasloco',
      '2027-05-14 Lutto cittadino',
    ]);
  });

  describe('over several offices', () => {
    const two = (first: object, second: object) => ({
      offices: [
        officeWith({ services: [serviceWith()], ...first }),
        officeWith({ id: 'b', services: [serviceWith()], ...second }),
      ],
      counters: [counter('one', seat(['consulenza'])), counter('two', { office: 'b', services: ['consulenza'] })],
    });

    test('The first free is found wherever it is, also beyond the days asked about', async () => {
      const authority = await settle(
        two(
          { openingHours: [{ days: ['wed'], opens: 540, closes: 600, validFrom: '2027-04-14' }] },
          { openingHours: [{ days: ['thu'], opens: 540, closes: 570, validFrom: '2027-04-20' }] },
        ),
      );
      const nextFree = async (query: Partial<SlotQuery> = {}) => place((await offer(authority, query)).nextFree);
      expect(await nextFree()).toBe('suap 2027-04-14T09:00');
      expect(await nextFree({ officeIds: ['b'] })).toBe('b 2027-04-22T09:00');
      expect(await nextFree({ from: '2027-04-22', through: '2027-04-23' })).toBe('suap 2027-04-14T09:00');
      expect(await nextFree({ from: '2027-03-01', through: '2027-04-30' })).toBe('suap 2027-04-14T09:00');
      expect(await nextFree({ from: '2020-01-01', through: '2020-01-02' })).toBe('suap 2027-04-14T09:00');
      await house.book(authority, at('2027-04-14T09:00'));
      await house.holds.hold(authority, wishFor(at('2027-04-14T09:30')));
      expect(await nextFree()).toBe('suap 2027-04-21T09:00');
      house.clock.advance(5 * 60_000);
      expect(await nextFree()).toBe('suap 2027-04-14T09:30');
    });

    test('Nothing free within the horizon is null', async () => {
      const late = { openingHours: [{ days: WORKDAYS, opens: 540, closes: 600, validFrom: '2027-07-01' }] };
      const authority = await settle(two(late, late));
      expect((await offer(authority)).nextFree).toBeNull();
    });

    test('A booking taken at one does not hide the other', async () => {
      const authority = await settle(two({}, {}));
      await house.book(authority, at(`${TUESDAY}T10:00`));
      const { slots } = await offer(authority);
      expect(slots.filter((s) => said(s.start).endsWith('10:00')).map((s) => s.officeId)).toEqual(['b']);
      expect(slots.map((s) => s.start)).toEqual(slots.map((s) => s.start).sort((a, b) => a - b));
    });

    test('The alternatives are the three nearest: at the same office first, then elsewhere', async () => {
      const once = { openingHours: [{ days: ['tue' as const], opens: 540, closes: 630, validThrough: TUESDAY }] };
      const authority = await settle(two(once, {}));
      const [nine, ten] = [at(`${TUESDAY}T09:00`), at(`${TUESDAY}T10:00`)];
      await house.book(authority, ten);
      const { more } = await refused(house.book(authority, ten));
      expect(more.alternatives!.map(place)).toEqual([`suap ${said(ten - 30)}`, `suap ${said(nine)}`, `b ${said(ten)}`]);
    });

    test('Alternatives far ahead are better than none', async () => {
      const rare = [TUESDAY, '2027-05-18'].map((date) => ({ date, opens: 540, closes: 570 }));
      const authority = await settle({
        offices: [officeWith({ services: [serviceWith()], openingHours: [], openings: rare })],
      });
      await house.book(authority, at(`${TUESDAY}T09:00`));
      const { more } = await refused(house.book(authority, at(`${TUESDAY}T09:00`)));
      expect(more.alternatives!.map(place)).toEqual(['suap 2027-05-18T09:00']);
    });
  });

  test('In the two nights of the change each half hour of the wall clock is listed once or twice', async () => {
    const nights = ['2027-03-28', '2027-10-31'];
    const authority = await settle({
      offices: [
        officeWith({ openings: nights.map((date) => ({ date, opens: 60, closes: 240 })), services: [serviceWith()] }),
      ],
    });
    const on = async (day: string) => (await offer(authority, { from: day, through: day })).slots;
    expect((await on('2027-03-28')).map((s) => said(s.start).slice(11))).toEqual(['01:00', '01:30', '03:00', '03:30']);
    house.clock.set('2027-10-20T08:00:00+02:00');
    const october = await on('2027-10-31');
    expect(october).toHaveLength(8);
    for (const slot of october) expect(await outcomeOf(house.book(authority, slot.start))).toBe('ok');
    expect(await on('2027-10-31')).toEqual([]);
  });

  test('Says whether a door is open, until when, and when it opens next', async () => {
    const authority = await settle({
      offices: [
        officeWith({
          openingHours: [
            { days: ['mon', 'tue'], opens: 540, closes: 600 },
            { days: ['tue'], opens: 600, closes: 660 },
          ],
        }),
      ],
    });
    const office = authority.offices[0]!;
    const now = (moment: string) => {
      house.clock.set(`${moment}:00+01:00`);
      const [until, next] = [
        house.timetable.openUntil(authority, office),
        house.timetable.nextOpening(authority, office),
      ];
      return `${house.timetable.openNow(authority, office)} ${until && said(until)} ${next && said(next)}`;
    };
    expect(now('2027-03-01T08:59')).toBe('false null 2027-03-01T09:00');
    expect(now('2027-03-01T09:00')).toBe('true 2027-03-01T10:00 2027-03-02T09:00');
    expect(now('2027-03-01T10:00')).toBe('false null 2027-03-02T09:00');
    expect(now('2027-03-02T10:00')).toBe('true 2027-03-02T11:00 2027-03-08T09:00');
  });
});
