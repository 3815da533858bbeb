// SPDX-License-Identifier: AGPL-3.0-or-later
import { Staff } from '../../access/staff.ts';
import type { Role } from '../../offices/definition.ts';
import type { Millis } from '../../time/clock.ts';
import type { Database } from '../engine/database.ts';
import type { Transaction } from '../engine/transaction.ts';

/** Who works for an authority. Nobody is deleted: the history names them. */
export class StaffBook {
  constructor(private readonly database: Database) {}

  find(authorityId: string, id: string): Promise<Staff | null> {
    return this.database.reading.findOneBy(Staff, { authorityId, id });
  }

  byEmail(authorityId: string, email: string): Promise<Staff | null> {
    return this.database.reading.findOneBy(Staff, { authorityId, email: email.trim().toLowerCase() });
  }

  /** @param subject SHA-256 of OpenID Connect's issuer and subject */
  bySubject(authorityId: string, subject: string): Promise<Staff | null> {
    return this.database.reading.findOneBy(Staff, { authorityId, subject });
  }

  of(authorityId: string): Promise<Staff[]> {
    return this.database.reading.find(Staff, { where: { authorityId }, order: { name: 'ASC', id: 'ASC' } });
  }

  /** @throws DuplicateKey when the authority has somebody with this address. */
  async add(staff: Staff): Promise<void> {
    await this.database.transaction((tx) => tx.insert(Staff, [staff]));
  }

  /**
   * A wrong password is counted before the password is looked at, so that a hundred guesses at once are a hundred.
   * @returns false when another attempt was counted meanwhile
   */
  async attempt(staff: Staff, lockedUntil: Millis): Promise<boolean> {
    const sql = 'UPDATE staff SET failures = failures + 1, locked_until = ? WHERE id = ? AND failures = ?';
    return (await this.database.run(sql, [lockedUntil, staff.id, staff.failures])) === 1;
  }

  async forgive(id: string): Promise<void> {
    await this.database.run('UPDATE staff SET failures = 0, locked_until = 0 WHERE id = ?', [id]);
  }

  async setPassword(id: string, hash: string, mustChange: 0 | 1, now: Millis): Promise<void> {
    await this.database.run(
      'UPDATE staff SET password_hash = ?, must_change = ?, failures = 0, locked_until = 0, updated_at = ? WHERE id = ?',
      [hash, mustChange, now, id],
    );
  }

  /** From now on they enter by OpenID Connect; a first password that they have not made their own opens no more. */
  async link(id: string, subject: string, now: Millis): Promise<void> {
    const own = 'CASE WHEN must_change = 1 THEN NULL ELSE password_hash END';
    await this.database.run(
      `UPDATE staff SET subject = ?, password_hash = ${own}, must_change = 0, updated_at = ? WHERE id = ?`,
      [subject, now, id],
    );
  }

  setRole(tx: Transaction, id: string, role: Role, offices: readonly string[], now: Millis): Promise<number> {
    const sql = 'UPDATE staff SET role = ?, offices = ?, updated_at = ? WHERE id = ?';
    return tx.run(sql, [role, JSON.stringify(offices), now, id]);
  }

  /** Who may no longer enter is no longer told of who knocks either. @param at null lets them in again */
  async setDisabled(tx: Transaction, id: string, at: Millis | null, now: Millis): Promise<number> {
    if (at !== null) await tx.run('DELETE FROM push_subscriptions WHERE staff_id = ?', [id]);
    return tx.run('UPDATE staff SET disabled_at = ?, updated_at = ? WHERE id = ?', [at, now, id]);
  }

  /**
   * Changes somebody, unless no administrator would be left who may enter. The administrators are locked first, so that
   * two who disable each other do not both succeed.
   * @returns whether it was changed
   */
  changeKeepingOne(authorityId: string, change: (tx: Transaction) => Promise<unknown>): Promise<boolean> {
    const count = "FROM staff WHERE authority_id = ? AND role = 'administrator' AND disabled_at IS NULL";
    return this.database
      .transaction(async (tx) => {
        await tx.run("UPDATE staff SET updated_at = updated_at + 1 WHERE authority_id = ? AND role = 'administrator'", [
          authorityId,
        ]);
        const [before] = await tx.rows<{ n: number }>(`SELECT COUNT(*) AS n ${count}`, [authorityId]);
        await change(tx);
        const [after] = await tx.rows<{ n: number }>(`SELECT COUNT(*) AS n ${count}`, [authorityId]);
        if (Number(before!.n) > 0 && Number(after!.n) === 0) throw new LastAdministrator();
      })
      .then(
        () => true,
        (fault: unknown) => {
          if (fault instanceof LastAdministrator) return false;
          throw fault;
        },
      );
  }
}

/** Rolls the change back. */
class LastAdministrator extends Error {}
