import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fastify, type FastifyRequest } from 'fastify';
import {
  deriveContext,
  headTraits,
  refusalOf,
  routeContextOf,
  routeToNotFound,
  sendError,
  serializerCompilerOf,
  setRouteContext,
  setSignalSource,
  signalSourceOf,
  takeBack,
} from './fastify-internals.js';

/** What `fastify-internals.ts` takes for granted of Fastify, one test each: an upgrade that breaks one says which. */
describe('Fastify', () => {
  const server = fastify();
  const stopped = AbortSignal.abort();
  let request: FastifyRequest;

  beforeAll(() => {
    server.addHook('onSend', (_request, _reply, payload, done) => done(null, payload));
    server.get('/a', {
      onRequest: (asked, reply, done) => {
        request = asked;
        const { how } = asked.query as { how?: string };
        if (how === 'swap') setRouteContext(asked, deriveContext(routeContextOf(asked), { handler: () => 'swapped' }));
        if (how === 'lost') routeToNotFound(asked);
        if (how === 'taken back') {
          reply.hijack();
          takeBack(reply);
        }
        if (how === 'signalled') setSignalSource(asked, { signal: stopped });
        done();
      },
      handler: () => 'own',
    });
  });

  afterAll(() => server.close());

  const ask = async (how: string) => server.inject({ url: '/a', query: { how } });

  test('keeps the context of its route on the request', async () => {
    await ask('none');
    const { config, handler, onSend } = routeContextOf(request);
    expect(config).toMatchObject({ url: '/a', method: 'GET' });
    expect(typeof handler).toBe('function');
    expect(onSend).toHaveLength(1);
  });

  test('reads handler and config from that context after onRequest', async () => {
    expect((await ask('swap')).body).toBe('swapped');
    expect((await ask('none')).body).toBe('own');
  });

  test('reads the signal of a request from what it was given', async () => {
    expect((await ask('signalled')).body).toBe('own');
    expect(request.signal).toBe(stopped);
    expect(signalSourceOf(request)).toEqual({ signal: stopped });
    await ask('none');
    expect(signalSourceOf(request)).toBeUndefined();
    expect(request.signal.aborted).toBe(false);
  });

  test('keeps the context of its 404 in that of each route', async () => {
    const lost = await ask('lost');
    expect(lost.statusCode).toBe(404);
    expect(lost.json()).toMatchObject({ error: 'Not Found' });
    expect(request.is404).toBe(true);
  });

  test('answers a reply whose hijacking was taken back', async () => {
    expect((await ask('taken back')).body).toBe('own');
  });

  test('ends HEAD routes with a hook that drops the body', async () => {
    await ask('none');
    const { onSend } = headTraits(routeContextOf(request));
    expect(onSend).toHaveLength(2);
    expect(onSend?.[1]).toHaveProperty('name', 'headRouteOnSendHandler');
  });

  test('has a compiler for the schemas of answers', () => {
    const serialize = serializerCompilerOf(server)({ type: 'object', properties: { a: { type: 'string' } } });
    expect((serialize as (value: object) => string)({ a: 1, b: 2 })).toBe('{"a":"1"}');
  });

  test('keeps the options it was made with', async () => {
    const frameworkErrors = () => undefined;
    const other = fastify({ frameworkErrors });
    expect(refusalOf(other)).toBe(frameworkErrors);
    expect(refusalOf(server)).toBe(sendError);
    await other.close();
  });
});
