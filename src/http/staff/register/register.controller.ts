// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { normalised } from '../../../bookings/reference.ts';
import { AccessLog, type AccessQuestion } from '../../../database/staff/access-log.ts';
import type { AccessLogEntry } from '../../../database/rows.ts';
import { StaffBook } from '../../../database/staff/staff-book.ts';
import type { Authority } from '../../../offices/authority.ts';
import { Clock, toMillis, toMinute } from '../../../time/clock.ts';
import { addDays, instantOf } from '../../../time/day.ts';
import { sayMoment } from '../../../time/say.ts';
import { dayOf, rfc3339 } from '../../../time/zone.ts';
import { Answer, SendAnswer } from '../../answer.ts';
import { text } from '../../citizen/choice.ts';
import { Pages } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import { csvOf } from './csv.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';

/** Of a page; the file has all. */
const ON_A_PAGE = 200;
const IN_A_FILE = 100_000;

const day = text.transform((said) => (z.iso.date().safeParse(said).success ? said : ''));
const reference = text.transform((said) => normalised(said).replace(/[^A-Z0-9]/g, ''));
const RegisterQuery = z.object({ giorno: day, persona: text, riferimento: reference });

type Asked = z.infer<typeof RegisterQuery>;

/** `/operatore/registro`: who read or changed whose record. For the privacy officer only; who reads it is written in it too. */
@Controller('operatore/registro')
@UseInterceptors(SendAnswer)
export class RegisterController {
  constructor(
    private readonly log: AccessLog,
    private readonly staffBook: StaffBook,
    private readonly staffPages: StaffPages,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get()
  async page(@AtStaff() setting: StaffSetting, @Query() query: unknown): Promise<Answer> {
    const { at, visit, staff } = setting;
    mayOr404(staff, 'read-access-log');
    const asked = RegisterQuery.parse(query ?? {});
    await this.log.note(at.authority, staff, 'log', notedOf(asked));
    const found = await this.log.find(at.authority.id, questionOf(asked, at.authority), ON_A_PAGE + 1);
    const now = toMinute(this.clock.now());
    const view = {
      asked,
      entries: found.slice(0, ON_A_PAGE).map((entry) => ({
        ...entry,
        what: this.#said(entry.what, visit),
        about: this.#about(entry, visit),
        when: sayMoment(Math.floor(toMinute(entry.at)), at.authority.zone, visit.language, now),
      })),
      more: found.length > ON_A_PAGE,
      chain: await this.log.verify(at.authority.id),
      people: await this.staffBook.of(at.authority.id),
      today: dayOf(Math.floor(now), at.authority.zone),
      file: `/operatore/registro/csv?${new URLSearchParams(asked).toString()}`,
    };
    return this.staffPages.show('staff/register', setting, view);
  }

  @Get('csv')
  async file(@AtStaff() { at: { authority }, staff }: StaffSetting, @Query() query: unknown): Promise<Answer> {
    mayOr404(staff, 'read-access-log');
    const asked = RegisterQuery.parse(query ?? {});
    await this.log.note(authority, staff, 'log-export', notedOf(asked));
    const entries = await this.log.find(authority.id, questionOf(asked, authority), IN_A_FILE);
    const rows = entries.map((entry) => [
      entry.number,
      rfc3339(Math.floor(toMinute(entry.at)), authority.zone),
      entry.staffId ?? '',
      entry.staffName ?? '',
      entry.what,
      saidOf(entry),
      entry.hash,
    ]);
    return new Answer(
      200,
      {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="registro-accessi.csv"',
        'cache-control': 'no-store',
      },
      csvOf([['number', 'at', 'staff_id', 'staff_name', 'what', 'about', 'hash'], ...rows]),
    );
  }

  #said(what: string, visit: Visit): string {
    return this.#word('what', what, visit);
  }

  #about({ about }: AccessLogEntry, visit: Visit): string {
    const said = ([name, value]: [string, unknown]): string =>
      `${this.#word('about', name, visit)}: ${this.#word('done', String(value), visit)}`;
    return thingsIn(about).map(said).join(', ');
  }

  /** In the reader's language where there are words for it. */
  #word(kind: string, word: string, { language }: Visit): string {
    const key = `staff.log.${kind}.${word}`;
    return this.pages.knows(key) ? this.pages.words(language)(key) : word;
  }
}

/** Without a day the whole register is meant. */
function questionOf({ giorno, persona, riferimento }: Asked, { zone }: Authority): AccessQuestion {
  const from = giorno ? toMillis(instantOf(giorno, 0, zone)) : 0;
  const until = giorno ? toMillis(instantOf(addDays(giorno, 1), 0, zone)) : Number.MAX_SAFE_INTEGER;
  return { from, until, staffId: persona, reference: riferimento };
}

/** `persona` is one of our ids, or nothing that could be found. */
const notedOf = ({ giorno, persona, riferimento }: Asked) => ({
  day: giorno,
  staff: persona.slice(0, 36),
  searched: riferimento.slice(0, 16),
});

const thingsIn = (about: AccessLogEntry['about']): [string, unknown][] =>
  Object.entries(about).filter(([, value]) => value !== '' && value !== null);

const saidOf = ({ about }: AccessLogEntry): string =>
  thingsIn(about)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(', ');
