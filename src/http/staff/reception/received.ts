// SPDX-License-Identifier: AGPL-3.0-or-later
import { mayDo } from '../../../access/permissions.ts';
import type { Staff } from '../../../access/staff.ts';
import type { Authority } from '../../../offices/authority.ts';
import type { Office } from '../../../offices/definition.ts';

export const WAITING_ROOM = '/operatore/attesa';

/** The offices at whose virtual doors somebody receives. */
export const officesReceivedBy = (staff: Staff, { offices }: Authority): Office[] =>
  offices.filter(({ id }) => mayDo(staff, 'receive', id));

/** The call with somebody who was let in. */
export const roomPath = (arrivalId: string): string => `${WAITING_ROOM}/${arrivalId}/stanza`;
