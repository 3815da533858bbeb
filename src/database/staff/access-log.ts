// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHmac } from 'node:crypto';
import { Between } from 'typeorm';
import type { Staff } from '../../access/staff.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Clock, Millis } from '../../time/clock.ts';
import type { Database } from '../engine/database.ts';
import { Queue } from '../engine/queue.ts';
import { AccessLogEntry } from '../rows.ts';
import { DuplicateKey, type Transaction } from '../engine/transaction.ts';

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

/**
 * How the chain stands: whole, with so many entries from the first on; or the first number that is not as it was written.
 */
export type ChainState = { readonly entries: number; readonly first: number } | { readonly brokenAt: number };

/** Where the chain ends, and where it begins: after the last entry that was cut off. */
interface Bounds {
  readonly last: number;
  readonly cut: number;
  /** Of the entry that was cut off last: the first that is left carries it. */
  readonly cutHash: string;
}

type Unsigned = Omit<AccessLogEntry, 'hash'>;

/** Stands for the last hash before there is one. */
const ORIGIN = '0'.repeat(64);
/** Under this number lies the head: which entry is the last. Whoever writes meets the others there. */
const HEAD = 0;
/** Follows on nothing. */
const NOT_OURS = 'f'.repeat(64);
const AT_ONCE = 1000;
/** Others write on while the chain is read. */
const MOST_READINGS = 5;

