// SPDX-License-Identifier: AGPL-3.0-or-later
import { createParamDecorator, Injectable, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { mayDo, type Action } from '../../../access/permissions.ts';
import type { Staff } from '../../../access/staff.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { Registers } from '../../../database/registers.ts';
import { Entrance, type SignedIn } from '../../../front-desk/staff/entrance.ts';
import { Clock } from '../../../time/clock.ts';
import { AuthorityByHost, type AtHost } from '../../authority-at-host.ts';
import { GoTo } from '../../go-to.ts';
import { Visit } from '../../visit.ts';
import { officesReceivedBy } from '../reception/received.ts';
import type { StaffSetting } from '../staff-pages.ts';
import { StaffCookie } from './staff-cookie.ts';

/** Who is signed in, read from the cookie, and where they are. */
@Injectable()
export class SignedInByCookie implements PipeTransform<FastifyRequest, Promise<SignedIn>> {
  constructor(
    private readonly hosts: AuthorityByHost,
    private readonly entrance: Entrance,
    private readonly cookie: StaffCookie,
  ) {}

  /** @throws GoTo the sign-in page, for who looked at a page; Refusal `not-found` for who sent a form. */
  async transform(request: FastifyRequest): Promise<SignedIn> {
    return (await this.enter(request)).signedIn;
  }

  async enter(request: FastifyRequest): Promise<{ at: AtHost; visit: Visit; signedIn: SignedIn }> {
    const at = await this.hosts.transform(request.headers.host);
    const visit = new Visit(request);
    const token = this.cookie.read(at.authority, visit);
    const signedIn = token && (await this.entrance.who(at.authority, token));
    if (signedIn) return { at, visit, signedIn };
    throw isLooking(request) ? new GoTo(signInFor(visit)) : new Refusal('not-found');
  }
}

/** Who is signed in and has a password of their own: until then no other page opens. */
@Injectable()
export class StaffByCookie implements PipeTransform<FastifyRequest, Promise<StaffSetting>> {
  constructor(
    private readonly door: SignedInByCookie,
    private readonly registers: Registers,
    private readonly clock: Clock,
  ) {}

  async transform(request: FastifyRequest): Promise<StaffSetting> {
    const { at, visit, signedIn } = await this.door.enter(request);
    const { staff } = signedIn;
    if (staff.mustChange !== 1) return { at, visit, staff, waiting: await this.#waitingFor(staff, at) };
    throw isLooking(request) ? new GoTo('/operatore/password') : new Refusal('not-found');
  }

  async #waitingFor(staff: Staff, { authority }: AtHost): Promise<number> {
    if (!mayDo(staff, 'receive')) return 0;
    const crowded = await this.registers.doors.crowded(authority.id, this.clock.now());
    const theirs = officesReceivedBy(staff, authority).map(({ id }) => id);
    return crowded.reduce((sum, { officeId, waiting }) => sum + (theirs.includes(officeId) ? waiting : 0), 0);
  }
}

const RequestOf = createParamDecorator((_: unknown, context: ExecutionContext) =>
  context.switchToHttp().getRequest<FastifyRequest>(),
);

/** The parameter is a {@link StaffSetting}: who asks, at whose door, in which language. */
export const AtStaff = (): ParameterDecorator => RequestOf(StaffByCookie);

/** The parameter is a {@link SignedIn}, who may not have a password of their own yet. */
export const AtSignedIn = (): ParameterDecorator => RequestOf(SignedInByCookie);

/** @throws Refusal `not-found`: forbidden looks like missing. */
export function mayOr404(staff: Staff, action: Action, officeId?: string): void {
  if (!mayDo(staff, action, officeId)) throw new Refusal('not-found');
}

const isLooking = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD';

function signInFor({ path, query }: Visit): string {
  const here = query.size ? `${path}?${query.toString()}` : path;
  return `/operatore/accesso?${new URLSearchParams({ poi: here }).toString()}`;
}
