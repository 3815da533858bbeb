// SPDX-License-Identifier: AGPL-3.0-or-later
import type { FastifyRequest } from 'fastify';

/**
 * What was asked for as the router read it: `/%61pi/v1/slots` and `http://host/api/v1/slots` are doors of the API too.
 * Where there is no door, the address as it came.
 */
export const askedPath = (request: FastifyRequest): string => request.routeOptions.url ?? request.url;

export const isApi = (request: FastifyRequest): boolean => askedPath(request).startsWith('/api/');
