/** JSON Schemas of the routes. Fastify checks what comes in, and sends no more than what they name. */

export const METER_PARAMS = {
  type: 'object',
  properties: { id: { type: 'string', pattern: '^[a-z][a-z0-9-]*$' } },
  required: ['id'],
} as const;

export const READING_RESPONSE = {
  type: 'object',
  properties: {
    meterId: { type: 'string' },
    timestamp: { type: 'string', format: 'date-time' },
    powerW: { type: 'number' },
    energyKwh: { type: 'number' },
  },
  required: ['meterId', 'timestamp', 'powerW', 'energyKwh'],
} as const;

export const METERS_RESPONSE = {
  type: 'object',
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: { id: { type: 'string' }, name: { type: 'string' } },
        required: ['id', 'name'],
      },
    },
    total: { type: 'integer' },
    nextCursor: { type: 'null' },
  },
  required: ['items', 'total', 'nextCursor'],
} as const;

export const NOT_FOUND_RESPONSE = {
  type: 'object',
  properties: { statusCode: { type: 'integer' }, error: { type: 'string' }, message: { type: 'string' } },
} as const;
