// SPDX-License-Identifier: AGPL-3.0-or-later
import { Document, isCollection, isMap, isScalar, isSeq, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import type { AuthorityDefinition } from '../offices/definition.ts';
import { dataOf } from './file-data.ts';

const HEADING = ` SPDX-License-Identifier: AGPL-3.0-or-later

 Every key is explained in docs/authority-file.md.`;

/** Longer rows are written over several lines. */
const MOST_IN_A_ROW = 110;

/**
 * The authority file of an authority: read again it is the same authority, without what is retired.
 * Times stay text for a reader of YAML 1.1 too, where 09:00 would be a number.
 */
export function writeAuthorityFile(definition: AuthorityDefinition): string {
  const document = new Document(dataOf(definition), {
    version: '1.2',
    compat: 'yaml-1.1',
    aliasDuplicateObjects: false,
  });
  document.commentBefore = HEADING;
  visit(document, { Collection: (_, node) => void (node.flow = isRow(node)) });
  return document.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: true });
}

/** Hours, closures, seats: what a person reads at a glance stands in one row. */
function isRow(node: YAMLMap | YAMLSeq): boolean {
  const isFlat = isSeq(node)
    ? node.items.every(isScalar)
    : node.items.every(({ value }) => isScalar(value) || (isSeq(value) && isRow(value)));
  return isFlat && node.items.length > 0 ? lengthOf(node) <= MOST_IN_A_ROW && !isNamed(node) : node.items.length === 0;
}

/** What has a name or an address of its own is a thing, not a row. */
const isNamed = (node: YAMLMap | YAMLSeq): boolean =>
  isMap(node) && ['time_zone', 'address', 'hosts'].some((key) => node.has(key));

function lengthOf(node: unknown): number {
  if (isCollection(node)) return node.items.reduce<number>((sum, item) => sum + lengthOf(item), 2);
  if (isScalar(node)) return String(node.value).length + 4;
  const { key, value } = node as { key: unknown; value: unknown };
  return lengthOf(key) + lengthOf(value);
}
