import { type ServerResponse } from 'node:http';
import { type Dispatcher } from 'undici';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { answerRaw } from '../../routing/index.js';
import { UNMATCHED_HEADER } from '../protocol.js';

type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** Of the connection between the two processes, and not of the answer. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'trailer', 'upgrade'];

/**
 * One answer on its way from a module's process to the client. It goes no faster than the client takes it, and a client
 * that leaves is told to the process. Where the process ends before it has begun to answer, the host answers 502.
 */
export class ForwardedAnswer implements Dispatcher.DispatchHandler {
  #controller: Controller | undefined;
  /** Nobody waits for the answer any more, or somebody else gives it. */
  #over = false;
  #begun = false;

  constructor(
    private readonly moduleName: string,
    private readonly response: ServerResponse,
    private readonly unmatched: () => void,
  ) {}

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#over) controller.abort(abandoned());
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers, statusMessage?: string): void {
    if (this.#over || status < 200) return;
    if (headers[UNMATCHED_HEADER] !== undefined) {
      this.#over = true;
      return this.unmatched();
    }
    // Answered in the module's place by now: what comes is dropped.
    if (this.response.headersSent) return void (this.#over = true);
    this.#begun = true;
    for (const name of HOP_BY_HOP) delete headers[name];
    this.response.writeHead(status, statusMessage, headers as Record<string, string | string[]>);
    // A stream may say nothing for long after its head: it must not wait for the first byte.
    if (headers['content-length'] === undefined) process.nextTick(() => this.#flush());
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#over) return;
    if (this.response.write(chunk)) return;
    controller.pause();
    this.response.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.response.end();
  }

  onResponseError(_controller: unknown, cause: Error): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#begun) this.response.destroy();
    else answerRaw(this.response, crashed(this.moduleName, cause));
  }

  /** The client has left, or the host has answered: the process need not go on. */
  readonly abandon = (): void => {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.abort(abandoned());
  };

  #flush(): void {
    if (!this.#over && !this.response.writableEnded) this.response.flushHeaders();
  }
}

const crashed = (moduleName: string, cause: Error): NestdockError =>
  new NestdockError('MODULE_CRASHED', `the process of the module "${moduleName}" ended before it had answered`, {
    cause,
  });

const abandoned = (): DOMException => new DOMException('nobody waits for the answer', 'AbortError');
