import { ERROR_ENTRIES, MANIFEST_ENTRIES } from './error-entries.js';

const section = (anchor: string, code: string, ...paragraphs: string[]): string =>
  `<section id="${anchor}"><h3><a href="#${anchor}">${code}</a></h3>${paragraphs.map((text) => `<p>${text}</p>`).join('')}</section>`;

const html = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>');

/** What the `type` of a problem leads to: each code at its own fragment. */
export const ERROR_PAGE = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Nestdock error codes</title></head>
  <body>
    <h1>Error codes</h1>
    <h2>Problems</h2>
    ${ERROR_ENTRIES.map(({ anchor, code, status, title, remedy }) =>
      section(anchor, code, `${status}: ${html(title)}.`, html(remedy)),
    ).join('\n    ')}
    <h2>Problems of a manifest</h2>
    ${MANIFEST_ENTRIES.map(({ anchor, code, meaning }) => section(anchor, code, html(meaning))).join('\n    ')}
  </body>
</html>
`;
