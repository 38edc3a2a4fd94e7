import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { HOST_CONFIG, type HostConfig } from '../config/host-config.js';
import { AdminToken } from './admin-token.js';
import { AdminTokenGuard } from './admin-token.guard.js';

/** Closes the admin API. Wants {@link HOST_CONFIG} and {@link LOGGER} as global providers. */
@Module({
  providers: [
    AdminTokenGuard,
    {
      provide: AdminToken,
      useFactory: (config: HostConfig): Promise<AdminToken> => AdminToken.resolve(config),
      inject: [HOST_CONFIG],
    },
  ],
  exports: [AdminToken],
})
export class AuthModule implements OnModuleInit {
  constructor(
    private readonly token: AdminToken,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Says where the token is, and never what it is. */
  onModuleInit(): void {
    if (this.token.file !== undefined) this.logger.info({ file: this.token.file }, 'The admin token is in this file');
  }
}
