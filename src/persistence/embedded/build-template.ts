/** Part of the build: packs the first state of the embedded database beside the compiled code. */
import 'reflect-metadata';
import { BUILT_TEMPLATE } from './embedded-server.js';
import { makeTemplate } from './make-template.js';

await makeTemplate(BUILT_TEMPLATE);
