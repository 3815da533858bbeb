// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import { Refusal } from '../../bookings/refusal.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Office, Service } from '../../offices/definition.ts';
import { Clock } from '../../time/clock.ts';
import { rfc3339 } from '../../time/zone.ts';
import { seeOther, type Answer } from '../answer.ts';
import type { AtHost } from '../authority-at-host.ts';
import { Pages } from '../page.ts';
import type { Visit } from '../visit.ts';
import { addressOf } from './choice.ts';
import { FormMemory, type Answers } from './draft.ts';
import { FormDesk } from './form-desk.ts';
import { stepOf } from './form-view.ts';

/** In the address of a form just begun. */
export const BEGUN = 'nuovo';

/** A form on its way, with what its answers name. */
export interface Step {
  readonly answers: Answers;
  readonly office: Office;
  readonly service: Service;
}

/** The way through the form: where it stands, what it shows, and how it goes on. */
@Injectable()
export class FormSteps {
  constructor(
    private readonly pages: Pages,
    private readonly memory: FormMemory,
    private readonly forms: FormDesk,
    private readonly clock: Clock,
  ) {}

  /** Does `then` with the form on its way; without one there is a new start, or the booking it became. */
  async at(at: AtHost, visit: Visit, then: (step: Step) => Answer | Promise<Answer>): Promise<Answer> {
    const { authority } = at;
    const draft = await this.memory.read(authority, visit);
    if (!draft) return seeOther(startOf(visit));
    if ('reference' in draft) return seeOther((await this.forms.confirmed(authority, draft.reference)) ?? '/prenota');
    const { answers } = draft;
    const office = authority.office(answers.officeId);
    const service = authority.service(answers.officeId, answers.serviceId);
    return office && service ? then({ answers, office, service }) : seeOther('/prenota?scaduta=1');
  }

  show(template: string, at: AtHost, visit: Visit, { answers, office, service }: Step, more: object): Answer {
    const view = stepOf(at.authority, answers, office, service, visit.language, this.clock.now());
    return this.pages.show(template, { at, visit }, { ...view, ...more }, { kind: 'form' });
  }

  /**
   * Keeps the answers and the time, and goes on; a time that was lost meanwhile is chosen anew.
   * @param otherwise what is kept then
   */
  async onwards(
    { authority }: AtHost,
    visit: Visit,
    answers: Answers,
    next: string,
    otherwise: Answers | null = { ...answers, hold: null },
  ): Promise<Answer> {
    try {
      const hold = await this.forms.renew(authority, answers);
      return seeOther(next, await this.memory.keep(authority, visit, { ...answers, hold }));
    } catch (fault) {
      const again = addressOfLost(authority, answers, fault);
      return seeOther(again, otherwise ? await this.memory.keep(authority, visit, otherwise) : undefined);
    }
  }
}

/** Where one begins without a form: none is here; or one was just begun, and the browser did not bring its cookie. */
function startOf({ query }: Visit): string {
  if (!query.has(BEGUN)) return '/prenota?scaduta=1';
  return addressOf('/prenota', {
    servizio: query.get('servizio') ?? '',
    ufficio: query.get('ufficio') ?? '',
    cookie: 'no',
  });
}

/** Someone was faster, or the time has come too near: step two, with the nearest times. @throws all other faults */
export function addressOfLost({ zone }: Authority, answers: Answers, fault: unknown): string {
  const reason = fault instanceof Refusal ? fault.reason : '';
  const isTaken = reason === 'slot-taken' || reason === 'hold-expired';
  if (!isTaken && !['closed', 'off-grid', 'too-soon', 'too-far'].includes(reason)) throw fault;
  return addressOf('/prenota/data', {
    servizio: answers.serviceId,
    ufficio: answers.ufficio,
    sede: answers.sede,
    modo: answers.mode,
    [isTaken ? 'occupato' : 'passato']: rfc3339(answers.start, zone),
  });
}
