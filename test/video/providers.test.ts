// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { jwtVerify } from 'jose';
import { readConfig } from '../../src/config.ts';
import { toMillis } from '../../src/time/clock.ts';
import type { Call } from '../../src/video/call.ts';
import { GoTo } from '../../src/video/go-to.ts';
import { GoToTokens, type Kept, type TokenShelf } from '../../src/video/goto-tokens.ts';
import { Jitsi } from '../../src/video/jitsi.ts';
import { Network } from '../../src/video/network.ts';
import { lackingIn } from '../../src/video/providers.ts';
import { Whereby } from '../../src/video/whereby.ts';
import { SECRET } from '../kit/app.ts';
import { ManualClock } from '../kit/clock.ts';
import { at } from '../kit/desks.ts';
import { JITSI } from '../kit/video/carried.ts';
import { GoToStub } from '../kit/video/go-to.ts';
import { WherebyStub } from '../kit/video/whereby.ts';
import { authorityWith, officeWith, serviceWith } from '../offices/sample.ts';

const NOW = '2027-03-20T08:00:00+01:00';
const START = at('2027-03-30T10:00');
const CALL: Call = {
  bookingId: '0195b1de-0000-7000-8000-000000000001',
  generation: 0,
  start: START,
  end: START + 30,
  subject: 'Consulenza SUAP · 7K4 M9QX',
  fixedUrl: null,
  calendarUrl: null,
};
const LATER: Call = { ...CALL, start: START + 60, end: START + 90 };
const CITIZEN = { role: 'citizen', name: 'Anna Rossi' } as const;
const STAFF = { role: 'staff', name: 'Mario Bianchi' } as const;

describe('Jitsi', () => {
  const clock = new ManualClock(NOW);
  const jitsi = new Jitsi(JITSI, clock);
  const tokenIn = async (address: string) => {
    const url = new URL(address);
    const key = new TextEncoder().encode(JITSI.secret);
    const expected = {
      audience: 'jitsi',
      issuer: JITSI.appId,
      algorithms: ['HS256'],
      currentDate: new Date(clock.now()),
    };
    const { payload } = await jwtVerify<{ room: string; context: { user: Record<string, unknown>; features: object } }>(
      url.searchParams.get('jwt') ?? '',
      key,
      expected,
    );
    return { url, payload };
  };

  test('Each person has a token of their own, which the shared secret verifies, for a room that nobody guesses', async () => {
    const { url, payload } = await tokenIn(await jitsi.enter(CALL, CITIZEN));
    expect(url.origin).toBe(JITSI.url);
    expect(url.pathname).toMatch(/^\/[a-z0-9]{32}$/);
    expect(payload.room).toBe(url.pathname.slice(1));
    expect(payload.sub).toBe('*');
    expect(payload.context.user).toEqual({
      name: 'Anna Rossi',
      affiliation: 'member',
      moderator: 'false',
      lobby_bypass: 'false',
    });
    // lib-jitsi-meet takes nothing but strings there; a feature that is not named, such as recording, is not given.
    expect(Object.values(payload.context.user).every((value) => typeof value === 'string')).toBe(true);
    expect(payload.context.features).toEqual({});
  });

  test('Staff moderate the same room', async () => {
    const [citizen, staff] = [
      await tokenIn(await jitsi.enter(CALL, CITIZEN)),
      await tokenIn(await jitsi.enter(CALL, STAFF)),
    ];
    expect(staff.payload.room).toBe(citizen.payload.room);
    expect(staff.payload.context.user).toMatchObject({ affiliation: 'owner', moderator: 'true', lobby_bypass: 'true' });
  });

  test('A token ends an hour after the call; with new links comes another room', async () => {
    const { payload } = await tokenIn(await jitsi.enter(CALL, CITIZEN));
    expect(payload.exp).toBe(toMillis(CALL.end + 60) / 1000);
    expect(payload.nbf).toBeLessThanOrEqual(clock.now() / 1000);
    const { payload: renewed } = await tokenIn(await jitsi.enter({ ...CALL, generation: 1 }, CITIZEN));
    expect(renewed.room).not.toBe(payload.room);
    expect((await tokenIn(await jitsi.enter(LATER, CITIZEN))).payload.room).toBe(payload.room);
  });
});

