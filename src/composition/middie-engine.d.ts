/** What `@fastify/middie` runs middleware with; not typed by the package. */
declare module '@fastify/middie/lib/engine.js' {
  type Next = (error?: unknown) => void;
  type Middleware = (request: object, response: object, next: Next) => unknown;

  interface Engine {
    use(path: string, run: Middleware): this;
    run(request: object, response: object, context: Next): void;
  }

  export default function middie(
    complete: (error: unknown, request: object, response: object, context: Next) => void,
    options: Readonly<Record<string, unknown>>,
  ): Engine;
}
