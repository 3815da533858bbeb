// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Authorities } from '../../../src/database/authorities.ts';
import { RoomUpkeep } from '../../../src/front-desk/rooms/room-upkeep.ts';
import { importAuthority } from '../../../src/front-desk/import-authority.ts';
import { EARLY, startApp, type RunningApp } from '../../kit/app.ts';
import { ManualClock } from '../../kit/clock.ts';
import { engines } from '../../kit/engines.ts';
import { newFolder } from '../../kit/folder.ts';
import { awaitLetters, lettersIn } from '../../kit/mailbox.ts';
import { signedIn } from '../../kit/staff.ts';
import { JITSI } from '../../kit/video/carried.ts';
import { WherebyStub } from '../../kit/video/whereby.ts';

const TOWN = (video: string) => `
authority: { id: comune, name: Comune di Prova, time_zone: Europe/Rome, hosts: [localhost], email: posta@comune.example }
municipalities: [{ id: prova, name: Prova }]
offices:
  - id: suap
    name: Sportello Imprese
    municipality: prova
    address: Via Roma 1
    slot_step: PT30M
    opening_hours: [{ days: [mon, tue, wed, thu, fri], opens: "09:00", closes: "13:00" }]
    services: [{ id: consulenza, name: Consulenza, duration: PT30M, modes: [video], video: ${video} }]
counters:
  - { id: uno, name: Sportello Uno, serves: [{ office: suap, services: [consulenza] }], google_calendar: null }
`;
const MISSING = 'La stanza di Whereby non c&#39;è: si usa la stanza di Sportello.';

describe('A service whose video calls another provider carries', () => {
  const clock = new ManualClock(EARLY);
  let whereby: WherebyStub;
  let app: RunningApp<ManualClock>;
  let cookie: string;
  let lines: string[];
  let said: typeof process.stderr.write;
  let made = 0;

  beforeAll(async () => {
    whereby = await WherebyStub.start(clock);
    const authorityFile = join(newFolder('town'), 'town.yaml');
    writeFileSync(authorityFile, TOWN('whereby'));
    const config = { video: { stunUrls: [], whereby: whereby.settings, jitsi: JITSI } };
    app = await startApp({ databaseUrl: await engines[0]!.freshUrl(), authorityFile, clock, config });
  }, 30_000);
  afterAll(async () => {
    await app?.close();
    await whereby.stop();
  });
  /** A session does not last from one day to the next. */
  const comes = async (moment: string): Promise<void> => {
    clock.set(moment);
    cookie = await signedIn(app, { name: 'Mario Bianchi' });
  };
  beforeEach(async () => {
    await comes(EARLY);
    whereby.down = false;
    lines = [];
    said = process.stderr.write.bind(process.stderr);
    process.stderr.write = (chunk: string | Uint8Array) => Boolean(lines.push(String(chunk)));
  });
  afterEach(() => {
    process.stderr.write = said;
  });

  const book = async (start: string) => {
    const citizen = { given_name: 'Anna', family_name: 'Ferrero', email: `anna-${++made}@example.org` };
    const answer = await app.ask('/api/v1/bookings', {
      body: { office_id: 'suap', service_id: 'consulenza', start, mode: 'video', citizen },
      headers: { 'idempotency-key': `k${made}` },
    });
    expect(answer.status).toBe(201);
    const { reference, meeting_url } = answer.json<{ reference: string; meeting_url: string }>();
    return { reference, meeting: new URL(meeting_url).pathname };
  };
  const see = async (path: string, headers: Record<string, string> = { cookie }) =>
    (await app.ask(path, { headers })).text.replaceAll('&amp;', '&');
  const sheet = (reference: string) => see(`/operatore/appuntamenti/${reference.replaceAll(' ', '')}`);
  const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
    for (let i = 0; i < 400 && !(await isSo()); i++) await wait(25);
    expect(await isSo()).toBe(true);
  };

  test('The room is made once the booking stands; the citizen enters it from ten minutes before, by our link', async () => {
    const { reference, meeting } = await book('2027-03-02T09:00:00+01:00');
    await until(async () => !(await sheet(reference)).includes('si usa la stanza'));
    const { roomUrl, hostRoomUrl } = whereby.live.at(-1)!;
    expect(await see(meeting, {})).not.toContain('whereby');
    await comes('2027-03-02T08:51:00+01:00');
    const page = await see(meeting, {});
    expect(page).toContain(roomUrl);
    const key = new URL(hostRoomUrl).search;
    expect(page).not.toContain(key);
    await app.ask(`${meeting}/entra`, { body: new URLSearchParams() });
    const queue = await see('/operatore/attesa');
    expect(queue).toContain('Anna Ferrero');
    expect(queue).not.toContain('si usa la stanza');
    const letters = await awaitLetters(() => lettersIn(app.mailDir), 2);
    expect(letters.some(({ raw }) => raw.includes('whereby'))).toBe(false);
    expect(letters.some(({ raw }) => raw.includes(meeting.split('/').at(-1)!.slice(0, 20)))).toBe(true);
    expect(lines.join('')).not.toMatch(/roomKey|whereby\.example/);
  });

  test('While the provider is down the sheet and the waiting room say whose room is used, and nothing waits', async () => {
    whereby.down = true;
    const before = (await lettersIn(app.mailDir)).length;
    const { reference, meeting } = await book('2027-03-03T09:00:00+01:00');
    await awaitLetters(() => lettersIn(app.mailDir), before + 2);
    expect(await sheet(reference)).toContain(MISSING);
    await comes('2027-03-03T08:55:00+01:00');
    whereby.down = true;
    await app.ask(`${meeting}/entra`, { body: new URLSearchParams() });
    expect(await see('/operatore/attesa')).toContain(MISSING);
    expect(await see(meeting, {})).not.toContain('si usa la stanza');
    const { text } = await app.ask('/metrics');
    expect(text).toMatch(/^video_rooms_pending 1$/m);
    await until(() => lines.join('').includes('room delayed'));
  });

  test('What is refused for good is told on the sheet and counted', async () => {
    whereby.fault('400', { on: 'POST' });
    const { reference } = await book('2027-03-04T09:00:00+01:00');
    await until(async () => (await sheet(reference)).includes('ha rifiutato'));
    expect((await app.ask('/metrics')).text).toMatch(/^video_rooms_refused 1$/m);
    await until(() => lines.join('').includes('room dead'));
  });

  test('After an import with another provider every link still leads into a call', async () => {
    const { reference, meeting } = await book('2027-03-05T09:00:00+01:00');
    await until(async () => !(await sheet(reference)).includes('si usa la stanza'));
    const { roomUrl } = whereby.live.at(-1)!;
    const authorities = app.app.get(Authorities);
    expect(await importAuthority(authorities, TOWN('jitsi'), app.config.video)).toEqual([
      'service suap/consulenza: video changed',
    ]);
    await app.app.get(RoomUpkeep).round();
    await until(() => !whereby.live.some((room) => room.roomUrl === roomUrl));
    await comes('2027-03-05T08:55:00+01:00');
    expect(await see(meeting, {})).toMatch(/href="https:\/\/meet\.comune\.example\/[0-9a-f]{32}\?jwt=/);
    expect(await sheet(reference)).not.toContain('si usa la stanza');
    await importAuthority(authorities, TOWN('goto'), app.config.video);
    expect(await sheet(reference)).toContain('GoToMeeting non è configurato: si usa la stanza di Sportello.');
    expect(await see(meeting, {})).not.toContain('meet.comune.example');
  });
});
