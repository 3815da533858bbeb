// SPDX-License-Identifier: AGPL-3.0-or-later
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { AppProcess } from '../kit/app.ts';
import { book, requestFor, slotsOf, slugOf, type ServiceId } from './town.ts';

/** Tries to get the one thing of a round. @returns whether it was told that it has. */
export type Duellist = (round: number) => Promise<boolean>;

export interface Verdict {
  rounds: number;
  /** Rounds with more than one winner. */
  doubles: number;
  /** Rounds with none. */
  vain: number;
}

/** Lets them fire together, round after round. `until` may end it early. */
export async function duel(
  duellists: Duellist[],
  rounds: number,
  until: (verdict: Verdict) => boolean = () => false,
): Promise<Verdict> {
  const verdict = { rounds: 0, doubles: 0, vain: 0 };
  while (verdict.rounds < rounds && !until(verdict)) {
    const won = await Promise.all(duellists.map((fires) => fires(verdict.rounds)));
    const winners = won.filter(Boolean).length;
    verdict.rounds++;
    if (winners > 1) verdict.doubles++;
    if (winners === 0) verdict.vain++;
  }
  return verdict;
}

async function fire(app: AppProcess, service: ServiceId, start: string, email?: string, no = ''): Promise<boolean> {
  const answer = await book(app, requestFor({ start, service, email }));
  if (answer.status === 201) return true;
  if (slugOf(answer) === `409 ${no}`) return false;
  throw new Error(`neither yes nor ${no}: ${JSON.stringify(answer)}`);
}

/** Each round one slot, which every process wants for another person. */
export async function slotDuel(apps: AppProcess[], rounds: number): Promise<Verdict> {
  const slots = await slotsOf(apps[0]!, 'carta');
  if (slots.length < rounds) throw new Error(`only ${slots.length} slots for ${rounds} rounds`);
  return duel(
    apps.map((app) => (round) => fire(app, 'carta', slots[round]!, undefined, 'slot-taken')),
    rounds,
  );
}

/** Each round one person, for whom every process wants another slot of the same day; one a week is allowed. */
export async function personDuel(apps: AppProcess[], rounds: number): Promise<Verdict> {
  const slots = await slotsOf(apps[0]!, 'sindaco');
  const email = (round: number): string => `in.fretta.${round}@prova.example`;
  return duel(
    apps.map(
      (app, i) => (round) => fire(app, 'sindaco', slots[round * apps.length + i]!, email(round), 'already-booked'),
    ),
    rounds,
  );
}

/** What not to do: looks whether the slot is free, then inserts. Ends at the first slot it has given twice. */
export async function naiveDuel(urls: string[], rounds: number): Promise<Verdict> {
  const connections = await Promise.all(urls.map((uri) => createConnection({ uri })));
  try {
    await connections[0]!.query(
      'CREATE TABLE naive (id INT AUTO_INCREMENT PRIMARY KEY, slot INT NOT NULL, KEY (slot))',
    );
    await Promise.all(connections.map((connection) => untilThere(connection)));
    return await duel(connections.map(checkThenInsert), rounds, ({ doubles }) => doubles > 0);
  } finally {
    await Promise.all(connections.map((connection) => connection.end()));
  }
}

const untilThere = (connection: Connection): Promise<unknown> =>
  connection.query('SET SESSION wsrep_sync_wait = 15').then(() => connection.query('SELECT 1 FROM naive'));

function checkThenInsert(connection: Connection): Duellist {
  return async (slot) => {
    await connection.query('START TRANSACTION');
    try {
      const [taken] = await connection.query<RowDataPacket[]>('SELECT id FROM naive WHERE slot = ? FOR UPDATE', [slot]);
      if (!taken.length) await connection.query('INSERT INTO naive (slot) VALUES (?)', [slot]);
      await connection.query('COMMIT');
      return !taken.length;
    } catch {
      await connection.query('ROLLBACK');
      return false;
    }
  };
}
