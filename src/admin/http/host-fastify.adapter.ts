import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyError, type FastifyReply, type FastifyRequest, type FastifyServerOptions } from 'fastify';
import { isModuleRequest } from '../../auth/index.js';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type Logger } from '../../common/logging/logger.js';
import { answerError } from './answer-error.js';

type ErrorHandler = Parameters<FastifyAdapter['setErrorHandler']>[0];
type NotFoundHandler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/**
 * Answers what fails before a host controller is reached with problem documents: unknown paths, bodies that cannot be
 * read, malformed URLs. What a module's own route fails with, Nest answers, as in a static app.
 */
export class HostFastifyAdapter extends FastifyAdapter {
  readonly #log: Logger;

  constructor(logger: Logger, options: FastifyServerOptions = {}) {
    super({
      ...options,
      frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
        answerError(error, request, reply, logger),
    });
    this.#log = logger;
  }

  override setErrorHandler(handler: ErrorHandler): ReturnType<FastifyAdapter['setErrorHandler']> {
    return super.setErrorHandler((error, request, reply) => {
      if (!isModuleRequest(request)) return answerError(error, request, reply, this.#log);
      const answered: unknown = handler.call(this.getInstance(), error, request, reply);
      return answered;
    });
  }

  /** Nest's handler is not asked: a path that nothing answers is the host's to tell of, whoever's prefix it is under. */
  override setNotFoundHandler(_handler: NotFoundHandler): ReturnType<FastifyAdapter['setNotFoundHandler']> {
    return super.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
      answerError(routeNotFound(request), request, reply, this.#log);
    });
  }
}

const routeNotFound = ({ method, url }: FastifyRequest): NestdockError =>
  new NestdockError('ROUTE_NOT_FOUND', `Nothing answers ${method} ${url}`);
