import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Param, Post, Version } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { type FastifyInstance } from 'fastify';
import { TestHost } from '../spec-support/test-host.js';

class CreateCat {
  @ApiProperty()
  name!: string;
}

@Controller('cats')
class CatsController {
  @Get(':id')
  @Version('2')
  one(@Param('id') id: string) {
    return id;
  }

  @Post()
  create(@Body() cat: CreateCat) {
    return cat;
  }
}

@Module({ controllers: [CatsController] })
class Cats {}

describe('the API document of a generation', () => {
  let host: TestHost;
  beforeEach(async () => (host = await TestHost.start()));
  afterEach(() => host.stop());

  it('has its controllers and the routes of its manifest, and nothing else', async () => {
    await host.load('other', { entry: Cats });
    const { generation } = await host.load('cats', {
      entry: Cats,
      routes: [
        {
          method: 'GET',
          path: '/readings/:meter',
          handler: 'h',
          summary: 'Latest readings',
          schema: {
            params: { type: 'object', properties: { meter: { type: 'integer', description: 'number of the meter' } } },
            querystring: { type: 'object', properties: { limit: { type: 'integer' } }, required: ['limit'] },
            response: { '2xx': { type: 'array', items: { type: 'number' } } },
          },
        },
      ],
      handlers: { h: () => [] },
    });
    const document = await generation.part('apiDocument')();
    expect(Object.keys(document.paths).sort()).toEqual([
      '/api/v1/m/cats/cats',
      '/api/v1/m/cats/readings/{meter}',
      '/api/v1/m/cats/v2/cats/{id}',
    ]);
    expect(document.components?.schemas).toHaveProperty('CreateCat.properties.name', { type: 'string' });
    expect(document.paths['/api/v1/m/cats/readings/{meter}']).toEqual({
      get: {
        summary: 'Latest readings',
        parameters: [
          {
            name: 'meter',
            in: 'path',
            required: true,
            schema: { type: 'integer' },
            description: 'number of the meter',
          },
          { name: 'limit', in: 'query', required: true, schema: { type: 'integer' } },
        ],
        responses: {
          '2XX': {
            description: 'Answer',
            content: { 'application/json': { schema: { type: 'array', items: { type: 'number' } } } },
          },
        },
      },
    });
  });

  it('has the routes of its plugin', async () => {
    const schema = { summary: 'Say it', body: { type: 'object', properties: { what: { type: 'string' } } } };
    const { generation } = await host.load('plug', {
      entry: async (scope: FastifyInstance) => void scope.post('/say', { schema }, () => 'said'),
    });
    expect((await generation.part('apiDocument')()).paths).toEqual({
      '/api/v1/m/plug/say': {
        post: {
          summary: 'Say it',
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { type: 'object', properties: { what: { type: 'string' } } } } },
          },
          responses: { 200: { description: 'OK' } },
        },
      },
    });
  });
});
