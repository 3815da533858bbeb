// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { Timetable } from '../../front-desk/timetable.ts';
import type { Mode, Office } from '../../offices/definition.ts';
import { Clock, toMinute } from '../../time/clock.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { Pages } from '../page.ts';
import { seeOther, SendAnswer, type Answer } from '../answer.ts';
import { addressOf, bookable, modeNamed, modesOf, placesOf, readChoice, type Choice, type Given } from './choice.ts';
import { contactOf, type Contact } from './contact.ts';
import { elsewhereOf, placeStepOf, type Look } from './choosing-view.ts';
import { FormMemory } from './draft.ts';
import { heldOf } from './form-view.ts';
import { noticeOf, type Notice } from './notice.ts';
import { offerWithin } from './offer.ts';
import { pickingOf } from './picker.ts';
import { AtVisit, type Visit } from '../visit.ts';

type Query = Record<string, unknown>;

/** What the first page says before it asks; with `notice` it asks even what leaves no choice, so that it is read. */
interface Said {
  readonly notice: Notice | null;
  /** The office that the link named, and the one whose services alone are shown. */
  readonly asked: Office | undefined;
  readonly office: Office | undefined;
  readonly contact: Contact;
}

/** The first two steps, place and time. They only read: what has been chosen stands in the address. */
@Controller('prenota')
@UseInterceptors(SendAnswer)
export class ChoosingController {
  constructor(
    private readonly pages: Pages,
    private readonly timetable: Timetable,
    private readonly memory: FormMemory,
    private readonly clock: Clock,
  ) {}

  @Get()
  async place(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Query() query: Query): Promise<Answer> {
    const choice = readChoice(query);
    const all = bookable(at.authority, { municipality: at.municipality?.id });
    const restricted = bookable(at.authority, { officeId: choice.ufficio, municipality: at.municipality?.id });
    const services = restricted.length ? restricted : all;
    const given = [...services, ...all].find((g) => g.service.id === choice.servizio);
    const asked = at.authority.office(choice.ufficio);
    const notice = noticeOf(query, choice, { office: asked, restricted, given });
    const office = restricted.length ? asked : undefined;
    const said = { notice, asked, office, contact: contactOf(at.authority, asked) };
    if (!given) return this.#chooseService(at, visit, services, choice, said);
    const [mode, ...otherModes] = modesOf(given.service.id, given.offices);
    const [only, ...otherOffices] = given.offices;
    if (!notice && !choice.sede && !otherModes.length && !otherOffices.length)
      return seeOther(addressOf('/prenota/data', { ...choice, sede: only!.id, modo: mode }));
    const step = await placeStepOf(this.#look(at, visit), given, choice);
    return this.pages.show('place', { at, visit }, { ...step, ...said, missing: 'manca' in query });
  }

  #chooseService(at: AtHost, visit: Visit, services: Given[], choice: Choice, said: Said): Answer {
    const unknown = choice.servizio !== '';
    const only = services.length === 1 && !unknown && !said.notice ? services[0] : undefined;
    if (only) return seeOther(addressOf('/prenota', { ...choice, servizio: only.service.id }));
    const items = services.map((given) => ({
      ...given,
      href: addressOf('/prenota', { servizio: given.service.id, ufficio: said.office?.id }),
    }));
    const status = unknown ? 404 : 200;
    return this.pages.show('service', { at, visit }, { ...said, items, unknown }, { status });
  }

  @Get('data')
  async time(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Query() query: Query): Promise<Answer> {
    const choice = readChoice(query);
    const services = bookable(at.authority, { municipality: at.municipality?.id });
    const given = services.find((g) => g.service.id === choice.servizio);
    const mode = modeNamed(choice.modo);
    const places = given && mode ? placesOf(given, choice.sede, mode) : [];
    if (!given || !mode || !places.length) return seeOther(addressOf('/prenota', { ...choice, manca: '1' }));
    const step = await this.#timeStep(at, visit, { given, mode, places }, query);
    const links = {
      hidden: { servizio: choice.servizio, ufficio: choice.ufficio, sede: choice.sede, modo: mode },
      here: (more: Record<string, string>) => addressOf('/prenota/data', { ...choice, ...more }),
      back: addressOf('/prenota', { ...choice }),
    };
    return this.pages.show('time', { at, visit }, { ...step, ...links }, { kind: 'form' });
  }

  async #timeStep(
    at: AtHost,
    visit: Visit,
    { given, mode, places }: { given: Given; mode: Mode; places: Office[] },
    query: Query,
  ) {
    const look = this.#look(at, visit);
    const kept = await this.memory.answers(at.authority, visit);
    const slots = await offerWithin(look, {
      serviceId: given.service.id,
      offices: places,
      mode,
      except: kept?.hold ?? undefined,
    });
    const isSame = kept?.serviceId === given.service.id && kept.mode === mode;
    const picking = pickingOf(look, slots, query);
    const here = isSame && !picking.lost && places.some((o) => o.id === kept.officeId);
    return {
      service: given.service,
      mode,
      places,
      anywhere: places.length > 1,
      ...picking,
      elsewhere: slots.length ? null : await elsewhereOf(look, given, places, mode),
      kept: here ? heldOf(at.authority, kept, visit.language, this.clock.now()) : null,
    };
  }

  #look({ authority }: AtHost, { language }: Visit): Look {
    return { timetable: this.timetable, authority, language, now: toMinute(this.clock.now()) };
  }
}
