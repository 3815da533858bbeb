// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import type { Newcomer } from '../../../access/newcomer.ts';
import { StaffDesk } from '../../../front-desk/staff/staff-desk.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { text } from '../../citizen/choice.ts';
import { PeopleView } from './people-view.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import type { StaffSetting } from '../staff-pages.ts';

const several = z
  .union([z.array(text), text.transform((one) => [one])])
  .transform((all) => all.filter(Boolean))
  .catch([]);
const RoleForm = z.object({ role: text, offices: several });
const NewcomerForm = RoleForm.extend({ name: text, email: text });

const NOBODY: Newcomer = { name: '', email: '', role: 'operator', offices: [] };

/**
 * `/operatore/persone`: who may enter, and as what. A first password is shown in the answer to the form itself, for it
 * stands in no address and nothing keeps it.
 */
@Controller('operatore/persone')
@UseInterceptors(SendAnswer)
export class PeopleController {
  constructor(
    private readonly desk: StaffDesk,
    private readonly view: PeopleView,
  ) {}

  @Get()
  list(@AtStaff() setting: StaffSetting): Promise<Answer> {
    const { staff } = setting;
    mayOr404(staff, 'manage-staff');
    return this.view.list(setting, NOBODY, null);
  }

  @Post()
  async add(@AtStaff() setting: StaffSetting, @Body() body: unknown): Promise<Answer> {
    const { at, staff } = setting;
    mayOr404(staff, 'manage-staff');
    const newcomer = NewcomerForm.parse(body ?? {});
    const added = await this.desk.add(at.authority, newcomer, staff);
    if (typeof added === 'string') return this.view.list(setting, newcomer, added);
    return this.view.firstEntry(setting, added);
  }

  @Get(':id')
  async person(
    @AtStaff() setting: StaffSetting,
    @Param('id') id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    const { at, staff } = setting;
    mayOr404(staff, 'manage-staff');
    const person = await this.desk.find(at.authority, id);
    return this.view.person(setting, person, text.parse(query['errore']), 'fatto' in query);
  }

  @Post(':id/ruolo')
  async changeRole(
    @AtStaff() { at: { authority }, staff }: StaffSetting,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<Answer> {
    mayOr404(staff, 'manage-staff');
    const person = await this.desk.find(authority, id);
    const fault = await this.desk.changeRole(authority, person, RoleForm.parse(body ?? {}), staff);
    return back(id, fault);
  }

  @Post(':id/blocca')
  async disable(@AtStaff() { at: { authority }, staff }: StaffSetting, @Param('id') id: string) {
    mayOr404(staff, 'manage-staff');
    return back(id, await this.desk.disable(authority, await this.desk.find(authority, id), staff));
  }

  @Post(':id/sblocca')
  async enable(@AtStaff() { at: { authority }, staff }: StaffSetting, @Param('id') id: string) {
    mayOr404(staff, 'manage-staff');
    await this.desk.enable(authority, await this.desk.find(authority, id), staff);
    return back(id, null);
  }

  @Post(':id/password')
  async reset(@AtStaff() setting: StaffSetting, @Param('id') id: string): Promise<Answer> {
    const { at, staff } = setting;
    mayOr404(staff, 'manage-staff');
    const person = await this.desk.find(at.authority, id);
    const password = await this.desk.reset(at.authority, person, staff);
    return this.view.firstEntry(setting, { staff: person, password });
  }
}

const back = (id: string, fault: string | null): Answer =>
  seeOther(`/operatore/persone/${encodeURIComponent(id)}?${fault ? `errore=${fault}` : 'fatto=1'}`);