describe('Whereby', () => {
  const clock = new ManualClock(NOW);
  let stub: WherebyStub;
  let whereby: Whereby;
  beforeEach(async () => {
    stub = await WherebyStub.start(clock);
    whereby = new Whereby(stub.settings, new Network(clock));
  });
  afterEach(() => stub.stop());

  test('A room is made until the end of the call, locked, with an address for the staff that no citizen sees', async () => {
    const made = await whereby.make(CALL);
    expect(stub.live).toHaveLength(1);
    const [{ endDate, roomUrl, hostRoomUrl, meetingId }] = stub.live as [(typeof stub.live)[0]];
    expect(endDate).toBe('2027-03-30T08:30:00.000Z');
    expect(made).toEqual({ externalId: meetingId, citizenUrl: roomUrl, staffUrl: hostRoomUrl });
    expect(JSON.parse(stub.log[0]!.body)).toMatchObject({ isLocked: true });
    expect(await whereby.enter(CALL, CITIZEN, made)).toBe(roomUrl);
    expect(await whereby.enter(CALL, STAFF, made)).toBe(hostRoomUrl);
    expect(await whereby.enter(CALL, STAFF, null)).toBeNull();
  });

  test('Its name tells whose room it is to us and to nobody else', async () => {
    await whereby.make(CALL);
    expect(stub.live[0]!.roomName).not.toContain(CALL.bookingId.slice(0, 8));
    expect(await whereby.find(LATER)).toEqual([stub.live[0]!.meetingId]);
    expect(await whereby.find({ ...CALL, bookingId: 'another' })).toEqual([]);
  });

  test('A room is taken away, and twice is no failure', async () => {
    const { externalId } = await whereby.make(CALL);
    await whereby.remove(externalId);
    await whereby.remove(externalId);
    expect(stub.live).toEqual([]);
  });

  test('A wrong key is a matter of configuration, and an answer without an address is none', async () => {
    const wrong = new Whereby({ ...stub.settings, key: 'another' }, new Network(clock));
    await expect(wrong.make(CALL)).rejects.toMatchObject({ kind: 'configuration', status: 401 });
    stub.fault('truncated');
    await expect(whereby.make(CALL)).rejects.toMatchObject({ kind: 'again' });
    await expect(whereby.make({ ...CALL, end: at('2020-01-01T10:00') })).rejects.toMatchObject({ kind: 'fatal' });
  });
});

/** What several instances share. */
class Shelf implements TokenShelf {
  kept: Kept | null = null;
  isBroken = false;

  read(): Promise<Kept | null> {
    return Promise.resolve(this.kept);
  }

  keep(text: string, version: number): Promise<boolean> {
    if (this.isBroken) return Promise.reject(new Error('the database is away'));
    if ((this.kept?.version ?? 0) !== version - 1) return Promise.resolve(false);
    this.kept = { text, version };
    return Promise.resolve(true);
  }
}

