// SPDX-License-Identifier: AGPL-3.0-or-later

/** MariaDB, Galera and MySQL are one dialect here; what they do not share with SQLite stands in this file. */
export type Dialect = 'sqlite' | 'mysql';

/** The database's own time, in milliseconds since the epoch: the only clock all instances share. */
export const databaseTime: Record<Dialect, string> = {
  sqlite: `CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)`,
  mysql: `CAST(UNIX_TIMESTAMP(CURRENT_TIMESTAMP(3)) * 1000 AS SIGNED)`,
};

/** Begins a transaction that will write. Immediate on SQLite: one that upgrades later can meet SQLITE_BUSY half-way. */
export const beginWriting: Record<Dialect, string> = { sqlite: 'BEGIN IMMEDIATE', mysql: 'START TRANSACTION' };

interface DriverError {
  readonly code?: string;
  readonly errno?: number;
  readonly message?: string;
}

const driverError = (fault: unknown): DriverError => {
  return (fault as { driverError?: DriverError } | null)?.driverError ?? (fault as DriverError | null) ?? {};
};

export const isDuplicateKey = (fault: unknown): boolean => {
  const { code, errno } = driverError(fault);
  return errno === 1062 || code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'SQLITE_CONSTRAINT_UNIQUE';
};

/** CREATE TABLE of one that another has made. */
export const isTableThere = (fault: unknown): boolean => driverError(fault).errno === 1050;

/** Another transaction kept the row longer than `innodb_lock_wait_timeout`. */
export const isLockTimeout = (fault: unknown): boolean => driverError(fault).errno === 1205;

/** The server has not answered a statement in time, nor may it ever. */
export const isSilent = (fault: unknown): boolean => driverError(fault).code === 'PROTOCOL_SEQUENCE_TIMEOUT';

const LOST = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'PROTOCOL_CONNECTION_LOST', 'EHOSTUNREACH'];
const CONFLICT = [1213, 1205, 1020];
/** Galera's node is not ready, the server shuts down, the connection was killed. */
const NO_LONGER_SERVED = [1047, 1053, 1927];
/** What mysql2 says, without a code, to the next command once the connection is gone. */
const CLOSED = 'connection is in closed state';

/** The connection or the node is gone; a COMMIT on its way may or may not have happened. */
const isConnectionLost = (fault: unknown): boolean => {
  const { code, errno, message } = driverError(fault);
  return NO_LONGER_SERVED.includes(errno ?? 0) || LOST.includes(code ?? '') || !!message?.includes(CLOSED);
};

/** The whole transaction may be tried again: deadlock, Galera certification, lock wait, snapshot, a lost node. */
export const isTransient = (fault: unknown): boolean => {
  const { code, errno } = driverError(fault);
  return CONFLICT.includes(errno ?? 0) || (code ?? '').startsWith('SQLITE_BUSY') || isConnectionLost(fault);
};
