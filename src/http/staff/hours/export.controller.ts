// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, UseInterceptors } from '@nestjs/common';
import { writeAuthorityFile } from '../../../authority-file/write.ts';
import { AccessLog } from '../../../database/staff/access-log.ts';
import { Answer, SendAnswer } from '../../answer.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import type { StaffSetting } from '../staff-pages.ts';

/** `/operatore/ente.yaml`: the authority as its file. */
@Controller('operatore/ente.yaml')
@UseInterceptors(SendAnswer)
export class ExportController {
  constructor(private readonly log: AccessLog) {}

  @Get()
  async export(@AtStaff() { at: { authority }, staff }: StaffSetting): Promise<Answer> {
    mayOr404(staff, 'edit-authority');
    await this.log.note(authority, staff, 'export-authority');
    const headers = {
      'content-type': 'application/yaml; charset=utf-8',
      'content-disposition': `attachment; filename="${authority.id}.yaml"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    };
    return new Answer(200, headers, writeAuthorityFile(authority.definition));
  }
}
