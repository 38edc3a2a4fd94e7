import { type AddressInfo, isIPv6 } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';

const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '127.0.0.1' };

/** Where modules reach this host: where it listens in fact, once it does; before that, where it is to listen. */
@Injectable()
export class HostUrl {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(HOST_CONFIG) private readonly config: Pick<HostConfig, 'host' | 'port'>,
  ) {}

  /** Without a slash at the end, such as `http://127.0.0.1:4000`. */
  get(): string {
    const bound = this.#boundTo();
    return hostUrl(bound?.address ?? this.config.host, bound?.port ?? this.config.port);
  }

  #boundTo(): AddressInfo | undefined {
    const server = this.adapterHost.httpAdapter.getHttpServer() as { address(): AddressInfo | string | null };
    const address = server.address();
    return address !== null && typeof address === 'object' ? address : undefined;
  }
}

/** One that listens everywhere is reached at the loopback address. */
export function hostUrl(address: string, port: number): string {
  const reachable = ANY_ADDRESS[address] ?? address;
  return `http://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}`;
}
