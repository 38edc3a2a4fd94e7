import { type FastifyPluginAsync } from 'fastify';
import { type ModuleContext } from 'nestdock';
import { findMeter, METERS, read } from './meters.js';
import { METER_PARAMS, METERS_RESPONSE, NOT_FOUND_RESPONSE, READING_RESPONSE } from './schemas.js';

/** Power meters over HTTP, as an ordinary Fastify plugin. */
const demoMeter: FastifyPluginAsync<{ context: ModuleContext }> = async (instance, { context }) => {
  instance.get('/reading', { schema: { response: { 200: READING_RESPONSE } } }, async () =>
    read(METERS[0], new Date()),
  );

  instance.get('/meters', { schema: { response: { 200: METERS_RESPONSE } } }, async () => ({
    items: METERS,
    total: METERS.length,
    nextCursor: null,
  }));

  instance.get<{ Params: { id: string } }>(
    '/meters/:id/reading',
    { schema: { params: METER_PARAMS, response: { 200: READING_RESPONSE, 404: NOT_FOUND_RESPONSE } } },
    async ({ params }, reply) => {
      const meter = findMeter(params.id);
      if (meter) return read(meter, new Date());
      return reply
        .code(404)
        .send({ statusCode: 404, error: 'Not Found', message: `There is no meter "${params.id}"; see /meters` });
    },
  );

  context.logger.info('Meters are on', { meters: METERS.map(({ id }) => id) });
};

export default demoMeter;
