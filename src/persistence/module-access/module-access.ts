import { Inject, Injectable } from '@nestjs/common';
import { HOST_CONFIG, type HostConfig } from '../../config/index.js';
export type ModuleConnection = { readonly kind: 'postgres'; readonly url: string; readonly poolSize: number };
@Injectable()
export class ModuleAccess {
  constructor(@Inject(HOST_CONFIG) private readonly config: HostConfig) {}
  async open(_name: string, _owner?: { uid: number; gid: number }): Promise<{ connection: ModuleConnection; close(): Promise<void> }> {
    return {
      connection: { kind: 'postgres', url: this.config.databaseUrl ?? '', poolSize: 5 },
      close: async () => undefined,
    };
  }
}
