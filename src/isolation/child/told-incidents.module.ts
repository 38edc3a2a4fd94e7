import { type DynamicModule, Module } from '@nestjs/common';
import { INCIDENTS, type Incident, type Incidents } from '../../kernel/index.js';
import { type FromChild } from '../protocol.js';

/** Tells the host what its module did wrong: it is the host that counts. */
@Module({})
export class ToldIncidentsModule {
  static forRoot(send: (message: FromChild) => void): DynamicModule {
    const incidents: Incidents = {
      countsErrors: false,
      report: (incident: Incident) => send({ type: 'incident', incident }),
    };
    return {
      module: ToldIncidentsModule,
      global: true,
      providers: [{ provide: INCIDENTS, useValue: incidents }],
      exports: [INCIDENTS],
    };
  }
}
