import { type DynamicModule, Global, Module } from '@nestjs/common';
import { SecretRegistry } from '../redaction/secret-registry.js';
import { LOGGER, type Logger } from './logger.js';

/** The host's log, and the secrets that it shows nothing of. */
@Global()
@Module({})
export class LoggingModule {
  static forRoot(logger: Logger, secrets: SecretRegistry): DynamicModule {
    const providers = [
      { provide: LOGGER, useValue: logger },
      { provide: SecretRegistry, useValue: secrets },
    ];
    return { module: LoggingModule, providers, exports: [LOGGER, SecretRegistry] };
  }
}
