import { Module } from '@nestjs/common';
import { ModuleRouter } from './module-router.js';
import { RoutingCapability } from './routing-capability.js';

@Module({
  providers: [ModuleRouter, RoutingCapability],
  exports: [ModuleRouter, RoutingCapability],
})
export class RoutingModule {}
