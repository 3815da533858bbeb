// SPDX-License-Identifier: AGPL-3.0-or-later
import type { DataSource, ObjectLiteral, ObjectType } from 'typeorm';
import type { Value } from './driver.ts';

interface Insertion<T> {
  readonly head: string;
  /** One row's placeholders. */
  readonly marks: string;
  readonly valuesOf: (row: Partial<T>) => Value[];
}

/** INSERT statements of many rows, from the mapping in `schemas.ts`: TypeORM's builder costs three times the driver. */
export class Insertions {
  readonly #known = new Map<unknown, Insertion<ObjectLiteral>>();

  constructor(private readonly source: DataSource) {}

  of<T extends ObjectLiteral>(target: ObjectType<T>, rows: readonly Partial<T>[]): { sql: string; values: Value[] } {
    const { head, marks, valuesOf } = this.#known.get(target) ?? this.#learn(target);
    return { sql: `${head} ${rows.map(() => marks).join(', ')}`, values: rows.flatMap(valuesOf) };
  }

  #learn(target: ObjectType<ObjectLiteral>): Insertion<ObjectLiteral> {
    const { driver } = this.source;
    const { columns, tableName } = this.source.getMetadata(target);
    const written = columns.filter((column) => !column.isGenerated);
    const names = written.map((column) => driver.escape(column.databaseName)).join(', ');
    const insertion: Insertion<ObjectLiteral> = {
      head: `INSERT INTO ${driver.escape(tableName)} (${names}) VALUES`,
      marks: `(${written.map(() => '?').join(', ')})`,
      valuesOf: (row) =>
        written.map((column) => {
          const value: unknown = row[column.propertyName];
          return (driver.preparePersistentValue(value, column) as Value | undefined) ?? null;
        }),
    };
    this.#known.set(target, insertion);
    return insertion;
  }
}
