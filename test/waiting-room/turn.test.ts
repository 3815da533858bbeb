// SPDX-License-Identifier: AGPL-3.0-or-later
import { describe, expect, test } from '@jest/globals';
import { Arrival, newArrival, type ArrivalStatus } from '../../src/waiting-room/arrival.ts';
import { isPausedAt, meanAfter } from '../../src/waiting-room/door.ts';
import { inTurn, type Place } from '../../src/waiting-room/turn.ts';

const NOW = 1_000;
type Named = Place & { readonly name: string };

const knocked = (name: string, number: number): Named => ({ name, number, due: null, handedFrom: null });
const booked = (name: string, number: number, due: number): Named => ({ name, number, due, handedFrom: null });
const handed = (name: string, number: number, due: number | null = null): Named => ({
  name,
  number,
  due,
  handedFrom: 'sue',
});

const turns = (waiting: readonly Named[]): string =>
  inTurn(waiting, NOW)
    .map(({ name }) => name)
    .join(' ');

describe('Whose turn it is', () => {
  test('An appointment whose time has come, who was handed over, who knocked, an appointment to come', () => {
    const waiting = [booked('later', 1, NOW + 1), knocked('knocked', 2), handed('handed', 3), booked('due', 4, NOW)];
    expect(turns(waiting)).toBe('due handed knocked later');
    expect(turns(waiting.toReversed())).toBe('due handed knocked later');
  });

  test('Of two of a kind who came first; of two appointments the earlier one', () => {
    expect(turns([knocked('b', 11), knocked('a', 9)])).toBe('a b');
    expect(turns([handed('b', 11), handed('a', 9, NOW + 5)])).toBe('a b');
    expect(turns([booked('b', 1, NOW - 5), booked('a', 2, NOW - 30), booked('c', 3, NOW - 5)])).toBe('a b c');
  });

  test('Nobody waits: nobody is first, and what was given is left as it was', () => {
    expect(inTurn([], NOW)).toEqual([]);
    const waiting = [knocked('b', 2), knocked('a', 1)];
    inTurn(waiting, NOW);
    expect(waiting.map(({ name }) => name)).toEqual(['b', 'a']);
  });
});

describe('An arrival', () => {
  const arrival = (status: ArrivalStatus): Arrival =>
    newArrival({
      id: 'a',
      authorityId: 'unione',
      officeId: 'suap',
      kind: 'knock',
      tokenHash: '',
      due: null,
      name: 'Carla',
      reason: null,
      phone: null,
      language: 'it',
      arrivedAt: 60_000,
    }).with({ status });

  test('Nothing follows an end, and whoever has been let in may still be telephoned, held or handed over', () => {
    const all: ArrivalStatus[] = ['waiting', 'called', 'held', 'call_back', 'closed', 'withdrawn'];
    const after = (status: ArrivalStatus) => all.filter((next) => arrival(status).mayBecome(next));
    expect(after('waiting')).toEqual(['called', 'call_back', 'closed', 'withdrawn']);
    expect(after('called')).toEqual(['waiting', 'held', 'call_back', 'closed', 'withdrawn']);
    expect(after('held')).toEqual(['waiting', 'called', 'call_back', 'closed', 'withdrawn']);
    expect(after('call_back')).toEqual(['closed', 'withdrawn']);
    expect([...after('closed'), ...after('withdrawn')]).toEqual([]);
    expect(all.filter((status) => arrival(status).isLive)).toEqual(['waiting', 'called', 'held', 'call_back']);
  });

  test('Who waits is gone thirty seconds after the last sign of life, to the millisecond; who talks never', () => {
    expect(arrival('waiting').isGoneAt(89_999)).toBe(false);
    expect(arrival('waiting').isGoneAt(90_000)).toBe(true);
    for (const status of ['called', 'held', 'call_back', 'closed'] as const)
      expect(arrival(status).isGoneAt(90_000)).toBe(false);
  });

  test('Every change raises its version', () => {
    expect(arrival('waiting').with({ said: 'eccomi' })).toMatchObject({ version: 2, said: 'eccomi' });
  });
});

test('A pause ends by itself, and a long call weighs a fifth in the mean', () => {
  expect(isPausedAt({ sentence: 'torno', pausedUntil: 10 }, 9)).toBe(true);
  expect(isPausedAt({ sentence: 'torno', pausedUntil: 10 }, 10)).toBe(false);
  expect(isPausedAt({ sentence: null, pausedUntil: 10 }, 9)).toBe(false);
  expect(meanAfter(480_000, 980_000)).toBe(580_000);
});
