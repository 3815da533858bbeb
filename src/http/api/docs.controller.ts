// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Header, Param, Redirect, UseInterceptors } from '@nestjs/common';
import { Refusal } from '../../bookings/refusal.ts';
import { Config } from '../../config.ts';
import { publicUrlOf } from '../../offices/public-address.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { SendAnswer, type Answer } from '../answer.ts';
import { AtVisit, type Visit } from '../visit.ts';
import { Pages } from '../page.ts';
import { PROBLEMS } from '../problems.ts';
import { docsOf } from './docs.ts';
import type { ApiDocument } from './document.ts';
import { ApiDescription } from './openapi.ts';

/** The description of the API, for programs and for people. */
@Controller()
export class DocsController {
  constructor(
    private readonly api: ApiDescription,
    private readonly config: Config,
    private readonly pages: Pages,
  ) {}

  @Get('api/v1/openapi.json')
  @Header('cache-control', 'public, max-age=300')
  describeApi(@AtAuthority() { authority }: AtHost): Promise<ApiDocument> {
    return this.api.read(authority, publicUrlOf(this.config.publicUrl, authority));
  }

  @Get('api/docs')
  @UseInterceptors(SendAnswer)
  async showDocs(@AtAuthority() at: AtHost, @AtVisit() visit: Visit): Promise<Answer> {
    const base = publicUrlOf(this.config.publicUrl, at.authority);
    const view = docsOf(await this.api.read(at.authority, base));
    return this.pages.show('api-docs', { at, visit }, view);
  }

  /** The `type` of a problem is an address one can open. */
  @Get('problems/:slug')
  @Redirect()
  explainProblem(@Param('slug') slug: string): { url: string; statusCode: number } {
    if (!Object.hasOwn(PROBLEMS, slug)) throw new Refusal('not-found');
    return { url: `/api/docs#${slug}`, statusCode: 302 };
  }
}
