/** Runs after an install: builds, so that the first start need not. An install without the tools leaves it at that. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, isStale, ROOT } from './build.js';

if (existsSync(join(ROOT, 'node_modules/@nestjs/cli')) && isStale()) build();
