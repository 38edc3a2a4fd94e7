/** Builds where the build is not current, then runs the host in this same process, so that signals reach it. */
import { buildIfStale } from './build.js';

buildIfStale();
await import('../dist/main.js');
