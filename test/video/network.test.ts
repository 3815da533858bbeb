// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Network } from '../../src/video/network.ts';
import { VideoFailure } from '../../src/video/video-failure.ts';
import { ManualClock } from '../kit/clock.ts';
import type { VideoFault } from '../kit/video/stub.ts';
import { WherebyStub } from '../kit/video/whereby.ts';

/** With what never ends; all else is given its time, however busy the machine. */
const SHORT = 200;
const ENDLESS: VideoFault[] = ['silent', 'halting'];

describe('The way to the providers', () => {
  const clock = new ManualClock('2027-03-20T08:00:00+01:00');
  let stub: WherebyStub;
  beforeEach(async () => {
    stub = await WherebyStub.start(clock);
  });
  afterEach(() => stub.stop());

  const ask = (patience?: number) =>
    new Network(clock, patience).ask({
      method: 'GET',
      url: `${stub.url}/v1/meetings`,
      authorization: `Bearer ${stub.settings.key}`,
    });
  const failed = async (patience?: number): Promise<VideoFailure> => {
    const failure: unknown = await ask(patience).catch((thrown: unknown) => thrown);
    if (failure instanceof VideoFailure) return failure;
    throw new Error('it was answered', { cause: failure });
  };

  test('An answer is read as it is', async () => {
    expect(await ask()).toEqual({ results: [], cursor: null });
  });

  test.each<[VideoFault, string, number]>([
    ['400', 'fatal', 400],
    ['401', 'configuration', 401],
    ['403', 'configuration', 403],
    ['404', 'gone', 404],
    ['429', 'again', 429],
    ['500', 'again', 500],
    ['503', 'again', 503],
    ['redirect', 'again', 302],
    ['html', 'again', 200],
    ['truncated', 'again', 201],
    ['huge', 'again', 201],
    ['reset', 'again', 0],
    ['silent', 'again', 0],
    ['lost', 'again', 0],
    ['halting', 'again', 0],
  ])('%s is %s', async (fault, kind, status) => {
    stub.fault(fault);
    expect(await failed(ENDLESS.includes(fault) ? SHORT : undefined)).toMatchObject({ kind, status });
    // Not repeated, and not led elsewhere.
    expect(stub.log.length).toBeLessThanOrEqual(1);
  });

  test('Whoever is asked for patience is told how much', async () => {
    stub.fault('429');
    expect((await failed()).retryAfter).toBe(90_000);
  });

  test('A failure says codes only, whatever was answered', async () => {
    stub.fault('400');
    expect((await failed()).message).toBe('fatal: 400 bad_request');
    stub.fault('500');
    expect((await failed()).message).toBe('again: 500 no reason');
  });
});