/**
 * Who read or changed whose record, and who entered: a chain an authority, to which entries are only added, and of
 * which the oldest are cut off when they have been kept long enough. Each
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
    if (reference)
      query.andWhere('(entry.about LIKE :one OR entry.about LIKE :among)', {
        one: `%"reference":"${reference}"%`,
        among: `%"references":"%${reference}%`,
      });
    return query.orderBy('entry.number', 'DESC').limit(most).getMany();
  }

  /** Reads the whole chain of an authority. */
  async verify(authorityId: string): Promise<ChainState> {
    for (let reading = 1; ; reading++) {
      const [head] = await this.#read(authorityId, HEAD, HEAD);
      const state = await this.#verifyUnder(authorityId, head);
      if ('entries' in state || reading === MOST_READINGS) return state;
      const [after] = await this.#read(authorityId, HEAD, HEAD);
      if (after?.hash === head?.hash) return state;
    }
  }

  /**
   * Cuts off entries older than `before`, at most so many: the head, which only our secret can sign, says from where on
   * the chain is to be whole. What is not as it was written stays, with all that came after, for a person to look at.
   * @returns how many there were
   */
  async cut(authorityId: string, before: Millis, most: number): Promise<number> {
    const [head] = await this.#read(authorityId, HEAD, HEAD);
    const { cut, cutHash } = boundsOf(head?.about);
    const entries = await this.#read(authorityId, cut + 1, cut + most);
    let last = cutHash;
    const kept = entries.findIndex((entry, i) => {
      const isOld = entry.at < before && this.#follows(entry, cut + i + 1, last);
      last = entry.hash;
      return !isOld;
    });
    const through = entries.at(kept < 0 ? -1 : kept - 1);
    if (!head || !through || kept === 0) return 0;
    return this.#queue.run(() => this.#cutAfter(authorityId, cut, through));
  }

  /** Whether our secret is the one the last entry was written with; true when there is none. */
  async isOurs(authorityId: string): Promise<boolean> {
    const [head] = await this.#read(authorityId, HEAD, HEAD);
    return !head || head.hash === this.#hashOf(head);
  }

  #follows(entry: AccessLogEntry, number: number, last: string): boolean {
    return entry.number === number && entry.previousHash === last && entry.hash === this.#hashOf(entry);
  }

  async #verifyUnder(authorityId: string, head: AccessLogEntry | undefined): Promise<ChainState> {
    const { cut, cutHash } = boundsOf(head?.about);
    let last = cutHash;
    let number = cut;
    for (let links = AT_ONCE; links === AT_ONCE;) {
      const entries = await this.#read(authorityId, number + 1, number + AT_ONCE);
      for (const entry of entries) {
        number++;
        if (!this.#follows(entry, number, last)) return { brokenAt: number };
        last = entry.hash;
      }
      links = entries.length;
    }
    return this.#ends(head, number, last) ? { entries: number - cut, first: cut + 1 } : { brokenAt: number + 1 };
  }

  #ends(head: AccessLogEntry | undefined, number: number, last: string): boolean {
    if (!head) return number === HEAD;
    return head.about['last'] === number && head.previousHash === last && head.hash === this.#hashOf(head);
  }

  /** @returns 0 when another instance has cut meanwhile, or when the head is not as we left it */
  #cutAfter(authorityId: string, cut: number, { number, hash: cutHash }: AccessLogEntry): Promise<number> {
    return this.database.transaction(async (tx) => {
      const { hash, ...bounds } = await this.#meet(tx, authorityId);
      const isAsRead = bounds.cut === cut && hash !== NOT_OURS;
      if (!isAsRead) return this.#leave(tx, authorityId);
      await this.#move(tx, headAt(authorityId, { ...bounds, cut: number, cutHash }, hash));
      const where = 'WHERE authority_id = ? AND number > ? AND number <= ?';
      return tx.run(`DELETE FROM access_log ${where}`, [authorityId, HEAD, number]);
    });
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
    const { hash: previousHash, ...bounds } = await this.#meet(tx, authorityId);
    const number = bounds.last + 1;
    const entry = { authorityId, number, at, staffId: doer.id, staffName: doer.name, what, about, previousHash };
    const hash = this.#hashOf(entry);
    await tx.insert(AccessLogEntry, [{ ...entry, hash }]);
    await this.#move(tx, headAt(authorityId, { ...bounds, last: number }, hash));
  }

  /**
   * Locks out every other writer until COMMIT. A head that somebody else wrote is not signed again as if it were ours:
   * the next entry then follows on nothing, for ever to be seen.
   */
  async #meet(tx: Transaction, authorityId: string): Promise<Bounds & { hash: string }> {
    const where = 'WHERE authority_id = ? AND number = ?';
    if (!(await tx.run(`UPDATE access_log SET at = at + 1 ${where}`, [authorityId, HEAD])))
      return this.#begin(tx, authorityId);
    const [head] = await tx.rows<{ about: string; previous_hash: string; hash: string }>(
      `SELECT about, previous_hash, hash FROM access_log ${where}`,
      [authorityId, HEAD],
    );
    const bounds = boundsOf(JSON.parse(head!.about) as Partial<Bounds>);
    const isOurs = head!.hash === this.#hashOf(headAt(authorityId, bounds, head!.previous_hash));
    return isOurs ? { ...bounds, hash: head!.previous_hash } : this.#goOn(tx, authorityId, bounds);
  }

  /** Undoes the meeting: nothing has come of it. */
  async #leave(tx: Transaction, authorityId: string): Promise<0> {
    await tx.run('UPDATE access_log SET at = at - 1 WHERE authority_id = ? AND number = ?', [authorityId, HEAD]);
    return 0;
  }

  /** The first entry of all, unless somebody has taken the head away. */
  async #begin(tx: Transaction, authorityId: string): Promise<Bounds & { hash: string }> {
    await tx.insert(AccessLogEntry, [{ ...headAt(authorityId, UNCUT, ORIGIN), hash: ORIGIN }]);
    const found = await this.#goOn(tx, authorityId, UNCUT);
    return found.last ? found : { ...UNCUT, hash: ORIGIN };
  }

  async #goOn(tx: Transaction, authorityId: string, bounds: Bounds): Promise<Bounds & { hash: string }> {
    const [found] = await tx.rows<{ last: number | null }>(
      'SELECT MAX(number) AS last FROM access_log WHERE authority_id = ? AND number > ?',
      [authorityId, HEAD],
    );
    return { ...bounds, last: found?.last ?? 0, hash: NOT_OURS };
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

const UNCUT: Bounds = { last: 0, cut: 0, cutHash: ORIGIN };

const boundsOf = (about: Partial<Bounds> | undefined): Bounds => ({ ...UNCUT, ...about });

/** Not an entry: it says which entry is the last, and under which hash, and which was cut off last. */
const headAt = (authorityId: string, { last, cut, cutHash }: Bounds, hash: string): Unsigned => ({
  authorityId,
  number: HEAD,
  at: 0,
  staffId: null,
  staffName: null,
  what: 'head',
  about: cut ? { last, cut, cutHash } : { last },
  previousHash: hash,
});
