import { Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { MANIFEST_SCHEMA } from '../../manifest/index.js';
import { HostController } from '../http/host-controller.decorator.js';

@HostController('schemas', 'Host')
export class SchemasController {
  @Get('manifest.json')
  @Header('content-type', 'application/schema+json')
  @ApiOperation({ summary: "The JSON Schema of a module's manifest.json" })
  @ApiOkResponse({ schema: { type: 'object' } })
  manifest(): object {
    return MANIFEST_SCHEMA;
  }
}
