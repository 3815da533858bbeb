// SPDX-License-Identifier: AGPL-3.0-or-later
import { Authority, extraCounterId } from '../offices/authority.ts';
import { completed } from '../offices/completed.ts';
import type { AuthorityDefinition, Municipality } from '../offices/definition.ts';
import type { Database } from './engine/database.ts';
import { Queue } from './engine/queue.ts';
import { AuthorityRow, CounterKey } from './rows.ts';
import { DuplicateKey, type Transaction } from './engine/transaction.ts';

/** The authorities of the house, each kept in memory under its revision. */
export class Authorities {
  readonly #kept = new Map<string, Authority>();
  readonly #readings = new Queue();
  #nextReading: Promise<Authority[]> | undefined;

  constructor(private readonly database: Database) {}

  async find(id: string): Promise<Authority | null> {
    const [row] = await this.database.rows<{ revision: number }>('SELECT revision FROM authorities WHERE id = ?', [id]);
    return row ? this.#at(id, row.revision) : null;
  }

  /** Who asks while a reading is under way shares the next: it begins after all of them have asked, so it misses nothing. */
  all(): Promise<Authority[]> {
    this.#nextReading ??= this.#readings.run(() => {
      this.#nextReading = undefined;
      return this.#readAll();
    });
    return this.#nextReading;
  }

  async #readAll(): Promise<Authority[]> {
    const rows = await this.database.rows<{ id: string; revision: number }>(
      'SELECT id, revision FROM authorities ORDER BY id',
    );
    return Promise.all(rows.map(({ id, revision }) => this.#at(id, revision)));
  }

  /** Who answers at this host name; the only authority answers at every one. */
  async byHost(host: string): Promise<{ authority: Authority; municipality?: Municipality } | null> {
    const all = await this.all();
    const name = host.toLowerCase();
    for (const authority of all) {
      const municipality = authority.definition.municipalities.find((m) => m.hosts.includes(name));
      if (municipality) return { authority, municipality };
      if (authority.definition.hosts.includes(name)) return { authority };
    }
    return all.length === 1 ? { authority: all[0]! } : null;
  }

  /** The authority as this transaction sees it: another instance's change of hours is never missed. */
  async isCurrent(tx: Transaction, authority: Authority): Promise<boolean> {
    const [row] = await tx.rows<{ revision: number }>('SELECT revision FROM authorities WHERE id = ?', [authority.id]);
    return row?.revision === authority.revision;
  }

  /** Writes the definition whole and gives new counters their keys; bookings are not touched. */
  async save(definition: AuthorityDefinition): Promise<number> {
    return this.database.transaction(async (tx) => {
      const text = JSON.stringify(definition);
      if (!(await this.#rewrite(tx, definition.id, text))) await this.#write(tx, definition.id, text);
      await this.#keyCounters(tx, definition);
      const [row] = await tx.rows<{ revision: number }>('SELECT revision FROM authorities WHERE id = ?', [
        definition.id,
      ]);
      return row!.revision;
    });
  }

  /**
   * Replaces a definition that is still the one that was looked at, in the caller's transaction.
   * @returns false when somebody else has changed it since.
   */
  async replace(tx: Transaction, was: Authority, definition: AuthorityDefinition): Promise<boolean> {
    const changed = await tx.run(
      'UPDATE authorities SET revision = revision + 1, definition = ? WHERE id = ? AND revision = ?',
      [JSON.stringify(definition), was.id, was.revision],
    );
    if (!changed) return false;
    await this.#keyCounters(tx, definition);
    return true;
  }

  /** Makes one more place at an office, unless it is there. The revision rises, so that every instance learns its key. */
  async addExtraCounter({ id: authorityId }: Authority, officeId: string, number: number): Promise<void> {
    await this.database
      .transaction(async (tx) => {
        await tx.insert(CounterKey, [{ authorityId, id: extraCounterId(officeId, number) }]);
        await tx.run('UPDATE authorities SET revision = revision + 1 WHERE id = ?', [authorityId]);
      })
      .catch((fault: unknown) => {
        if (!(fault instanceof DuplicateKey)) throw fault;
      });
  }

  async #rewrite(tx: Transaction, id: string, text: string): Promise<boolean> {
    const sql = 'UPDATE authorities SET revision = revision + 1, definition = ? WHERE id = ?';
    return (await tx.run(sql, [text, id])) === 1;
  }

  /** Two instances may start at once on an empty database: the second finds what the first has written. */
  async #write(tx: Transaction, id: string, text: string): Promise<void> {
    try {
      await tx.insert(AuthorityRow, [{ id, revision: 1, definition: text }]);
    } catch (fault) {
      if (!(fault instanceof DuplicateKey)) throw fault;
      await this.#rewrite(tx, id, text);
    }
  }

  async #keyCounters(tx: Transaction, definition: AuthorityDefinition): Promise<void> {
    const rows = await tx.rows<{ id: string }>('SELECT id FROM counters WHERE authority_id = ?', [definition.id]);
    const known = new Set(rows.map((r) => r.id));
    const added = definition.counters.filter((c) => !known.has(c.id));
    await tx.insert(
      CounterKey,
      added.map((c) => ({ authorityId: definition.id, id: c.id })),
    );
  }

  async #at(id: string, revision: number): Promise<Authority> {
    const kept = this.#kept.get(id);
    if (kept?.revision === revision) return kept;
    const row = await this.database.reading.findOneByOrFail(AuthorityRow, { id });
    const counters = await this.database.reading.findBy(CounterKey, { authorityId: id });
    const keys = new Map(counters.map((c) => [c.id, c.counter]));
    const authority = new Authority(completed(JSON.parse(row.definition) as AuthorityDefinition), row.revision, keys);
    this.#kept.set(id, authority);
    return authority;
  }
}
