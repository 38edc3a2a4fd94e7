import { VERSION_NEUTRAL, type VersioningOptions, VersioningType } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { getMediaTypeVersion } from '../nest-internals.js';

/** One version of a route; `VERSION_NEUTRAL` in a list of versions stands for requests that name none. */
export type RouteVersion = string | typeof VERSION_NEUTRAL;

type RequestedVersion = RouteVersion | readonly RouteVersion[] | undefined;

/**
 * Tells which of the versions of one path a request asks for, as Nest's Fastify adapter does with static routes.
 * Versions in the path are not its matter.
 */
export class VersionSelection {
  readonly #known = new Set<RouteVersion>();
  readonly #requested: (request: FastifyRequest) => RequestedVersion;

  constructor(options: VersioningOptions = { type: VersioningType.URI }) {
    this.#requested = requestedVersion(options);
  }

  add(version: RouteVersion): void {
    this.#known.add(version);
  }

  select(request: FastifyRequest): RouteVersion | undefined {
    const requested = this.#requested(request);
    return Array.isArray(requested)
      ? (requested as readonly RouteVersion[]).find((version) => this.#known.has(version))
      : (requested as RouteVersion | undefined);
  }
}

function requestedVersion(options: VersioningOptions): (request: FastifyRequest) => RequestedVersion {
  switch (options.type) {
    case VersioningType.HEADER: {
      const header = options.header.toLowerCase();
      return ({ headers }) => headers[header] ?? VERSION_NEUTRAL;
    }
    case VersioningType.MEDIA_TYPE:
      return ({ headers }) => getMediaTypeVersion(headers.accept, options.key) ?? VERSION_NEUTRAL;
    case VersioningType.CUSTOM:
      // As on a static route, the extractor is given the raw request.
      return ({ raw }) => options.extractor(raw);
    case VersioningType.URI:
      return () => VERSION_NEUTRAL;
  }
}
