import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { HOST_VERSION } from '../../common/host-version.js';
import { AdminModule } from '../admin.module.js';
import { ADMIN_TOKEN_SCHEME } from '../http/host-controller.decorator.js';
import { ApiDocumentService } from './api-document.service.js';

/** Describes the host's own routes once; call it when the application is made and before it listens. */
export function setUpApiDocument(app: INestApplication): void {
  const base = new DocumentBuilder()
    .setTitle('Nestdock')
    .setDescription('The host, and the modules that are docked in it now')
    .setVersion(HOST_VERSION)
    .addTag('Modules', 'Find, enable, reload and disable modules')
    .addTag('Jobs', 'What modules do on a schedule, and each run of it')
    .addTag('Host', 'Health and schemas; open to everybody')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'opaque',
        description: 'ADMIN_TOKEN, or what DATA_DIR/admin-token has',
      },
      ADMIN_TOKEN_SCHEME,
    )
    .build();
  app.get(ApiDocumentService).describeHost(SwaggerModule.createDocument(app, base, { include: [AdminModule] }));
}
