// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, UseInterceptors } from '@nestjs/common';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { Pages } from '../page.ts';
import { SendAnswer, type Answer } from '../answer.ts';
import { AtVisit, type Visit } from '../visit.ts';

/** The notices the law asks for, from the authority's own data. */
@Controller()
@UseInterceptors(SendAnswer)
export class NoticesController {
  constructor(private readonly pages: Pages) {}

  @Get('privacy')
  privacy(@AtAuthority() at: AtHost, @AtVisit() visit: Visit): Answer {
    return this.pages.show('privacy', { at, visit }, { keepDays: at.authority.keepDays });
  }

  @Get('accessibilita')
  accessibility(@AtAuthority() at: AtHost, @AtVisit() visit: Visit): Answer {
    return this.pages.show('accessibility', { at, visit }, {});
  }

  @Get('note-legali')
  legal(@AtAuthority() at: AtHost, @AtVisit() visit: Visit): Answer {
    return this.pages.show('legal', { at, visit }, {});
  }
}
