import { Get, Header, Param, StreamableFile } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { ERROR_PAGE } from '../errors/error-page.js';
import { HostController } from '../http/host-controller.decorator.js';
import { type ApiDocument, ApiDocumentService } from './api-document.service.js';
import { SWAGGER_PAGE, SWAGGER_START, swaggerAsset } from './swagger-ui.js';

const HTML = 'text/html; charset=utf-8';

@ApiExcludeController()
@HostController('', 'Docs')
export class DocsController {
  constructor(private readonly documents: ApiDocumentService) {}

  @Get('docs')
  @Header('content-type', HTML)
  page(): string {
    return SWAGGER_PAGE;
  }

  @Get('docs-json')
  @Header('cache-control', 'no-store')
  document(): Promise<ApiDocument> {
    return this.documents.current();
  }

  @Get('docs/errors')
  @Header('content-type', HTML)
  errors(): string {
    return ERROR_PAGE;
  }

  @Get('docs/start.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  start(): string {
    return SWAGGER_START;
  }

  @Get('docs/:asset')
  @Header('cache-control', 'public, max-age=3600')
  asset(@Param('asset') name: string): StreamableFile {
    const asset = swaggerAsset(name);
    if (!asset) throw new NestdockError('ROUTE_NOT_FOUND', `Nothing answers GET /docs/${name}`);
    return new StreamableFile(asset.open(), { type: asset.type });
  }
}
