// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Post, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../../bookings/refusal.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { seeOther, SendAnswer, type Answer } from '../answer.ts';
import { Pages } from '../page.ts';
import { AtVisit, type Visit } from '../visit.ts';
import { asked, problemsInApplicant, problemsInDetails } from './checks.ts';
import { text } from './choice.ts';
import { FormMemory } from './draft.ts';
import { FormDesk } from './form-desk.ts';
import { addressOfLost, FormSteps, type Step } from './form-steps.ts';
import { versionOf } from './form-view.ts';

const ConfirmForm = z.object({ versione: text });

/** The last step: all that was said, and the button that books. */
@Controller('prenota')
@UseInterceptors(SendAnswer)
export class SummaryController {
  constructor(
    private readonly steps: FormSteps,
    private readonly forms: FormDesk,
    private readonly memory: FormMemory,
    private readonly pages: Pages,
  ) {}

  @Get('riepilogo')
  summary(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    return this.steps.at(at, visit, (step) => {
      const t = this.pages.words(visit.language);
      if (problemsInDetails(step.answers, step.service, t, visit.language).length)
        return seeOther('/prenota/dettagli?errori=1#errori');
      if (problemsInApplicant(step.answers, t).length) return seeOther('/prenota/richiedente');
      const said = { changed: 'cambiato' in query, limit: 'limite' in query };
      return this.steps.show('summary', at, visit, step, said);
    });
  }

  @Post('conferma')
  confirm(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Body() body: unknown): Promise<Answer> {
    return this.steps.at(at, visit, (step) => {
      const isAsShown = ConfirmForm.parse(body ?? {}).versione === versionOf(step.answers);
      return isAsShown ? this.#book(at, visit, step) : seeOther('/prenota/riepilogo?cambiato=1');
    });
  }

  async #book({ authority }: AtHost, visit: Visit, { answers, service }: Step): Promise<Answer> {
    try {
      const said = { ...answers, fields: asked(answers.fields, service) };
      const booking = await this.forms.book(authority, said, visit.language);
      await this.memory.finish(authority, visit, booking.reference);
      return seeOther(this.forms.confirmationOf(booking));
    } catch (fault) {
      if (fault instanceof Refusal && fault.reason === 'already-booked')
        return seeOther('/prenota/riepilogo?limite=1#errori');
      return seeOther(addressOfLost(authority, answers, fault));
    }
  }
}
