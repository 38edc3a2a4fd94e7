import { type FastifyHelmetOptions } from '@fastify/helmet';

/**
 * Security headers for a host that serves plain HTTP, as one behind a proxy does. Helmet's own defaults would have
 * browsers ask for the files of `/docs` over HTTPS, and so find nothing; whoever ends TLS is to promise it.
 */
export const SECURITY_HEADERS = {
  contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
  strictTransportSecurity: false,
} as const satisfies FastifyHelmetOptions;
