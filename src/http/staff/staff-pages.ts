// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Staff } from '../../access/staff.ts';
import type { Answer } from '../answer.ts';
import type { AtHost } from '../authority-at-host.ts';
import { Pages } from '../page.ts';
import type { Visit } from '../visit.ts';
import { menuOf } from './menu.ts';

/** Where a page of the staff is shown, and to whom. */
export interface StaffSetting {
  readonly at: AtHost;
  readonly visit: Visit;
  readonly staff: Staff;
  /** How many wait before the doors where they receive. */
  readonly waiting: number;
}

/** The pages of staff, each with the menu of who looks; none is kept by any cache. */
@Injectable()
export class StaffPages {
  constructor(private readonly pages: Pages) {}

  /** @param template one that says `layout('./layout', { title })` */
  show(
    template: string,
    { at, visit, staff, waiting }: StaffSetting,
    view: object,
    { status = 200, call = false } = {},
  ): Answer {
    const who = { name: staff.name, role: staff.role, local: staff.passwordHash !== null };
    const menu = staff.mustChange === 1 ? [] : menuOf(staff, at.authority, visit.path, waiting);
    return this.pages.show(template, { at, visit }, { ...view, who, menu }, { status, kind: 'form', call });
  }
}
