/** Builds where the build is not current, then runs the host in this same process, so that signals reach it. */
import { build, isStale } from './build.js';

if (isStale()) build();
await import('../dist/main.js');