describe('GoToMeeting', () => {
  const clock = new ManualClock(NOW);
  let stub: GoToStub;
  let shelf: Shelf;
  beforeEach(async () => {
    clock.set(NOW);
    stub = await GoToStub.start(clock);
    shelf = new Shelf();
  });
  afterEach(() => stub.stop());
  const instance = (refreshToken = stub.settings.refreshToken) => {
    const network = new Network(clock);
    const tokens = new GoToTokens({ ...stub.settings, refreshToken }, network, shelf, clock);
    return new GoTo(stub.url, tokens, network);
  };
  const renewals = () => stub.asked.filter((what) => what === 'POST /oauth/token').length;

  test('A meeting is made, moved where it is, and taken away', async () => {
    const provider = instance();
    const made = await provider.make(CALL);
    expect(made.citizenUrl).toBe(`https://global.gotomeeting.example/join/${made.externalId}`);
    expect(stub.live[0]).toMatchObject({ starttime: '2027-03-30T08:00:00Z', endtime: '2027-03-30T08:30:00Z' });
    expect(stub.live[0]!.subject).toMatch(/^Consulenza SUAP · 7K4 M9QX \[[0-9a-f]{12}\]$/);
    await provider.move(made.externalId, LATER);
    expect(stub.live[0]).toMatchObject({ starttime: '2027-03-30T09:00:00Z' });
    expect(await provider.find(CALL)).toEqual([made.externalId]);
    expect(await provider.find({ ...CALL, bookingId: 'another' })).toEqual([]);
    for (const person of [CITIZEN, STAFF]) expect(await provider.enter(CALL, person, made)).toBe(made.citizenUrl);
    await provider.remove(made.externalId);
    await provider.remove(made.externalId);
    expect(stub.live).toEqual([]);
    await expect(provider.move(made.externalId, LATER)).rejects.toMatchObject({ kind: 'gone' });
    expect(renewals()).toBe(1);
  });

  test('A subject too long keeps its mark', async () => {
    const provider = instance();
    const long = { ...CALL, subject: 'Consulenza '.repeat(20) };
    const { externalId } = await provider.make(long);
    expect(await provider.find(long)).toEqual([externalId]);
  });

  test('Each refresh token is written down in place of the one that died, and another instance goes on with it', async () => {
    const [first, second] = [instance(), instance()];
    await first.make(CALL);
    expect(shelf.kept).toMatchObject({ version: 1 });
    expect(shelf.kept?.text).toContain('refresh-1');
    await second.make(CALL);
    expect(shelf.kept).toMatchObject({ version: 2 });
    clock.advance(2 * 3_600_000);
    await first.make(CALL);
    expect(shelf.kept?.text).toContain(stub.refreshToken);
    expect(stub.live).toHaveLength(3);
  });

  test('Whoever asks while a token is on its way waits for that one', async () => {
    const provider = instance();
    await Promise.all([provider.find(CALL), provider.find(CALL), provider.find(CALL)]);
    expect(renewals()).toBe(1);
  });

  test('An access token that is refused is replaced once', async () => {
    const provider = instance();
    await provider.make(CALL);
    stub.forgetAccess();
    await provider.make(LATER);
    expect(stub.live).toHaveLength(2);
    expect(renewals()).toBe(2);
    stub.fault('401', { on: 'POST /G2M', times: 2 });
    await expect(provider.make(CALL)).rejects.toMatchObject({ kind: 'configuration' });
  });

  test('A refresh token that is dead is a matter of configuration, not asked about again for ten minutes', async () => {
    const provider = instance();
    stub.revoke();
    for (let i = 0; i < 3; i++) await expect(provider.make(CALL)).rejects.toMatchObject({ kind: 'configuration' });
    expect(renewals()).toBe(1);
    clock.advance(11 * 60_000);
    await expect(provider.make(CALL)).rejects.toMatchObject({ kind: 'configuration' });
    expect(renewals()).toBe(2);
  });

  test('Another refresh token in the environment counts in place of the kept ones', async () => {
    await instance().make(CALL);
    stub.revoke('renewed by a person');
    await expect(instance().make(CALL)).rejects.toMatchObject({ kind: 'configuration' });
    await instance('renewed by a person').make(CALL);
    expect(stub.live).toHaveLength(2);
    expect(shelf.kept).toMatchObject({ version: 2 });
    await instance('renewed by a person').make(CALL);
    expect(stub.live).toHaveLength(3);
  });

  test('A token that could not be written down is not lost', async () => {
    const provider = instance();
    shelf.isBroken = true;
    await expect(provider.make(CALL)).rejects.toThrow('the database is away');
    expect(shelf.kept).toBeNull();
    shelf.isBroken = false;
    await provider.make(CALL);
    expect(shelf.kept?.text).toContain(stub.refreshToken);
    expect(stub.live).toHaveLength(1);
  });

  test('Nothing of the tokens is in what is told of a failure', async () => {
    stub.fault('500', { on: 'POST /oauth' });
    const failure: unknown = await instance()
      .make(CALL)
      .catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ kind: 'again', message: 'again: 500 no reason' });
  });
});

test('The environment says whom there is, without slashes at the end, and each by its own address unless told', () => {
  const { video } = readConfig({
    TOKEN_SECRET: SECRET,
    SESSION_SECRET: SECRET,
    JITSI_URL: 'https://meet.comune.example/',
    JITSI_APP_ID: JITSI.appId,
    JITSI_APP_SECRET: JITSI.secret,
    WHEREBY_KEY: 'k',
    GOTO_CLIENT_ID: 'c',
    GOTO_CLIENT_SECRET: 's',
    GOTO_REFRESH_TOKEN: 'r',
    STUN_URLS: 'stun:a.example:3478, stuns:b.example',
    TURN_URLS: 'turn:a.example:3478?transport=tcp',
    TURN_SECRET: 't',
  });
  const goto = { clientId: 'c', clientSecret: 's', refreshToken: 'r' };
  expect(video).toEqual({
    jitsi: JITSI,
    whereby: { apiUrl: 'https://api.whereby.dev', key: 'k' },
    goto: {
      apiUrl: 'https://api.getgo.com',
      tokenUrl: 'https://authentication.logmeininc.com/oauth/token',
      ...goto,
    },
    stunUrls: ['stun:a.example:3478', 'stuns:b.example'],
    turn: { urls: ['turn:a.example:3478?transport=tcp'], secret: 't' },
  });
  const { video: none } = readConfig({ TOKEN_SECRET: SECRET, SESSION_SECRET: SECRET });
  expect(Object.values(none).flat().filter(Boolean)).toEqual([]);
});

test('Who is named in the authority file and not set up is told; our own room, Meet and a fixed address need nothing', () => {
  const services = (['builtin', 'meet', 'url', 'whereby', 'goto', 'jitsi'] as const).map((video) =>
    serviceWith({ id: video, video }),
  );
  const retired = serviceWith({ id: 'old', video: 'goto', retired: true });
  const authority = authorityWith({
    offices: [officeWith({ services }), officeWith({ id: 'old', services: [retired] })],
  });
  expect(lackingIn(authority, { jitsi: JITSI })).toEqual(['whereby', 'goto']);
  const old = authorityWith({ offices: [officeWith({ services: [retired] })] });
  expect(lackingIn(old, {})).toEqual([]);
});
