import { Module } from '@nestjs/common';
import { RELEASE_STORE } from '../kernel/index.js';
import { DatabaseReleaseStore } from './release-store.js';

/** Keeps releases in the host's database. */
@Module({
  providers: [{ provide: RELEASE_STORE, useClass: DatabaseReleaseStore }],
  exports: [RELEASE_STORE],
})
export class ReleaseStoreModule {}
