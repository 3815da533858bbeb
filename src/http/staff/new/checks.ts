// SPDX-License-Identifier: AGPL-3.0-or-later
import { LONGEST_NOTE } from '../../../bookings/change.ts';
import { isEmail, isPhone, isText, lengthOf } from '../../../bookings/contact.ts';
import type { Language } from '../../../bookings/booking.ts';
import type { Service } from '../../../offices/definition.ts';
import { problemsInDetails, problemsInName, type Problem } from '../../citizen/checks.ts';
import type { Say } from '../../page.ts';
import type { NewBooking } from './new-booking-memory.ts';

const ASKED = { given: 'staff.new.problem.given-name', family: 'staff.new.problem.family-name' };

/** What is wrong with a booking for someone, under the ids of its inputs. */
export function problemsIn(a: NewBooking, service: Service, t: Say, language: Language): Problem[] {
  return [...problemsInName(a, t, ASKED), ...problemsInContact(a, t), ...problemsInDetails(a, service, t, language)];
}

/** A person is reached in writing or by telephone, one of the two at least; by telephone where they are called. */
function problemsInContact({ email, phone, mode }: NewBooking, t: Say): Problem[] {
  const none = !email && !phone;
  const problems: (Problem | false)[] = [
    none && mode !== 'phone' && { id: 'email', text: t('staff.new.problem.contact') },
    email !== '' && !isEmail(email) && { id: 'email', text: t('problem.email') },
    phone === '' && mode === 'phone' && { id: 'phone', text: t('staff.new.problem.phone') },
    phone !== '' && !isPhone(phone) && { id: 'phone', text: t('problem.phone') },
  ];
  return problems.filter((p) => p !== false);
}

/** Whoever overrules writes why. */
export function problemsInWhy(why: string, t: Say): Problem[] {
  const isGood = why !== '' && lengthOf(why) <= LONGEST_NOTE && isText(why);
  return isGood ? [] : [{ id: 'perche', text: t('staff.new.problem.why') }];
}
