import { ERROR_ENTRIES, MANIFEST_ENTRIES } from './error-entries.js';

const HEAD = `# Error codes

Written by \`npm run docs:errors\` from the catalogues in \`src/\`; change it there.

Every error of the host is an \`application/problem+json\` document (RFC 9457). Match on its \`code\`, which is stable; \`detail\`
says what happened this time, \`remedy\` what to do about it, and \`problems\` lists everything that is wrong with an input, each
with its own code. The \`type\` of a problem leads to its code at \`GET /docs/errors\`.
`;

const MANIFEST_HEAD = `## Problems of a manifest

These stand in the \`problems\` of a \`MANIFEST_INVALID\` error and in the answer of \`POST /api/v1/modules/validate\`, each with its
JSON pointer, line and column where they are known.
`;

/** The text of `docs/errors.md`. */
export function renderErrorDocs(): string {
  const errors = ERROR_ENTRIES.map(
    ({ code, anchor, status, title, remedy }) =>
      `### <a id="${anchor}"></a>${code}\n\n${status}: ${title}.\n\n${remedy}\n`,
  );
  const manifest = MANIFEST_ENTRIES.map(
    ({ code, anchor, meaning }) => `- <a id="${anchor}"></a>\`${code}\`: ${meaning}\n`,
  );
  return [HEAD, '## Errors\n', ...errors, MANIFEST_HEAD, manifest.join('')].join('\n');
}
