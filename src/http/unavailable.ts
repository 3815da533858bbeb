// SPDX-License-Identifier: AGPL-3.0-or-later
import { isTransient } from '../database/engine/dialect.ts';

/** Too many connections, shutting down, gone away, read-only, a table full. */
const SERVER = [1040, 1053, 1114, 1203, 1290, 1836, 2006, 2013, 3024];
const CODES = /^(SQLITE_(FULL|IOERR|CANTOPEN|READONLY|LOCKED)|ENOSPC|ENOTFOUND|EAI_AGAIN|PROTOCOL_|POOL_|ECONNABORTED)/;

/** Whether the fault is that the database does not answer now; a caller may come back. */
export function isUnavailable(fault: unknown): boolean {
  if (isTransient(fault)) return true;
  const cause = (fault as { driverError?: unknown } | null)?.driverError ?? fault;
  const { code, errno, message } = (cause ?? {}) as { code?: unknown; errno?: unknown; message?: unknown };
  return SERVER.includes(Number(errno)) || CODES.test(String(code)) || message === 'Pool is closed.';
}
