import { Inject, Injectable, type Type } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { type Undo } from '../common/undo-stack.js';
import { type Capability, type Generation } from '../kernel/index.js';
import { type ModuleContext } from '../sdk/index.js';
import { ModuleExports } from './exports/module-exports.js';
import { HostUrl } from './host-url.js';
import { createModuleLogger } from './module-logger.js';
import { ModuleProviders } from './module-providers.js';

/** Makes what the host gives a module: name, address, log, settings, providers. */
@Injectable()
export class ContextCapability implements Capability {
  readonly name = 'context';
  readonly isolation = 'inline';

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly hostUrl: HostUrl,
    private readonly providers: ModuleProviders,
    private readonly exports: ModuleExports,
  ) {}

  attach(generation: Generation): Undo {
    const { hostUrl, providers, exports } = this;
    const { name, version } = generation.release;
    const { dataSource } = generation.part('data');
    const settings = generation.part('settings');
    const subscriptions = new Set<() => void>();
    const context: ModuleContext = {
      module: Object.freeze({ name, version }),
      get hostUrl() {
        return hostUrl.get();
      },
      logger: createModuleLogger(this.logger.child({ module: name })),
      settings: settings.values,
      dataSource,
      get: <T>(token: Type<T> | string | symbol) =>
        (exports.get(generation, token) as T | undefined) ?? providers.get(context, token),
      onSettingsChanged: (listener) => {
        const end = settings.onChange(listener);
        subscriptions.add(end);
        return () => {
          subscriptions.delete(end);
          end();
        };
      },
    };
    generation.provide('context', context);
    return () => {
      for (const end of subscriptions) end();
    };
  }
}
