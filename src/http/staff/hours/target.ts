// SPDX-License-Identifier: AGPL-3.0-or-later
import type { AuthorityData, Keys } from '../../../authority-file/file-data.ts';
import { isKeys } from './form.ts';

/** What a form of the hours edits. A null id is a new one. */
export type Target =
  | { readonly kind: 'office'; readonly office: string }
  | { readonly kind: 'service'; readonly office: string; readonly id: string | null }
  | { readonly kind: 'counter'; readonly id: string | null }
  | { readonly kind: 'authority' }
  | { readonly kind: 'closing' };

const ROOT = '/operatore/orari';

/** The address of its form. */
export function pathOf(target: Target): string {
  switch (target.kind) {
    case 'office':
      return `${ROOT}/uffici/${target.office}`;
    case 'service':
      return `${ROOT}/uffici/${target.office}/servizi/${target.id ?? 'nuovo'}`;
    case 'counter':
      return `${ROOT}/sportelli/${target.id ?? 'nuovo'}`;
    case 'authority':
      return `${ROOT}/ente`;
    default:
      return `${ROOT}/chiudi`;
  }
}

/** What the authority now says of it, as the keys of its form; null when there is no such thing. */
export function keysNow(data: AuthorityData, target: Target): Keys | null {
  if (target.kind === 'closing') return {};
  if (target.kind === 'authority') return { closures: data.authority['closures'], municipalities: data.municipalities };
  if ('id' in target && target.id === null) return {};
  if (target.kind === 'counter') return counterKeys(data, target.id);
  const office = data.offices.find(({ id }) => id === target.office);
  if (target.kind === 'service') return serviceKeys(office?.services.find(({ id }) => id === target.id));
  // Its services have forms of their own: who edits one is in nobody's way here.
  return office ? { ...office, services: undefined, reception: office['reception_hours'] ? 'own' : 'same' } : null;
}

/** The form asks for who carries the call, and for the address where it is always the same. */
function serviceKeys(service: Keys | undefined): Keys | null {
  const room = service?.['video'];
  return service && isKeys(room) ? { ...service, video: 'url', video_url: room['url'] } : (service ?? null);
}

function counterKeys({ counters }: AuthorityData, id: string | null): Keys | null {
  const counter = counters.find((c) => c.id === id);
  if (!counter) return null;
  const serves = counter.serves.map(({ office, services, days }) => ({
    services: services.map((service) => `${office}/${service}`),
    days,
  }));
  return { ...counter, serves };
}
