// SPDX-License-Identifier: AGPL-3.0-or-later
import { Booking } from '../../src/bookings/booking.ts';
import { linksOf } from '../../src/bookings/links.ts';
import { Tokens } from '../../src/bookings/token.ts';
import { Authority } from '../../src/offices/authority.ts';
import type { Letter } from '../../src/mail/letter.ts';
import { authorityWith, officeWith, serviceWith } from '../offices/sample.ts';

export const NOW = Date.parse('2027-03-20T08:00:00Z');
/** Tuesday 30 March 2027, nine o'clock in Rome. */
export const START = Date.parse('2027-03-30T07:00:00Z') / 60_000;

export const bookingWith = (parts: Partial<Booking> = {}): Booking =>
  new Booking({
    id: '0195c3a2-7b1e-7c3d-9f00-1a2b3c4d5e6f',
    authorityId: 'unione',
    reference: '7K4M9QX',
    officeId: 'suap',
    serviceId: 'consulenza',
    counter: 1,
    start: START,
    end: START + 30,
    busyUntil: START + 30,
    mode: 'in_person',
    status: 'confirmed',
    sequence: 0,
    version: 0,
    generation: 0,
    language: 'it',
    givenName: 'Anna',
    familyName: 'Rossi',
    email: 'anna@example.org',
    addressFails: 0,
    phone: null,
    emailHash: '',
    reason: null,
    fields: {},
    caseNumber: null,
    manageHash: '',
    meetingHash: '',
    meetingRoom: null,
    cancelledBy: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...parts,
  });

/** The letter to the citizen that confirms an appointment at the office, unless said otherwise. */
export function letterWith(parts: Partial<Letter> = {}, booked: Partial<Booking> = {}): Letter {
  const booking = bookingWith(booked);
  const authority = new Authority(authorityWith(), 1, new Map());
  return {
    kind: 'confirmed',
    recipient: 'citizen',
    booking,
    authority,
    office: officeWith(),
    service: serviceWith(),
    counterName: null,
    links: linksOf(booking, new Tokens('a secret of the tests'), 'https://prenota.example'),
    messageId: '<0195c3a2.confirmed.0@prenota.example>',
    stampedAt: NOW,
    ...parts,
  };
}
