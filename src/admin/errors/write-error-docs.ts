import { writeFile } from 'node:fs/promises';
import { renderErrorDocs } from './error-docs.js';

await writeFile('docs/errors.md', renderErrorDocs());
