/** The files of Fastify's own that `fastify-internals.ts` builds on; Fastify ships no types for them. */

declare module 'fastify/lib/symbols.js' {
  const symbols: {
    readonly kRouteContext: symbol;
    readonly kFourOhFourContext: symbol;
    readonly kReplyHijacked: symbol;
    readonly kSchemaController: symbol;
    readonly kOptions: symbol;
    readonly kRequestSignal: symbol;
  };
  export default symbols;
}

declare module 'fastify/lib/validation.js' {
  import { type FastifyRequest } from 'fastify';

  type Compile = (part: { readonly schema: unknown; readonly httpStatus?: string }) => unknown;
  const validation: {
    compileSchemasForValidation(context: object, compile: Compile, isCustom: boolean): void;
    compileSchemasForSerialization(context: object, compile: Compile): void;
    /** false where the request is valid; a promise where a schema is asynchronous. */
    validate(context: object, request: FastifyRequest): false | Error | Promise<false | Error>;
  };
  export default validation;
}

declare module 'fastify/lib/schemas.js' {
  const schemas: { normalizeSchema(schema: object, options: object): object };
  export default schemas;
}

declare module 'fastify/lib/head-route.js' {
  const headRoute: { parseHeadOnSendHandlers(handlers: undefined): (...args: unknown[]) => unknown };
  export default headRoute;
}
