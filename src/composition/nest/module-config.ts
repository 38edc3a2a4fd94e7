import {
  type CanActivate,
  type ExceptionFilter,
  type NestInterceptor,
  type PipeTransform,
  type VersioningOptions,
  VersioningType,
} from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { type InstanceWrapper } from '../nest-internals.js';

/**
 * What Nest reads of an application, for one module: its own prefix and versioning, and the host's global guards,
 * pipes, interceptors and filters (read live) ahead of its own.
 */
export class ModuleConfig extends ApplicationConfig {
  constructor(
    private readonly host: ApplicationConfig,
    prefix: string,
    versioning: VersioningOptions = { type: VersioningType.URI },
  ) {
    super();
    this.setGlobalPrefix(prefix);
    this.enableVersioning({ ...versioning });
  }

  override getGlobalPipes(): PipeTransform[] {
    return [...this.host.getGlobalPipes(), ...super.getGlobalPipes()];
  }

  override getGlobalGuards(): CanActivate[] {
    return [...this.host.getGlobalGuards(), ...super.getGlobalGuards()];
  }

  override getGlobalInterceptors(): NestInterceptor[] {
    return [...this.host.getGlobalInterceptors(), ...super.getGlobalInterceptors()];
  }

  override getGlobalFilters(): ExceptionFilter[] {
    return [...this.host.getGlobalFilters(), ...super.getGlobalFilters()];
  }

  override getGlobalRequestPipes(): InstanceWrapper<PipeTransform>[] {
    return [...this.host.getGlobalRequestPipes(), ...super.getGlobalRequestPipes()];
  }

  override getGlobalRequestGuards(): InstanceWrapper<CanActivate>[] {
    return [...this.host.getGlobalRequestGuards(), ...super.getGlobalRequestGuards()];
  }

  override getGlobalRequestInterceptors(): InstanceWrapper<NestInterceptor>[] {
    return [...this.host.getGlobalRequestInterceptors(), ...super.getGlobalRequestInterceptors()];
  }

  override getGlobalRequestFilters(): InstanceWrapper<ExceptionFilter>[] {
    return [...this.host.getGlobalRequestFilters(), ...super.getGlobalRequestFilters()];
  }
}
