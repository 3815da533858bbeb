// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Post, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { seeOther, SendAnswer, type Answer } from '../answer.ts';
import { Pages } from '../page.ts';
import { AtVisit, type Visit } from '../visit.ts';
import { problemsInApplicant, problemsInDetails, type Problem } from './checks.ts';
import { addressOf, modeNamed, readChoice, text, type Choice } from './choice.ts';
import { FormMemory, type Answers } from './draft.ts';
import { FormDesk } from './form-desk.ts';
import { BEGUN, FormSteps, type Step } from './form-steps.ts';
import { readPlace } from './picker.ts';

const TimeForm = z.object({ posto: text });
const DetailsForm = z.object({ reason: text, case_number: text, poi: text }).loose();
const ApplicantForm = z.object({ given_name: text, family_name: text, email: text, phone: text });
const ExtendForm = z.object({ da: text });

type Query = Record<string, unknown>;

/** From the chosen time to the summary. A GET shows what is known, a POST keeps what was said and goes on. */
@Controller('prenota')
@UseInterceptors(SendAnswer)
export class FormController {
  constructor(
    private readonly steps: FormSteps,
    private readonly forms: FormDesk,
    private readonly memory: FormMemory,
    private readonly pages: Pages,
  ) {}

  @Post('orario')
  async chooseTime(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Body() body: unknown): Promise<Answer> {
    const choice = readChoice(body);
    const place = readPlace(TimeForm.parse(body ?? {}).posto, at.authority.zone);
    const mode = modeNamed(choice.modo);
    if (!place || !mode || !at.authority.service(place.officeId, choice.servizio))
      return seeOther(addressOf('/prenota', { ...choice, manca: '1' }));
    const { servizio: serviceId, ufficio } = choice;
    const chosen = { ...place, mode, serviceId, ufficio, sede: choice.sede || place.officeId };
    const before = await this.memory.answers(at.authority, visit);
    const answers = this.forms.withTime(before, chosen);
    return this.steps.onwards(at, visit, answers, before ? stillToDo(answers, at) : begunWith(choice), before);
  }

  @Get('dettagli')
  details(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Query() query: Query): Promise<Answer> {
    return this.steps.at(at, visit, (step) => {
      if (BEGUN in query) return seeOther('/prenota/dettagli');
      const problems = 'errori' in query ? this.#problemsInDetails(step, visit) : [];
      return this.steps.show('details', at, visit, step, { problems, after: text.parse(query['poi']) });
    });
  }

  @Post('dettagli')
  giveDetails(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Body() body: unknown): Promise<Answer> {
    return this.steps.at(at, visit, (step) => {
      const form = DetailsForm.parse(body ?? {});
      const fields = Object.fromEntries(step.service.fields.map(({ id }) => [id, text.parse(form[`campo.${id}`])]));
      const answers = { ...step.answers, reason: oneKindOfLineEnd(form.reason), caseNumber: form.case_number, fields };
      const problems = this.#problemsInDetails({ ...step, answers }, visit);
      const after = form.poi === 'riepilogo' ? form.poi : '';
      if (problems.length) return this.#again('/prenota/dettagli', at, visit, answers, after);
      return this.steps.onwards(at, visit, answers, after ? '/prenota/riepilogo' : '/prenota/richiedente');
    });
  }

  @Get('richiedente')
  applicant(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Query() query: Query): Promise<Answer> {
    return this.steps.at(at, visit, (step) => {
      const problems = 'errori' in query ? problemsInApplicant(step.answers, this.pages.words(visit.language)) : [];
      return this.steps.show('applicant', at, visit, step, { problems });
    });
  }

  @Post('richiedente')
  giveApplicant(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Body() body: unknown): Promise<Answer> {
    return this.steps.at(at, visit, (step) => {
      const { given_name: givenName, family_name: familyName, email, phone } = ApplicantForm.parse(body ?? {});
      const answers = { ...step.answers, givenName, familyName, email, phone };
      const problems = problemsInApplicant(answers, this.pages.words(visit.language));
      if (problems.length) return this.#again('/prenota/richiedente', at, visit, answers);
      return this.steps.onwards(at, visit, answers, '/prenota/riepilogo');
    });
  }

  /** Asks for more time on a form that takes long. */
  @Post('tieni')
  extend(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Body() body: unknown): Promise<Answer> {
    return this.steps.at(at, visit, ({ answers }) => {
      const { da } = ExtendForm.parse(body ?? {});
      const back = ['dettagli', 'richiedente', 'riepilogo'].find((name) => name === da);
      return this.steps.onwards(at, visit, answers, `/prenota/${back ?? 'dettagli'}`);
    });
  }

  #problemsInDetails({ answers, service }: Step, { language }: Visit): Problem[] {
    return problemsInDetails(answers, service, this.pages.words(language), language);
  }

  /** Right or wrong, what was written is kept, and the page says what to mend. */
  async #again(page: string, { authority }: AtHost, visit: Visit, answers: Answers, poi = ''): Promise<Answer> {
    const cookie = await this.memory.keep(authority, visit, answers);
    return seeOther(`${addressOf(page, { errori: '1', poi })}#errori`, cookie);
  }
}

/** Says that the cookie was given only now, so that its lack is told from its end. */
const begunWith = ({ servizio, ufficio }: Choice): string =>
  addressOf('/prenota/dettagli', { [BEGUN]: '1', servizio, ufficio });

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
