// SPDX-License-Identifier: AGPL-3.0-or-later
import { Catch, HttpException, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../bookings/refusal.ts';
import { Config } from '../config.ts';
import { rfc3339 } from '../time/zone.ts';
import type { ProblemAnswer } from './api/answers.ts';
import { askedPath } from './asked-path.ts';
import { AuthorityByHost } from './authority-at-host.ts';
import { GoTo } from './go-to.ts';
import { Log, routeOf } from './logging.ts';
import { Pages } from './page.ts';
import { problemAnswer, slugOfStatus } from './problem-answer.ts';
import { PROBLEMS, type Slug } from './problems.ts';
import { isUnavailable } from './unavailable.ts';
import { wantsJson } from './wants-json.ts';

type Instants = Pick<ProblemAnswer, 'alternatives' | 'next_opening'>;

/** When to come back after a 503; a 429 says it itself. */
const RETRY_AFTER_S = 5;

/** Turns all that is thrown into an answer: a problem for programs, a page for people. What is no refusal is a fault. */
@Catch()
@Injectable()
export class RefusalFilter implements ExceptionFilter {
  constructor(
    private readonly config: Config,
    private readonly pages: Pages,
    private readonly hosts: AuthorityByHost,
    private readonly log: Log,
  ) {}

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (thrown instanceof GoTo)
      return void (await reply.header('cache-control', 'no-store').redirect(thrown.location, 303));
    // Whoever hung up half-way met no fault of the database's or ours.
    const slug = request.raw.errored ? 'malformed' : slugOf(thrown);
    const { status } = PROBLEMS[slug];
    if (!(thrown instanceof Refusal) && status >= 500) this.#note(slug, thrown, request);
    if (reply.sent) return;
    if ((status === 429 || status === 503) && !reply.hasHeader('retry-after'))
      void reply.header('retry-after', RETRY_AFTER_S);
    const refusal = thrown instanceof Refusal ? thrown : undefined;
    if (wantsProblem(request)) await this.#sendProblem(request, reply, slug, refusal);
    else await this.#sendPage(request, reply, status, refusal);
  }

  async #sendProblem(request: FastifyRequest, reply: FastifyReply, slug: Slug, refusal?: Refusal): Promise<void> {
    const { status, headers, body } = problemAnswer(slug, request, this.config.publicUrl, {
      errors: refusal?.more.errors && [...refusal.more.errors],
      said: refusal?.more.said,
      ...(refusal && (await this.#instants(request, refusal))),
    });
    await reply.status(status).headers(headers).send(body);
  }

  /** What is told with a no and needs the authority's zone. */
  async #instants(request: FastifyRequest, { more }: Refusal): Promise<Instants> {
    const { alternatives, nextOpening } = more;
    if (!alternatives && nextOpening === undefined) return {};
    const { authority } = (await this.hosts.transform(request.headers.host).catch(() => null)) ?? {};
    if (!authority) return {};
    const { zone } = authority;
    return {
      alternatives: alternatives?.map(({ officeId, start }) => ({ office_id: officeId, start: rfc3339(start, zone) })),
      next_opening: typeof nextOpening === 'number' ? rfc3339(nextOpening, zone) : nextOpening,
    };
  }

  async #sendPage(request: FastifyRequest, reply: FastifyReply, status: number, refusal?: Refusal): Promise<void> {
    try {
      await this.pages.refusal(request, reply, status, refusal);
    } catch (fault) {
      this.#note('fault', fault, request);
      await reply.status(500).type('text/plain; charset=utf-8').send(PROBLEMS.fault.detail.it);
    }
  }

  /** While the database is away each request says so in a line; what nobody foresaw is told whole. */
  #note(slug: Slug, thrown: unknown, request: FastifyRequest): void {
    const line = { request_id: request.id, method: request.method, route: routeOf(request) };
    if (slug !== 'unavailable') this.log.fault('fault', thrown, line);
    else this.log.warn(`the database does not answer: ${String((thrown as { code?: string }).code)}`, line);
  }
}

function slugOf(thrown: unknown): Slug {
  if (thrown instanceof Refusal) return thrown.reason;
  if (isUnavailable(thrown)) return 'unavailable';
  if (!(thrown instanceof HttpException)) return 'fault';
  return slugOfStatus(thrown.getStatus());
}

const PROGRAMS = /^\/(api|health|metrics)(\/|\?|$)/;

/** The API speaks problems, and so do other doors to those who accept JSON and no page. */
function wantsProblem(request: FastifyRequest): boolean {
  const path = askedPath(request);
  if (PROGRAMS.test(path) && !/^\/api\/docs(\/|\?|$)/.test(path)) return true;
  return wantsJson(request.headers.accept);
}
