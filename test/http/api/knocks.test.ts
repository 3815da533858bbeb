// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Authorities } from '../../../src/database/authorities.ts';
import { Registers } from '../../../src/database/registers.ts';
import { Doors } from '../../../src/front-desk/reception/doors.ts';
import { OpeningDesk } from '../../../src/front-desk/reception/opening-desk.ts';
import { WaitingDesk } from '../../../src/front-desk/reception/waiting-desk.ts';
import type { Authority } from '../../../src/offices/authority.ts';
import { startApp, type Answer, type Ask, type RunningApp } from '../../kit/app.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { engines } from '../../kit/engines.ts';
import { conforming } from './conforming.ts';

const API = '/api/v1';
const KNOCKS = `${API}/offices/suap/knocks`;
/** A Tuesday, an hour after the SUAP has opened. */
const TEN = '2027-03-02T10:00:00+01:00';
const ANNA = { id: '0199e0c8-0000-7000-8000-000000000001', name: 'Anna Rossi' };

interface Knock {
  id: string;
  status: string;
  number: number;
  ahead: number;
  estimate: string | null;
  url: string;
}

interface Problem {
  type: string;
  next_opening?: string | null;
  said?: string;
  errors?: { field: string }[];
}

describe.each(engines)('Knocking over REST, on $name', (engine) => {
  let app: RunningApp<ManualClock>;
  let ask: (path: string, ask?: Ask) => Promise<Answer>;
  let authority: Authority;

  beforeAll(async () => {
    app = await startApp({ databaseUrl: await engine.freshUrl() });
    ask = await conforming(app);
    [authority] = (await app.app.get(Authorities).all()) as [Authority];
  });
  afterAll(() => app?.close());
  beforeEach(() => app.clock.set(TEN));

  const knock = (body: object = { name: 'Carla' }, path = KNOCKS) => ask(path, { body });
  const knocked = async (body?: object): Promise<Knock> => {
    const answer = await knock(body);
    expect(answer.status).toBe(201);
    return answer.json<Knock & Record<string, unknown>>();
  };
  const read = async (id: string) => (await ask(`${API}/knocks/${id}`)).json<Knock & Record<string, unknown>>();
  const problem = (answer: Answer): [number, string | undefined, Problem] => {
    const body = answer.json<Problem & Record<string, unknown>>();
    return [answer.status, body.type.split('/').at(-1), body];
  };
  const leaveAll = async () => {
    const lines = await app.app.get(OpeningDesk).queue(
      authority,
      authority.offices.map(({ id }) => id),
    );
    for (const { arrival } of lines) await app.app.get(WaitingDesk).withdraw(arrival);
  };

  test('A knock has a place, a page, and is followed until it is over', async () => {
    const answer = await knock({ name: 'Carla', reason: 'Una SCIA', language: 'en' });
    expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store']);
    const first = answer.json<Knock & Record<string, unknown>>();
    const url = `${app.url}/incontro/${first.id}`;
    expect(first).toEqual({
      id: expect.stringMatching(/^[\w-]{43}$/),
      office_id: 'suap',
      status: 'waiting',
      number: expect.any(Number),
      ahead: 0,
      estimate: 'PT1M',
      url,
      created_at: TEN,
    });
    const second = await knocked();
    expect(second).toMatchObject({ number: first.number + 1, ahead: 1, estimate: 'PT8M' });
    expect(await read(first.id)).toEqual(first);

    const desk = app.app.get(OpeningDesk);
    const arrival = (await app.app.get(WaitingDesk).find(authority, first.id))!;
    expect(arrival.language).toBe('en');
    await desk.open(authority, arrival, ANNA);
    expect(await read(first.id)).toMatchObject({ status: 'called', estimate: null });
    expect(await read(second.id)).toMatchObject({ ahead: 0, estimate: 'PT8M' });
    await desk.close(authority, arrival, ANNA);
    expect(await read(first.id)).toMatchObject({ status: 'closed' });

    const leave = () => ask(`${API}/knocks/${second.id}`, { method: 'DELETE' });
    expect([(await leave()).status, (await leave()).status]).toEqual([204, 204]);
    expect(await read(second.id)).toMatchObject({ status: 'withdrawn', ahead: 0 });
  });

  test('To read is a sign of life: without one for thirty seconds who waits is gone', async () => {
    const [kept, lost] = [await knocked(), await knocked()];
    app.clock.advance(20_000);
    expect(await read(kept.id)).toMatchObject({ status: 'waiting' });
    app.clock.advance(20_000);
    expect(await read(kept.id)).toMatchObject({ status: 'waiting' });
    expect(await read(lost.id)).toMatchObject({ status: 'gone', estimate: null });
    await leaveAll();
  });

  test('A closed door says when it opens: on the Saturday before Easter, on the Tuesday after', async () => {
    app.clock.set('2027-03-27T10:00:00+01:00');
    const [status, slug, { next_opening: next }] = problem(await knock());
    expect([status, slug, next]).toEqual([409, 'door-closed', '2027-03-30T09:00:00+02:00']);
    app.clock.set('2027-03-01T12:59:59+01:00');
    expect((await knock()).status).toBe(201);
    app.clock.set('2027-03-01T13:00:00+01:00');
    expect(problem(await knock()).slice(0, 2)).toEqual([409, 'door-closed']);
    await leaveAll();
  });

  test('A paused door says why', async () => {
    await app.app.get(Doors).pause(authority, 'suap', 'torno alle 11:00');
    const [status, slug, { said, next_opening: next }] = problem(await knock());
    expect([status, slug, said, next]).toEqual([409, 'door-paused', 'torno alle 11:00', undefined]);
    await app.app.get(Doors).resume(authority, 'suap');
  });

  test('What is wrong is named, and what is not there is not found', async () => {
    const fields = async (body: object) => problem(await knock(body))[2].errors?.map(({ field }) => field);
    expect(await fields({ reason: 'a' })).toEqual(['name']);
    expect(await fields({ name: ' ' })).toEqual(['name']);
    expect(await fields({ name: 'Carla', reason: 'a\nb' })).toEqual(['reason']);
    expect(await fields({ name: 'Carla', number: 1 })).toEqual(['number']);
    expect(problem(await knock(undefined, `${API}/offices/nada/knocks`)).slice(0, 2)).toEqual([404, 'not-found']);
    for (const method of ['GET', 'DELETE'] as const)
      expect((await ask(`${API}/knocks/${'a'.repeat(43)}`, { method })).status).toBe(404);
  });

  test('The link of an appointment is no knock', async () => {
    const body = {
      office_id: 'suap',
      service_id: 'consulenza',
      start: '2027-03-02T12:00:00+01:00',
      mode: 'video',
      citizen: { given_name: 'Vera', family_name: 'Verdi', email: 'vera@example.org' },
    };
    const booked = await ask(`${API}/bookings`, { body, headers: { 'idempotency-key': 'vera' } });
    const { meeting_url: url, reference } = booked.json<{ meeting_url: string; reference: string }>();
    const booking = await app.app.get(Registers).books.byReference(authority.id, reference);
    app.clock.set('2027-03-02T11:55:00+01:00');
    const token = url.split('/').at(-1)!;
    const arrival = await app.app.get(WaitingDesk).arrive(authority, booking!);
    expect((await app.app.get(WaitingDesk).find(authority, token))?.id).toBe(arrival.id);
    for (const method of ['GET', 'DELETE'] as const)
      expect((await ask(`${API}/knocks/${token}`, { method })).status).toBe(404);
    await leaveAll();
  });

  test('An office says how its virtual door stands', async () => {
    type Office = { id: string; door: object; reception_hours: object[]; opening_hours: object[] };
    const offices = async () => (await ask(`${API}/offices`)).json<{ items: Office[] }>().items;
    const suap = async () => (await offices()).find(({ id }) => id === 'suap')!;
    const open = { state: 'open', waiting: 0, until: '2027-03-02T13:00:00+01:00', next_opening: null, sentence: null };
    expect((await suap()).door).toEqual(open);
    expect((await suap()).reception_hours).toEqual((await suap()).opening_hours);
    await knocked();
    expect((await suap()).door).toEqual({ ...open, state: 'busy', waiting: 1 });
    expect((await ask(`${API}/offices/suap`)).json()).toEqual(await suap());
    await app.app.get(Doors).pause(authority, 'suap', 'torno');
    expect((await suap()).door).toEqual({ ...open, state: 'paused', waiting: 1, sentence: 'torno' });
    app.clock.set('2027-03-27T10:00:00+01:00');
    const next = '2027-03-30T09:00:00+02:00';
    expect((await suap()).door).toEqual({ ...open, state: 'closed', until: null, next_opening: next });
  });
});
