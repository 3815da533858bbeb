// SPDX-License-Identifier: AGPL-3.0-or-later
import { PROBLEMS, type Slug } from '../problems.ts';
import type { ApiDocument, Content } from './document.ts';

/** The description of the API as the page of it shows it: nothing on the page is written twice. */
export function docsOf(document: ApiDocument) {
  const base = document.servers[0]!.url;
  return {
    title: document.info.title,
    version: document.info.version,
    about: document.info.description,
    quickBody: QUICK_BODY,
    base,
    sections: document.tags.map(({ name, description }) => ({
      name,
      title: name[0]!.toUpperCase() + name.slice(1),
      description,
      operations: operationsOf(document).filter((o) => o.tags.includes(name)),
    })),
    problems: (Object.keys(PROBLEMS) as Slug[]).map((slug) => ({
      slug,
      status: PROBLEMS[slug].status,
      detail: PROBLEMS[slug].detail.en,
    })),
  };
}

/** The least a booking needs. */
const QUICK_BODY = JSON.stringify(
  {
    office_id: 'suap',
    service_id: 'consulenza',
    start: '2027-03-30T09:00:00+02:00',
    mode: 'in_person',
    citizen: { given_name: 'Anna', family_name: 'Ferrero', email: 'anna.ferrero@example.org' },
  },
  null,
  2,
);

const operationsOf = ({ paths }: ApiDocument) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, o]) => ({
      id: o.operationId,
      method: method.toUpperCase(),
      path,
      summary: o.summary,
      description: o.description,
      tags: o.tags,
      security: Object.keys(o.security[0] ?? {})[0] ?? null,
      parameters: o.parameters ?? [],
      request: exampleIn(o.requestBody?.content),
      answers: Object.entries(o.responses).map(([status, { description, content }]) => ({
        status,
        description,
        example: exampleIn(content),
        slugs: Object.keys(Object.values(content ?? {})[0]?.examples ?? {}),
      })),
    })),
  );

function exampleIn(content: Content | undefined): string | null {
  const example = Object.values(content ?? {})[0]?.example;
  return example === undefined ? null : JSON.stringify(example, null, 2);
}
