// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Post, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../../bookings/refusal.ts';
import { BookingDesk } from '../../front-desk/booking-desk.ts';
import type { Office, Service } from '../../offices/definition.ts';
import { Clock } from '../../time/clock.ts';
import { rfc3339 } from '../../time/zone.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { Pages, type Setting } from '../page.ts';
import { seeOther, SendAnswer, type Answer } from '../answer.ts';
import { asked, problemsInApplicant, problemsInDetails, type Problem } from './checks.ts';
import { addressOf, modeNamed, readChoice, text } from './choice.ts';
import { FormMemory, type Answers } from './draft.ts';
import { FormDesk } from './form-desk.ts';
import { stepOf, versionOf } from './form-view.ts';
import { readPlace } from './picker.ts';
import { AtVisit, type Visit } from '../visit.ts';

const TimeForm = z.object({ posto: text });
const DetailsForm = z.object({ reason: text, case_number: text, poi: text }).loose();
const ApplicantForm = z.object({ given_name: text, family_name: text, email: text, phone: text, poi: text });
const ConfirmForm = z.object({ versione: text });
const ExtendForm = z.object({ da: text });

/** A form on its way, with what its answers name. */
interface Step {
  readonly answers: Answers;
  readonly office: Office;
  readonly service: Service;
}

/** From the chosen time to the booking. A GET shows what is known, a POST keeps what was said and goes on. */
@Controller('prenota')
@UseInterceptors(SendAnswer)
export class FormController {
  constructor(
    private readonly pages: Pages,
    private readonly memory: FormMemory,
    private readonly forms: FormDesk,
    private readonly desk: BookingDesk,
    private readonly clock: Clock,
  ) {}

  @Post('orario')
  async chooseTime(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Body() body: unknown): Promise<Answer> {
    const choice = readChoice(body);
    const place = readPlace(TimeForm.parse(body ?? {}).posto, at.authority.zone);
    const mode = modeNamed(choice.modo);
    if (!place || !mode || !at.authority.service(place.officeId, choice.servizio))
      return seeOther(addressOf('/prenota', { ...choice, manca: '1' }));
    const chosen = {
      ...place,
      mode,
      serviceId: choice.servizio,
      ufficio: choice.ufficio,
      sede: choice.sede || place.officeId,
    };
    const draft = await this.memory.read(at.authority, visit);
    const before = draft && 'answers' in draft ? draft.answers : null;
    const answers = this.forms.withTime(before, chosen);
    return this.#onwards(at, visit, answers, stillToDo(answers, at), before);
  }

  @Get('dettagli')
  async details(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    const step = await this.#step(at, visit);
    if (!('answers' in step)) return step;
    const t = this.pages.words(visit.language);
    const problems = 'errori' in query ? problemsInDetails(step.answers, step.service, t, visit.language) : [];
    return this.#show('details', { at, visit }, step, { problems, after: text.parse(query['poi']) });
  }

