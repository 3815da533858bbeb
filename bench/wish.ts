// SPDX-License-Identifier: AGPL-3.0-or-later

/** A body of `POST /bookings`, from someone else each time. */
export const bookingAt = (service: string, start: string, person: number) => ({
  office_id: service,
  service_id: service,
  start,
  mode: 'in_person',
  citizen: { given_name: 'Anna', family_name: `Ferrero ${person}`, email: `anna.${person}@example.org` },
  reason: 'Rinnovo licenza',
});
