import { type DynamicModule, Module } from '@nestjs/common';
import { HOST_CONFIG, type HostConfig } from './host-config.js';

/** Gives every provider of the host its {@link HostConfig}, by `@Inject(HOST_CONFIG)`. */
@Module({})
export class ConfigModule {
  static forRoot(config: HostConfig): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: HOST_CONFIG, useValue: config }],
      exports: [HOST_CONFIG],
    };
  }
}