  @Post('dettagli')
  async giveDetails(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Body() body: unknown): Promise<Answer> {
    const step = await this.#step(at, visit);
    if (!('answers' in step)) return step;
    const form = DetailsForm.parse(body ?? {});
    const fields = Object.fromEntries(step.service.fields.map(({ id }) => [id, text.parse(form[`campo.${id}`])]));
    const answers = { ...step.answers, reason: oneKindOfLineEnd(form.reason), caseNumber: form.case_number, fields };
    const problems = problemsInDetails(answers, step.service, this.pages.words(visit.language), visit.language);
    return this.#keepOrGoOn(at, visit, answers, problems, {
      here: '/prenota/dettagli',
      next: '/prenota/richiedente',
      after: form.poi,
    });
  }

  @Get('richiedente')
  async applicant(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    const step = await this.#step(at, visit);
    if (!('answers' in step)) return step;
    const problems = 'errori' in query ? problemsInApplicant(step.answers, this.pages.words(visit.language)) : [];
    return this.#show('applicant', { at, visit }, step, { problems, after: text.parse(query['poi']) });
  }

  @Post('richiedente')
  async giveApplicant(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Body() body: unknown): Promise<Answer> {
    const step = await this.#step(at, visit);
    if (!('answers' in step)) return step;
    const form = ApplicantForm.parse(body ?? {});
    const { given_name: givenName, family_name: familyName, email, phone } = form;
    const answers = { ...step.answers, givenName, familyName, email, phone };
    const problems = problemsInApplicant(answers, this.pages.words(visit.language));
    return this.#keepOrGoOn(at, visit, answers, problems, {
      here: '/prenota/richiedente',
      next: '/prenota/riepilogo',
      after: '',
    });
  }

  @Get('riepilogo')
  async summary(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    const step = await this.#step(at, visit);
    if (!('answers' in step)) return step;
    const t = this.pages.words(visit.language);
    if (problemsInDetails(step.answers, step.service, t, visit.language).length)
      return seeOther('/prenota/dettagli?errori=1#errori');
    if (problemsInApplicant(step.answers, t).length) return seeOther('/prenota/richiedente');
    return this.#show('summary', { at, visit }, step, {
      problems: [],
      changed: 'cambiato' in query,
      limit: 'limite' in query,
    });
  }

  /** Asks for more time on a form that takes long. */
  @Post('tieni')
  async extend(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Body() body: unknown): Promise<Answer> {
    const step = await this.#step(at, visit);
    if (!('answers' in step)) return step;
    const back = ['dettagli', 'richiedente', 'riepilogo'].find((name) => name === ExtendForm.parse(body ?? {}).da);
    return this.#onwards(at, visit, step.answers, `/prenota/${back ?? 'dettagli'}`);
  }

  @Post('conferma')
  async confirm(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Body() body: unknown): Promise<Answer> {
    const step = await this.#step(at, visit);
    if (!('answers' in step)) return step;
    if (ConfirmForm.parse(body ?? {}).versione !== versionOf(step.answers))
      return seeOther('/prenota/riepilogo?cambiato=1');
    const answers = { ...step.answers, fields: asked(step.answers.fields, step.service) };
    try {
      const booking = await this.forms.book(at.authority, answers, visit.language);
      await this.memory.finish(at.authority, visit, booking);
      return seeOther(this.forms.confirmationOf(booking));
    } catch (fault) {
      if (fault instanceof Refusal && fault.reason === 'already-booked')
        return seeOther('/prenota/riepilogo?limite=1#errori');
      return seeOther(addressOfLost(at, step.answers, fault));
    }
  }

  async #keepOrGoOn(
    at: AtHost,
    visit: Visit,
    answers: Answers,
    problems: readonly Problem[],
    to: { here: string; next: string; after: string },
  ): Promise<Answer> {
    const after = to.after === 'riepilogo' ? to.after : '';
    if (!problems.length) return this.#onwards(at, visit, answers, after ? '/prenota/riepilogo' : to.next);
    const cookie = await this.memory.keep(at.authority, visit, answers);
    return seeOther(`${addressOf(to.here, { errori: '1', poi: after })}#errori`, cookie);
  }

  /**
   * Keeps the answers and the time, and goes on; a time that was lost meanwhile is chosen anew.
   * @param otherwise what is kept then
   */
  async #onwards(
    at: AtHost,
    visit: Visit,
    answers: Answers,
    next: string,
    otherwise: Answers | null = { ...answers, hold: null },
  ): Promise<Answer> {
    try {
      const hold = await this.forms.renew(at.authority, answers);
      return seeOther(next, await this.memory.keep(at.authority, visit, { ...answers, hold }));
    } catch (fault) {
      const again = addressOfLost(at, answers, fault);
      return seeOther(again, otherwise ? await this.memory.keep(at.authority, visit, otherwise) : undefined);
    }
  }

  /** The form on its way, or where to go when there is none. */
  async #step({ authority }: AtHost, visit: Visit): Promise<Step | Answer> {
    const draft = await this.memory.read(authority, visit);
    if (!draft) return seeOther('/prenota?scaduta=1');
    if ('reference' in draft) {
      const booking = await this.desk.byReference(authority, draft.reference);
      return seeOther(booking ? this.forms.confirmationOf(booking) : '/prenota');
    }
    const { answers } = draft;
    const office = authority.office(answers.officeId);
    const service = authority.service(answers.officeId, answers.serviceId);
    return office && service ? { answers, office, service } : seeOther('/prenota?scaduta=1');
  }

  #show(template: string, { at, visit }: Setting & { at: AtHost }, step: Step, more: object): Answer {
    const view = stepOf(at.authority, step.answers, step.office, step.service, visit.language, this.clock.now());
    return this.pages.show(template, { at, visit }, { ...view, ...more }, { kind: 'form' });
  }
}

/** Someone was faster, or the time has come too near: step two, with the nearest times. @throws all other faults */
function addressOfLost({ authority }: AtHost, answers: Answers, fault: unknown): string {
  const reason = fault instanceof Refusal ? fault.reason : '';
  const isTaken = reason === 'slot-taken' || reason === 'hold-expired';
  if (!isTaken && !['closed', 'off-grid', 'too-soon', 'too-far'].includes(reason)) throw fault;
  return addressOf('/prenota/data', {
    servizio: answers.serviceId,
    ufficio: answers.ufficio,
    sede: answers.sede,
    modo: answers.mode,
    [isTaken ? 'occupato' : 'passato']: rfc3339(answers.start, authority.zone),
  });
}

/** Who comes back only to change the time has the rest already. */
const stillToDo = (answers: Answers, { authority }: AtHost): string => {
  const service = authority.service(answers.officeId, answers.serviceId)!;
  const silent = (key: string) => key;
  const complete =
    !problemsInApplicant(answers, silent).length && !problemsInDetails(answers, service, silent, 'it').length;
  return complete ? '/prenota/riepilogo' : '/prenota/dettagli';
};

/** A textarea sends CR LF, and counts one. */
const oneKindOfLineEnd = (written: string): string => written.replace(/\r\n?/g, '\n');
