// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Newcomer } from '../../../access/newcomer.ts';
import type { Staff } from '../../../access/staff.ts';
import { StaffDesk, type FirstEntry, type NewcomerFault } from '../../../front-desk/staff/staff-desk.ts';
import type { Authority } from '../../../offices/authority.ts';
import { ROLES } from '../../../offices/definition.ts';
import { Clock } from '../../../time/clock.ts';
import type { Answer } from '../../answer.ts';
import { Pages } from '../../page.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';

/** The input that a fault is about. */
const PLACES: Record<NewcomerFault | 'last', string> = {
  name: 'name',
  email: 'email',
  taken: 'email',
  role: 'ruolo',
  'no-office': 'uffici',
  'unknown-office': 'uffici',
  last: 'ruolo',
};

const isFault = (said: string): said is keyof typeof PLACES => Object.hasOwn(PLACES, said);

/** What the administrator sees of the people who may enter. */
@Injectable()
export class PeopleView {
  constructor(
    private readonly desk: StaffDesk,
    private readonly staffPages: StaffPages,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  async list(setting: StaffSetting, newcomer: Newcomer, fault: NewcomerFault | null): Promise<Answer> {
    const { authority } = setting.at;
    const view = {
      people: (await this.desk.of(authority)).map((one) => this.#lineOf(one, authority)),
      newcomer,
      problems: this.#problems(fault ?? '', setting),
      roles: ROLES,
      offices: authority.offices,
    };
    return this.staffPages.show('staff/people', setting, view, { status: fault ? 422 : 200 });
  }

  person(setting: StaffSetting, person: Staff, fault: string, done: boolean): Answer {
    const view = {
      person: this.#lineOf(person, setting.at.authority),
      problems: this.#problems(fault, setting),
      done,
      roles: ROLES,
      offices: setting.at.authority.offices,
    };
    return this.staffPages.show('staff/person', setting, view);
  }

  /** The only time that a first password is seen. */
  firstEntry(setting: StaffSetting, { staff: person, password }: FirstEntry): Answer {
    return this.staffPages.show('staff/first-password', setting, { person, password });
  }

  #lineOf({ id, name, email, role, offices, mustChange, subject, lockedUntil, disabledAt }: Staff, of: Authority) {
    return {
      id,
      name,
      email,
      role,
      officeIds: offices,
      officeNames: offices.map((office) => of.anyOffice(office)?.name ?? office),
      byOpenId: subject !== null,
      state: disabledAt !== null ? 'disabled' : this.clock.now() < lockedUntil ? 'locked' : mustChange ? 'new' : null,
    };
  }

  #problems(fault: string, { visit }: StaffSetting): { id: string; text: string }[] {
    if (!isFault(fault)) return [];
    return [{ id: PLACES[fault], text: this.pages.words(visit.language)(`staff.people.fault.${fault}`) }];
  }
}
