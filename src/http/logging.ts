// SPDX-License-Identifier: AGPL-3.0-or-later
import { types } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

/** What a line may say: nothing of a person, no token, no address with one in it. */
export interface Line {
  readonly request_id?: string;
  readonly method?: string;
  /** The pattern, `/appuntamento/:token`, never the address asked for. */
  readonly route?: string;
  readonly status?: number;
  readonly ms?: number;
  readonly outbox_id?: string;
  readonly kind?: string;
  /** Codes only. */
  readonly error?: string;
}

/** One JSON line for each thing that happened; in development only what went wrong, as text. */
export class Log {
  readonly #pino: Logger;

  constructor(production: boolean, to: DestinationStream = production ? process.stdout : readable) {
    const level = production ? 'info' : 'warn';
    const formatters = { level: (label: string) => ({ level: label }) };
    this.#pino = pino({ level, base: null, timestamp: stdTimeFunctions.isoTime, formatters }, to);
  }

  info(event: string, line: Line = {}): void {
    this.#pino.info(line, event);
  }

  warn(event: string, line: Line = {}): void {
    this.#pino.warn(line, scrubbed(event));
  }

  /** For who tells what happened, with the fault behind it where there is one. */
  readonly report = (event: string, line: Line = {}, fault?: unknown): void => {
    if (fault === undefined) this.warn(event, line);
    else this.fault(event, fault, line);
  };

  /** An error nobody was meant to see, whole: what it is, where it came from and what caused it. */
  fault(event: string, fault: unknown, line: Line = {}): void {
    this.#pino.error({ ...line, fault: described(fault) }, scrubbed(event));
  }
}

interface Described {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly query?: string;
  readonly cause?: Described;
}

/** The values bound to a query stay out, and so does what a driver quotes, which may be one of them. */
function described(fault: unknown): Described {
  if (!types.isNativeError(fault)) return { type: typeof fault, message: scrubbed(String(fault)) };
  const { code, query, driverError } = fault as Error & { code?: unknown; query?: unknown; driverError?: unknown };
  const frames = fault.stack
    ?.split('\n')
    .filter((l) => l.startsWith('    at '))
    .join('\n');
  return {
    type: fault.name,
    code: typeof code === 'string' ? code : undefined,
    message: scrubbed(driverError ? unquoted(fault.message) : fault.message),
    stack: frames,
    query: typeof query === 'string' ? query : undefined,
    cause: fault.cause === undefined ? undefined : described(fault.cause),
  };
}

/** Addresses and anything as long and as random as a token. */
const scrubbed = (text: string): string =>
  text.replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, '[address]').replace(/[\w-]{43,}/g, '[token]');

const unquoted = (text: string): string => text.replace(/'(?:[^']|'')*'/g, "'…'");

const readable: DestinationStream = {
  write(json: string): void {
    const { level, msg, fault, time: _, ...rest } = JSON.parse(json) as Record<string, unknown> & { fault?: Described };
    const where = Object.entries(rest).map(([name, value]) => `${name}=${String(value)}`);
    const what = fault ? `\n  ${fault.type}: ${fault.message}\n${fault.stack ?? ''}${fault.query ?? ''}` : '';
    process.stderr.write(`${[String(level), String(msg), ...where].join(' ')}${what}\n`);
  },
};

/** Nest's own messages: its start-up chatter is left out, what went wrong is kept. */
export class NestLog implements LoggerService {
  constructor(private readonly to: Log) {}

  log(): void {
    // Which module was initialised and which route mapped is no news.
  }

  warn(message: unknown): void {
    this.to.warn(String(message));
  }

  error(message: unknown, stack?: unknown): void {
    const fault =
      message instanceof Error ? message : Object.assign(new Error(String(message)), { stack: String(stack) });
    this.to.fault('nest', fault);
  }

  fatal(message: unknown): void {
    this.error(message);
  }
}

/** The pattern of the route that answered; one word for all that is not there, or its addresses would be labels. */
export const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'none';

/** Calls `then` when each answer has left. */
export function afterEachAnswer(
  fastify: FastifyInstance,
  then: (request: FastifyRequest, reply: FastifyReply) => void,
): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    then(request, reply);
    done();
  });
}

/** One line a request. */
export const logRequests = (fastify: FastifyInstance, log: Log): void =>
  afterEachAnswer(fastify, (request, reply) =>
    log.info('request', {
      request_id: request.id,
      method: request.method,
      route: routeOf(request),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    }),
  );
