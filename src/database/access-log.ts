// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHmac } from 'node:crypto';
import { Between } from 'typeorm';
import type { Staff } from '../access/staff.ts';
import type { Authority } from '../offices/authority.ts';
import type { Clock, Millis } from '../time/clock.ts';
import type { Database } from './database.ts';
import { Queue } from './queue.ts';
import { AccessLogEntry } from './rows.ts';
import { DuplicateKey, type Transaction } from './transaction.ts';

/** What was read or changed: ids and references, never a citizen's name. */
export type About = Readonly<Record<string, string | number | boolean | null>>;

/** Who did it: staff, or whoever sits at the machine itself. */
export type Doer = Pick<Staff, 'id' | 'name'>;

/** What to look for: moments from (included) and until (excluded), one person, one booking's reference. */
export interface AccessQuestion {
  readonly from: Millis;
  readonly until: Millis;
  readonly staffId?: string;
  readonly reference?: string;
}

/** How the chain stands: whole, with so many entries; or the first number that is not as it was written. */
export type ChainState = { readonly entries: number } | { readonly brokenAt: number };

type Unsigned = Omit<AccessLogEntry, 'hash'>;

/** Stands for the last hash before there is one. */
const ORIGIN = '0'.repeat(64);
/** Under this number lies the head: which entry is the last. Whoever writes meets the others there. */
const HEAD = 0;
const AT_ONCE = 1000;

/**
 * Who read or changed whose record, and who entered: a chain an authority, to which entries are only added. Each
 * carries the HMAC of itself and of the one before, so that whoever can write to the table but has not our secret can
 * neither alter, remove nor append one unnoticed (Garante 27-11-2008, 4.5: complete, unalterable, verifiable).
 */
export class AccessLog {
  readonly #queue = new Queue();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly secret: string,
  ) {}

  /** To be said before the page is shown: what cannot be written down is not done. */
  note(authority: Pick<Authority, 'id'>, doer: Doer, what: string, about: About = {}): Promise<void> {
    return this.#queue.run(() => this.#append(authority.id, doer, what, about));
  }

  /** The latest first. */
  find(authorityId: string, question: AccessQuestion, most: number): Promise<AccessLogEntry[]> {
    const { from, until, staffId, reference } = question;
    const query = this.database.reading
      .createQueryBuilder(AccessLogEntry, 'entry')
      .where('entry.authorityId = :authorityId AND entry.number > :head', { authorityId, head: HEAD })
      .andWhere('entry.at >= :from AND entry.at < :until', { from, until });
    if (staffId) query.andWhere('entry.staffId = :staffId', { staffId });
    // A reference is letters and digits: nothing in it stands for anything else.
    if (reference) query.andWhere('entry.about LIKE :about', { about: `%"reference":"${reference}"%` });
    return query.orderBy('entry.number', 'DESC').limit(most).getMany();
  }

  /** Reads the whole chain of an authority. */
  async verify(authorityId: string): Promise<ChainState> {
    const [head] = await this.#read(authorityId, HEAD, HEAD);
    let last = ORIGIN;
    let number = HEAD;
    for (let links = AT_ONCE; links === AT_ONCE;) {
      const entries = await this.#read(authorityId, number + 1, number + AT_ONCE);
      for (const entry of entries) {
        number++;
        if (!this.#follows(entry, number, last)) return { brokenAt: number };
        last = entry.hash;
      }
      links = entries.length;
    }
    return this.#ends(head, number, last) ? { entries: number } : { brokenAt: number + 1 };
  }

  /** Whether our secret is the one the last entry was written with; true when there is none. */
  async isOurs(authorityId: string): Promise<boolean> {
    const [head] = await this.#read(authorityId, HEAD, HEAD);
    return !head || head.hash === this.#hashOf(head);
  }

  #follows(entry: AccessLogEntry, number: number, last: string): boolean {
    return entry.number === number && entry.previousHash === last && entry.hash === this.#hashOf(entry);
  }

  #ends(head: AccessLogEntry | undefined, number: number, last: string): boolean {
    if (!head) return number === HEAD;
    return head.about['last'] === number && head.previousHash === last && head.hash === this.#hashOf(head);
  }

  async #append(authorityId: string, doer: Doer, what: string, about: About): Promise<void> {
    for (;;) {
      try {
        return await this.database.transaction((tx) => this.#write(tx, authorityId, doer, what, about));
      } catch (fault) {
        // Another instance wrote the very first entry meanwhile.
        if (!(fault instanceof DuplicateKey)) throw fault;
      }
    }
  }

  async #write(tx: Transaction, authorityId: string, doer: Doer, what: string, about: About): Promise<void> {
    const at = this.clock.now();
    const { last, hash: previousHash } = await this.#meet(tx, authorityId);
    const number = last + 1;
    const entry = { authorityId, number, at, staffId: doer.id, staffName: doer.name, what, about, previousHash };
    const hash = this.#hashOf(entry);
    await tx.insert(AccessLogEntry, [{ ...entry, hash }]);
    await this.#move(tx, headAt(authorityId, number, hash));
  }

  /** Locks out every other writer until COMMIT. */
  async #meet(tx: Transaction, authorityId: string): Promise<{ last: number; hash: string }> {
    const where = 'WHERE authority_id = ? AND number = ?';
    if (!(await tx.run(`UPDATE access_log SET at = at + 1 ${where}`, [authorityId, HEAD]))) {
      await tx.insert(AccessLogEntry, [{ ...headAt(authorityId, 0, ORIGIN), hash: ORIGIN }]);
      return { last: 0, hash: ORIGIN };
    }
    const [head] = await tx.rows<{ about: string; previous_hash: string }>(
      `SELECT about, previous_hash FROM access_log ${where}`,
      [authorityId, HEAD],
    );
    return { last: (JSON.parse(head!.about) as { last: number }).last, hash: head!.previous_hash };
  }

  async #move(tx: Transaction, head: Unsigned): Promise<void> {
    const values = [head.at, JSON.stringify(head.about), head.previousHash, this.#hashOf(head)];
    await tx.run(
      'UPDATE access_log SET at = ?, about = ?, previous_hash = ?, hash = ? WHERE authority_id = ? AND number = ?',
      [...values, head.authorityId, HEAD],
    );
  }

  #hashOf({ authorityId, number, at, staffId, staffName, what, about, previousHash }: Unsigned): string {
    const text = JSON.stringify([authorityId, number, at, staffId, staffName, what, about, previousHash]);
    return createHmac('sha256', this.secret).update(`access log:${text}`).digest('hex');
  }

  async #read(authorityId: string, from: number, through: number): Promise<AccessLogEntry[]> {
    const where = { authorityId, number: Between(from, through) };
    return this.database.reading.find(AccessLogEntry, { where, order: { number: 'ASC' } });
  }
}

/** Not an entry: it says which entry is the last, and under which hash. */
const headAt = (authorityId: string, last: number, hash: string): Unsigned => ({
  authorityId,
  number: HEAD,
  at: 0,
  staffId: null,
  staffName: null,
  what: 'head',
  about: { last },
  previousHash: hash,
});
