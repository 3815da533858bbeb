// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Param, Post, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../../../bookings/refusal.ts';
import { WaitingDesk } from '../../../front-desk/reception/waiting-desk.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { Pages } from '../../page.ts';
import { AtVisit, type Visit } from '../../visit.ts';
import { text } from '../choice.ts';
import { problemsInLine, problemsInPhone } from '../reception/knock-form.ts';
import { MeetingPage } from './meeting-page.ts';
import { Meetings, pathOf, type Met } from './meetings.ts';

const LineForm = z.object({ line: text });
const PhoneForm = z.object({ phone: text });

/** What whoever has the link of a meeting does: come in, write a line, leave, ask to be telephoned, knock again. */
@Controller('incontro/:token')
@UseInterceptors(SendAnswer)
export class MeetingStepsController {
  constructor(
    private readonly meetings: Meetings,
    private readonly waiting: WaitingDesk,
    private readonly page: MeetingPage,
    private readonly pages: Pages,
  ) {}

  @Post('entra')
  async enter(@AtAuthority() at: AtHost, @Param('token') token: string): Promise<Answer> {
    const met = await this.meetings.find(at, token);
    return settled(met, () => met.booking && this.waiting.arrive(at.authority, met.booking));
  }

  @Post('di-nuovo')
  async again(@AtAuthority() at: AtHost, @Param('token') token: string): Promise<Answer> {
    const met = await this.meetings.find(at, token);
    const { authority } = at;
    return settled(met, () =>
      met.booking ? this.waiting.arrive(authority, met.booking) : this.waiting.knockAgain(authority, met.arrival),
    );
  }

  @Post('esci')
  async leave(@AtAuthority() at: AtHost, @Param('token') token: string): Promise<Answer> {
    const met = await this.meetings.find(at, token);
    return settled(met, () => met.arrival && this.waiting.withdraw(met.arrival));
  }

  @Post('scrivi')
  async write(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Param('token') token: string,
    @Body() body: unknown,
  ): Promise<Answer> {
    const met = await this.meetings.find(at, token);
    const { line } = LineForm.parse(body ?? {});
    const problems = problemsInLine(line, this.pages.words(visit.language));
    if (problems.length) return this.page.show(at, visit, met, { asks: 'line', typed: line, problems });
    return settled(met, () => met.arrival && this.waiting.say(met.arrival, line));
  }

  @Post('richiamami')
  async callBack(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Param('token') token: string,
    @Body() body: unknown,
  ): Promise<Answer> {
    const met = await this.meetings.find(at, token);
    const { phone } = PhoneForm.parse(body ?? {});
    const problems = problemsInPhone(phone, this.pages.words(visit.language));
    if (problems.length) return this.page.show(at, visit, met, { asks: 'phone', typed: phone, problems });
    return settled(met, () => met.arrival && this.waiting.callBack(met.arrival, phone));
  }
}

/** What could not be done any more, the page itself shows: it says how things stand, with the way on; but not that too many wait. */
async function settled(met: Met, done: () => Promise<unknown> | null): Promise<Answer> {
  try {
    await done();
  } catch (fault) {
    if (!(fault instanceof Refusal) || fault.reason === 'too-many-requests') throw fault;
  }
  return seeOther(pathOf(met));
}
