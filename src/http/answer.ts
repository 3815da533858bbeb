// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { LANGUAGE_COOKIE, Visit } from './visit.ts';

/** Half a year. */
const KEPT = 'Path=/; Max-Age=15768000; HttpOnly; SameSite=Lax';

/** What a page's controller gives back. */
export class Answer {
  constructor(
    readonly status: number,
    readonly headers: Record<string, string>,
    readonly body: string,
    readonly cookies: readonly string[] = [],
  ) {}
}

/** After every POST: the browser gets the next page with a GET, so that reloading it repeats nothing (RFC 9110, 15.4.4). */
export const seeOther = (location: string, ...cookies: (string | undefined)[]): Answer =>
  new Answer(
    303,
    { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    '',
    cookies.filter((cookie) => cookie !== undefined),
  );

/** Sends an {@link Answer}, and remembers the language that was switched to. */
@Injectable()
export class SendAnswer implements NestInterceptor<Answer, string> {
  intercept(context: ExecutionContext, next: CallHandler<Answer>): Observable<string> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { switchedTo } = new Visit(request);
    const secure = request.protocol === 'https' ? '; Secure' : '';
    if (switchedTo) void reply.header('set-cookie', `${LANGUAGE_COOKIE}=${switchedTo}; ${KEPT}${secure}`);
    return next.handle().pipe(
      map((answer) => {
        void reply.status(answer.status).headers(answer.headers);
        for (const cookie of answer.cookies) void reply.header('set-cookie', cookie);
        return answer.body;
      }),
    );
  }
}
