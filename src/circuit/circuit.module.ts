import { Global, Module } from '@nestjs/common';
import { INCIDENTS } from '../kernel/index.js';
import { ModuleIncidents } from './module-incidents.js';

/** Counts what modules do wrong. Global, as whatever runs their code reports to it. */
@Global()
@Module({
  providers: [ModuleIncidents, { provide: INCIDENTS, useExisting: ModuleIncidents }],
  exports: [ModuleIncidents, INCIDENTS],
})
export class CircuitModule {}
