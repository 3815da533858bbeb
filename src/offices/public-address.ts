// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Authority } from './authority.ts';

/** The public address, without a slash at the end, under which links about an office are sent. */
export function publicUrlOf(fallback: string, authority: Authority, officeId?: string): string {
  const office = officeId ? authority.anyOffice(officeId) : undefined;
  const municipality = office && authority.municipality(office.municipality);
  const url = municipality?.publicUrl ?? authority.definition.publicUrl ?? fallback;
  return url.replace(/\/+$/, '');
}
