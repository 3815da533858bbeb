// SPDX-License-Identifier: AGPL-3.0-or-later
import type { SecurityHeadersOptions } from '@nestjs/common';

/** On every answer, also on one that no controller gave: it runs nothing and is framed nowhere. Pages allow themselves more. */
export const securityHeaders = (publicUrl: string): SecurityHeadersOptions => ({
  contentSecurityPolicy: { useDefaults: false, directives: { 'default-src': "'none'", 'frame-ancestors': "'none'" } },
  referrerPolicy: { policy: 'no-referrer' },
  xContentTypeOptions: true,
  strictTransportSecurity: publicUrl.startsWith('https:') && { includeSubDomains: false },
  crossOriginOpenerPolicy: false,
  crossOriginResourcePolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
});
