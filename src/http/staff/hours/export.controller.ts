// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, UseInterceptors } from '@nestjs/common';
import type { Staff } from '../../../access/staff.ts';
import { writeAuthorityFile } from '../../../authority-file/write.ts';
import { AccessLog } from '../../../database/access-log.ts';
import { Answer, SendAnswer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';

/** `/operatore/ente.yaml`: the authority as its file. */
@Controller('operatore/ente.yaml')
@UseInterceptors(SendAnswer)
export class ExportController {
  constructor(private readonly log: AccessLog) {}

  @Get()
  async export(@AtAuthority() { authority }: AtHost, @AtStaff() staff: Staff): Promise<Answer> {
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
