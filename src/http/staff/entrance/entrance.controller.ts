// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Headers, Post, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { Entrance, type SignedIn } from '../../../front-desk/staff/entrance.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { text } from '../../citizen/choice.ts';
import { Pages } from '../../page.ts';
import { AtVisit, type Visit } from '../../visit.ts';
import { deviceOf } from './device.ts';
import { homeOf } from '../menu.ts';
import { OpenId } from './open-id.ts';
import { password } from './password-text.ts';
import { AtStaff } from './signed-in.ts';
import { StaffCookie } from './staff-cookie.ts';
import { wayOn } from './way-on.ts';
import type { StaffSetting } from '../staff-pages.ts';

const SignInForm = z.object({ email: text, password, poi: text });

/** Why somebody is at the door and not inside. */
const NOTICES = ['out', 'provider', 'expired', 'no-grant', 'no-email', 'taken', 'disabled'] as const;

/** `/operatore`: the way in and the way out. */
@Controller('operatore')
@UseInterceptors(SendAnswer)
export class EntranceController {
  constructor(
    private readonly entrance: Entrance,
    private readonly cookie: StaffCookie,
    private readonly openId: OpenId,
    private readonly pages: Pages,
  ) {}

  @Get()
  home(@AtStaff() { staff }: StaffSetting): Answer {
    return seeOther(homeOf(staff));
  }

  @Get('accesso')
  async door(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    const poi = wayOn(text.parse(query['poi']));
    if (await this.#who(at, visit)) return seeOther(poi);
    const notice = NOTICES.find((one) => one === query['perche']) ?? null;
    return this.#show(at, visit, { notice, poi, email: '', wrong: false });
  }

  @Post('accesso')
  async enter(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Body() body: unknown,
    @Headers('user-agent') agent: string | undefined,
  ): Promise<Answer> {
    const form = SignInForm.parse(body ?? {});
    const poi = wayOn(form.poi);
    const mark = this.cookie.readMark(at.authority, visit);
    const entered = await this.entrance.signIn(at.authority, { ...form, mark }, deviceOf(agent));
    if (!entered) return this.#show(at, visit, { notice: null, poi, email: form.email, wrong: true });
    const before = this.cookie.read(at.authority, visit);
    if (before) await this.entrance.forget(before);
    return seeOther(poi, ...this.cookie.giveBoth(at.authority, entered));
  }

  @Post('uscita')
  async leave(@AtAuthority() at: AtHost, @AtVisit() visit: Visit): Promise<Answer> {
    const signedIn = await this.#who(at, visit);
    if (signedIn) await this.entrance.leave(at.authority, signedIn);
    return seeOther('/operatore/accesso?perche=out', this.cookie.takeAway(at.authority));
  }

  async #who({ authority }: AtHost, visit: Visit): Promise<SignedIn | null> {
    const token = this.cookie.read(authority, visit);
    return token ? this.entrance.who(authority, token) : null;
  }

  #show(at: AtHost, visit: Visit, view: { notice: string | null; poi: string; email: string; wrong: boolean }): Answer {
    const more = { ...view, problems: [], openId: this.openId.name };
    return this.pages.show('staff/sign-in', { at, visit }, more, { status: view.wrong ? 422 : 200, kind: 'form' });
  }
}
