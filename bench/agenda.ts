// SPDX-License-Identifier: AGPL-3.0-or-later
import { sha256 } from '../src/bookings/token.ts';
import { newStaff } from '../src/access/staff.ts';
import type { Registers } from '../src/database/registers.ts';
import { Sessions } from '../src/database/staff/sessions.ts';
import { StaffBook } from '../src/database/staff/staff-book.ts';
import { addDays, instantOf } from '../src/time/day.ts';
import { FIRST_DAY, SERVICES, START } from './authority.ts';
import { startApp, withRegisters, type Engine } from './house.ts';
import { median, timed } from './measure.ts';
import { countersOf, newBooking, seed } from './past.ts';
import { millis, percent, type Line } from './table.ts';

/** `/operatore/agenda` of a full day, as somebody signed in sees it, beside reading the same rows and doing nothing. */

const BOOKINGS = 200;
const ROUNDS = 40;
const WANTED_MS = 100;
const DAY = addDays(FIRST_DAY, 1);
const OFFICE = SERVICES.open;
const midnight = instantOf(DAY, 0, 'Europe/Rome');
/** 32 bytes in base64url. */
const TOKEN = 'a'.repeat(43);

/** Two of three half hours from seven in the morning on, each with another name. */
async function fill(registers: Registers): Promise<void> {
  const counters = await countersOf(registers, OFFICE);
  const each = BOOKINGS / counters.length;
  const all = counters.flatMap((counter, c) =>
    Array.from({ length: each }, (_, i) => {
      const start = midnight + 420 + Math.floor(i * 1.3) * 30;
      return Object.assign(newBooking(counter, start), {
        officeId: OFFICE,
        serviceId: OFFICE,
        familyName: `F${c}${i}`,
      });
    }),
  );
  await seed(registers, all);
}

async function signIn({ database }: Registers): Promise<void> {
  const now = Date.parse(START);
  const who = {
    id: 'bench-staff',
    authorityId: 'bench',
    name: 'Mario Bianchi',
    email: 'mario@unione.example',
    role: 'administrator',
    offices: [],
    passwordHash: null,
    mustChange: 0,
    subject: null,
  } as const;
  const staff = newStaff(who, now);
  await new StaffBook(database).add(staff);
  const times = { createdAt: now, seenAt: now, expiresAt: now + 3_600_000 };
  const session = { tokenHash: sha256(TOKEN), staffId: staff.id, authorityId: 'bench', device: 'bench', ...times };
  await new Sessions(database).begin(session);
}

const SQL = 'SELECT * FROM bookings WHERE authority_id = ? AND office_id = ? AND starts_at >= ? AND starts_at < ?';

const read = (url: string): Promise<number> =>
  withRegisters(url, async ({ database }) => {
    const rounds: number[] = [];
    for (let i = 0; i < ROUNDS; i++)
      rounds.push(await timed(() => database.rows(SQL, ['bench', OFFICE, midnight, midnight + 1440])));
    return median(rounds);
  });

export async function agenda(engine: Engine): Promise<Line> {
  const url = await engine.freshUrl();
  await withRegisters(url, async (registers) => {
    await fill(registers);
    await signIn(registers);
  });
  const limit = await read(url);
  const app = await startApp(url, 'off');
  try {
    const see = async (): Promise<number> => {
      const answer = await fetch(`${app.url}/operatore/agenda?ufficio=${OFFICE}&giorno=${DAY}`, {
        headers: { cookie: `sportello-staff=${TOKEN}`, 'accept-encoding': 'identity' },
        redirect: 'manual',
      });
      return (await answer.text()).split('data-booking').length - 1;
    };
    const seen = await see();
    if (seen !== BOOKINGS) throw new Error(`the agenda shows ${seen} of ${BOOKINGS} bookings`);
    const rounds: number[] = [];
    for (let i = 0; i < ROUNDS; i++) rounds.push(await timed(see));
    const ours = median(rounds);
    return {
      what: `agenda of a day, 8 counters, ${BOOKINGS} bookings`,
      engine: engine.name,
      ratio: percent(limit / ours),
      wanted: { figure: `about ${WANTED_MS} ms`, reached: ours <= WANTED_MS },
      ours: millis(ours),
      limit: millis(limit),
    };
  } finally {
    await app.stop();
  }
}
