// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Post, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../../../access/password.ts';
import { Entrance, type SignedIn } from '../../../front-desk/staff/entrance.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { sayMoment } from '../../../time/say.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { Pages } from '../../page.ts';
import { AtVisit, type Visit } from '../../visit.ts';
import { password } from './password-text.ts';
import { AtSignedIn } from './signed-in.ts';
import { StaffCookie } from './staff-cookie.ts';
import { StaffPages } from '../staff-pages.ts';

const PasswordForm = z.object({ prima: password, dopo: password, ancora: password });
const FAULTS = ['wrong', 'short', 'long', 'same', 'email', 'simple', 'twice'] as const;
const DONE = ['changed', 'elsewhere'] as const;

/** `/operatore/password`: one's own password and sessions. The only page that opens before the first password is changed. */
@Controller('operatore/password')
@UseInterceptors(SendAnswer)
export class PasswordController {
  constructor(
    private readonly entrance: Entrance,
    private readonly cookie: StaffCookie,
    private readonly staffPages: StaffPages,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get()
  async page(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @AtSignedIn() signedIn: SignedIn,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    const { staff } = signedIn;
    const fault = FAULTS.find((one) => one === query['errore']);
    const view = {
      mustChange: staff.mustChange === 1,
      done: DONE.find((one) => one === query['fatto']) ?? null,
      problems: fault ? [this.#problem(fault, visit)] : [],
      sessions: await this.#sessions(at, visit, signedIn),
      shortest: SHORTEST_PASSWORD,
      longest: LONGEST_PASSWORD,
    };
    return this.staffPages.show('staff/password', { at, visit, staff, waiting: 0 }, view);
  }

  @Post()
  async change(
    @AtAuthority() { authority }: AtHost,
    @AtSignedIn() signedIn: SignedIn,
    @Body() body: unknown,
  ): Promise<Answer> {
    const { prima: before, dopo: after, ancora } = PasswordForm.parse(body ?? {});
    if (after !== ancora) return seeOther('/operatore/password?errore=twice');
    const changed = await this.entrance.changePassword(authority, signedIn, { before, after });
    if (typeof changed === 'string') return seeOther(`/operatore/password?errore=${changed}`);
    const next = signedIn.staff.mustChange === 1 ? '/operatore' : '/operatore/password?fatto=changed';
    return seeOther(next, ...this.cookie.giveBoth(authority, changed));
  }

  @Post('altrove')
  async leaveElsewhere(@AtAuthority() { authority }: AtHost, @AtSignedIn() signedIn: SignedIn): Promise<Answer> {
    await this.entrance.leaveElsewhere(authority, signedIn);
    return seeOther('/operatore/password?fatto=elsewhere');
  }

  #problem(fault: (typeof FAULTS)[number], { language }: Visit): { id: string; text: string } {
    const id = fault === 'wrong' ? 'prima' : fault === 'twice' ? 'ancora' : 'dopo';
    return { id, text: this.pages.words(language)(`staff.password.${fault}`, { n: SHORTEST_PASSWORD }) };
  }

  async #sessions({ authority }: AtHost, { language }: Visit, { staff, session }: SignedIn) {
    const now = toMinute(this.clock.now());
    const say = (ms: number) => sayMoment(Math.floor(toMinute(ms)), authority.zone, language, now);
    return (await this.entrance.sessionsOf(staff)).map(({ tokenHash, device, createdAt, seenAt }) => ({
      here: tokenHash === session.tokenHash,
      device,
      since: say(createdAt),
      seen: say(seenAt),
    }));
  }
}
