// SPDX-License-Identifier: AGPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { LANGUAGES } from '../../../bookings/booking.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { Doors } from '../../../front-desk/reception/doors.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { Answer, SendAnswer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { Pages } from '../../page.ts';
import { text } from '../choice.ts';
import { doorViewOf } from './door-view.ts';

/** Any page may read it: it says of a door what stands on ours for everybody. */
const FOR_EVERY_SITE = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'cache-control': 'public, max-age=15',
  'x-content-type-options': 'nosniff',
};

/** The language is part of the address, not the visitor's: the badge speaks as the page it stands on. */
const BadgeQuery = z.object({ ufficio: text, lang: z.enum(LANGUAGES).catch('it') });

/** What a town puts on its own site: a link that says how an office's virtual door stands. */
@Controller('ricevimento')
@UseInterceptors(SendAnswer)
export class BadgeController {
  readonly #script = readFileSync('public/badge.js', 'utf8');

  constructor(
    private readonly doors: Doors,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get('badge.js')
  script(): Answer {
    const headers = { ...FOR_EVERY_SITE, 'content-type': 'text/javascript; charset=utf-8' };
    return new Answer(200, { ...headers, 'cache-control': 'public, max-age=3600' }, this.#script);
  }

  @Get('badge.json')
  async state(@AtAuthority() { authority }: AtHost, @Query() query: unknown): Promise<Answer> {
    const { ufficio, lang: language } = BadgeQuery.parse(query ?? {});
    const office = authority.office(ufficio);
    if (!office) throw new Refusal('not-found');
    const look = { authority, language, now: toMinute(this.clock.now()), t: this.pages.words(language) };
    const { state, word, more } = doorViewOf(office, await this.doors.of(authority, office), look);
    const said = { office: office.name, state, text: `${word}${state === 'closed' ? '.' : ''} ${more}`.trim() };
    const headers = { ...FOR_EVERY_SITE, 'content-type': 'application/json; charset=utf-8' };
    return new Answer(200, headers, JSON.stringify(said));
  }
}
